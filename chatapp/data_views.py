"""A person's own data over HTTP: what there is, a copy of it, and its end."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable

from allauth.account.forms import ReauthenticateForm
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from chatapp import accounts, conf, exports, limits, people, privacy
from chatapp.limits import Kind
from chatapp.models import Conversation, Message

private = cache_control(private=True, no_store=True)


@private
@require_GET
async def overview(request: HttpRequest) -> HttpResponse:
    """`/data/`: what is kept of this person, and what can be done with it."""
    return await sync_to_async(_overview)(request)


@private
@require_GET
async def export_json(request: HttpRequest) -> HttpResponseBase:
    """All conversations as one JSON file."""
    return await _export(request, exports.as_json, "json", "application/json")


@private
@require_GET
async def export_markdown(request: HttpRequest) -> HttpResponseBase:
    """All conversations as one Markdown file."""
    return await _export(request, exports.as_markdown, "md", "text/markdown; charset=utf-8")


@private
@require_POST
async def delete_everything(request: HttpRequest) -> HttpResponse:
    """Delete all that is kept of this person, here and in the browser."""
    person = people.current(request)
    if person:
        await privacy.delete_person(person)
    # An account stays logged in; a guest begins as somebody new.
    response = _done()
    return response if people.is_account(person) else people.forget(response)


@private
@require_POST
async def delete_account(request: HttpRequest) -> HttpResponse:
    """Delete the account with everything of it. Asks for the password, as whoever finds an open browser has none."""
    user: User | None = request.account  # type: ignore[attr-defined]
    if user is None or user.is_staff:
        raise Http404
    form = ReauthenticateForm(request.POST, user=user)
    if not await sync_to_async(form.is_valid)():
        return await sync_to_async(_overview)(request, status=422, form=form)
    await accounts.delete(user)
    return await sync_to_async(_gone)(request)


@require_GET
async def deleted(request: HttpRequest) -> HttpResponse:
    """`/data/deleted/`: it is done."""
    return await sync_to_async(render)(request, "data/deleted.html")


def _done() -> HttpResponse:
    response = HttpResponseRedirect(reverse("deleted"), status=303)
    response["Clear-Site-Data"] = '"storage"'  # drafts, and the id that ads are counted by
    return response


def _gone(request: HttpRequest) -> HttpResponse:
    logout(request)
    return people.forget(_done())


def _overview(
    request: HttpRequest, problem: str = "", status: int = 200, form: ReauthenticateForm | None = None
) -> HttpResponse:
    mine = Conversation.objects.owned_by(people.current(request))
    context = {
        "conversations": mine.count(),
        "messages": Message.objects.filter(conversation__in=mine).count(),
        "kept_days": conf.get_settings().keep_conversations_days,
        "problem": problem,
        "form": form or ReauthenticateForm(user=request.account),  # type: ignore[attr-defined]
        "can_change_address": bool(settings.EMAIL_URL),
        "changed": "changed" in request.GET,
    }
    return render(request, "data/overview.html", context, status=status)


async def _export(
    request: HttpRequest, pieces: Callable[[uuid.UUID, User | None], AsyncIterator[str]], ending: str, content_type: str
) -> HttpResponseBase:
    verdict = await limits.aspend(Kind.EXPORTS, request)
    if verdict.refused:
        return verdict.mark(await sync_to_async(_overview)(request, verdict.sentence(), 429))
    # Of somebody unknown: a file that says that there is nothing.
    person = people.current(request) or uuid.uuid4()
    account: User | None = request.account  # type: ignore[attr-defined]
    response = StreamingHttpResponse(pieces(person, account), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="conversations.{ending}"'
    return verdict.mark(response)
