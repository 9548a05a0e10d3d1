"""HTTP adapters: read the request, call one verb of `services`, render. With and without htmx."""

from __future__ import annotations

import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseLocation, trigger_client_event

from chatapp import ads, conf, drafts, limits, live, people, privacy, services, welcome
from chatapp.forms import MessageForm
from chatapp.limits import Kind
from chatapp.models import Conversation, Message, newest

LISTED_CONVERSATIONS = 100
private = cache_control(private=True, no_cache=True)

# Pages


@private
@require_http_methods(["GET", "HEAD", "POST"])
async def home(request: HttpRequest) -> HttpResponse:
    """`/`: an empty chat. Its first message makes the conversation."""
    if request.method == "POST":
        return await _send(request, None)
    person = people.current(request) or uuid.uuid4()
    return people.remember(await sync_to_async(_page)(request, None, person), person)


@private
@require_http_methods(["GET", "HEAD", "POST"])
async def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """`/c/<uuid>/`: a conversation from its newest part; `?before=` is the page of messages above a position."""
    found = await _own_conversation(request, conversation_id)
    if request.method == "POST":
        return await _send(request, found)
    return people.remember(await sync_to_async(_page)(request, found, found.owner), found.owner)


# Actions


@require_POST
async def stop(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """End the reply that is being written."""
    found = await _own_conversation(request, conversation_id)
    await services.stop_reply(found)
    return HttpResponse(status=204) if request.htmx else _see(found)  # type: ignore[attr-defined]


@require_POST
async def retry(request: HttpRequest, conversation_id: uuid.UUID, message_id: uuid.UUID) -> HttpResponse:
    """Have the assistant answer again after a reply that failed."""
    found = await _own_conversation(request, conversation_id)
    verdict = await limits.aspend(Kind.MESSAGES, request)
    if verdict.refused:
        return verdict.mark(await _refuse(request, found, verdict.sentence(), status=429))
    try:
        html = await services.retry_reply(conversation=found, message_id=message_id)
    except services.ReplyUnderway:
        return await _refuse(request, found, _underway(), status=409)
    except Conversation.DoesNotExist:
        raise Http404 from None  # deleted in this moment, in another tab
    except services.NothingToRetry:
        return await _refuse(request, found, _("This reply was already tried again."), status=409)
    return verdict.mark(HttpResponse(html) if request.htmx else _see(found))  # type: ignore[attr-defined]


@require_POST
async def delete(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Delete the conversation and everything of it."""
    found = await _own_conversation(request, conversation_id)
    await privacy.delete_conversation(found)
    return HttpResponseRedirect(reverse("home"), status=303)


# Health


@require_GET
async def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive."""
    return HttpResponse("ok", content_type="text/plain")


# What went wrong before any view


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a body that is larger than any message: in the page where htmx asked, else as a page."""
    too_large = isinstance(exception, RequestDataTooBig)
    limit = f"{conf.get_settings().max_message_length:,}"
    problem = (
        _("That is far too much for one message. Messages can have up to %(limit)s characters.") % {"limit": limit}
        if too_large
        else _("The server could not read this. Reload the page, then try again.")
    )
    status = 413 if too_large else 400
    if "HX-Request" in request.headers:
        return HttpResponse(render_to_string("chat/_composer_error.html", {"problem": problem}), status=status)
    return render(request, "400.html", {"problem": problem}, status=status)


# Internal


async def _own_conversation(request: HttpRequest, conversation_id: uuid.UUID) -> Conversation:
    """The person's conversation; to anybody else it does not exist."""
    mine = Conversation.objects.owned_by(people.current(request))
    found = await mine.filter(pk=conversation_id).afirst()
    if found is None:
        raise Http404
    return found


async def _send(request: HttpRequest, found: Conversation | None) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return await _refuse(request, found, form.problem(), status=422)
    verdict = await limits.aspend(Kind.MESSAGES, request)
    if verdict.refused:
        return verdict.mark(await _refuse(request, found, verdict.sentence(), status=429))
    person = people.current(request) or uuid.uuid4()
    try:
        sent, html = await services.send_message(
            person=person,
            conversation=found,
            message_id=form.cleaned_data["id"],
            text=form.cleaned_data["text"],
            language=get_language() or "en",
        )
    except services.ReplyUnderway:
        return await _refuse(request, found, _underway(), status=409)
    except Conversation.DoesNotExist:
        raise Http404 from None  # deleted in this moment, in another tab
    if sent.is_new:
        reply = live.find(sent.reply.pk)
        ads.user_wrote(sent.messages[0], request=request, began=reply.began if reply else None)
    return verdict.mark(people.remember(_sent(request, sent, html, stay=found is not None), person))


def _sent(request: HttpRequest, sent: services.Sent, html: str, *, stay: bool) -> HttpResponse:
    """The new turn for a page that shows the conversation; its address for all others."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _see(sent.conversation)
    if not stay:
        address = sent.conversation.get_absolute_url()
        return HttpResponseLocation(address, target="body", swap="innerHTML")
    return trigger_client_event(HttpResponse(html), "chat:sent", {"next": str(uuid.uuid4())})


async def _refuse(request: HttpRequest, found: Conversation | None, problem: str, *, status: int) -> HttpResponse:
    """Say beside the box what is wrong. The box keeps its text: in the page, or in the page that is sent anew."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(render_to_string("chat/_composer_error.html", {"problem": problem}), status=status)
    person = people.current(request) or uuid.uuid4()
    page = await sync_to_async(_page)(request, found, person, problem=problem, text=request.POST.get("text", ""))
    page.status_code = status
    return people.remember(page, person)


def _page(
    request: HttpRequest, found: Conversation | None, person: uuid.UUID, *, problem: str = "", text: str = ""
) -> HttpResponse:
    context = _messages(request, found)
    if request.htmx and "before" in request.GET:  # type: ignore[attr-defined]
        return render(request, "chat/_earlier.html", context)
    mine = Conversation.objects.owned_by(person)[:LISTED_CONVERSATIONS]
    context |= {"conversations": mine, "problem": problem, "text": text, "message_id": uuid.uuid4()}
    context["reader"] = drafts.reader(person)
    context |= {"starters": () if found else welcome.STARTERS, "notices": welcome.notices()}
    return render(request, "chat/conversation.html", context)


def _messages(request: HttpRequest, found: Conversation | None) -> dict[str, Any]:
    if found is None:
        return {"conversation": None, "messages": [], "earlier": None, "live": False}
    services.settle_stale(Message.objects.filter(conversation=found))
    before = request.GET.get("before", "")
    size = conf.get_settings().page_size
    messages = newest(found, limit=size, before=int(before) if before.isdecimal() and len(before) < 10 else None)
    earlier = messages[0].position if messages and messages[0].position > 1 else None
    live = any(message.is_live for message in messages)
    return {"conversation": found, "messages": messages, "earlier": earlier, "live": live}


def _see(found: Conversation) -> HttpResponse:
    return HttpResponseRedirect(f"{found.get_absolute_url()}#latest", status=303)


def _underway() -> str:
    return _("The assistant is still writing. Wait for the reply to end or stop it, then send your message.")
