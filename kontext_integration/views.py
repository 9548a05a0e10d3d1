"""The HTTP side of a shown ad: facts about the browser, events of its frame, its frozen messages; and ads.txt.

Every request is that of one person, as `KONTEXT["USER_ID"]` names them; other people's ads do not exist for them.
"""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from .bodies import is_key, takes_json
from .browsers import record_browser
from .conf import get_settings
from .events import AdError, AdEvent
from .opening import sessions
from .people import person
from .store import FRAME_FAILED, Slot, owned_slot, record_event, snapshot_for
from .untrusted import text

FAULT_KNOWN_FOR_S = 24 * 3600
"""A page that fails with an ad is likely to go on failing; the ad server hears of it once."""


@require_POST
@cache_control(no_store=True)
@takes_json
async def browser(request: HttpRequest, facts: dict[str, Any]) -> HttpResponse:
    """Facts about the browser (protocol 3). Those of a person without an id yet are dropped without complaint."""
    await sync_to_async(_take_browser)(request, facts)
    return HttpResponse(status=204)


@require_POST
@cache_control(no_store=True)
@takes_json
async def events(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """One event of a frame: `{message_id, code, bid_id, name, payload}` (protocol 5.2).

    400: no such shape; 404: not an ad of this person; 204: taken, or dropped as the protocol says.
    """
    if not all(is_key(body.get(name)) for name in ("message_id", "code", "bid_id", "name")):
        return HttpResponse(status=400)
    slot, event = await sync_to_async(_take_event)(request, body)
    if isinstance(event, AdError) and event.err_code == FRAME_FAILED:
        # The element has removed itself from the page (protocol 6.5).
        sessions.tell(slot.conversation_id, lambda session: session.remove_ad(slot.message_id, slot.code))
    return HttpResponse(status=204)


@require_POST
@cache_control(no_store=True)
@takes_json
async def faults(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    """A failure of our own code with an ad: `{message_id, code, bid_id, where, error}`, for `/error` (protocol 2.5).

    400: no such shape; 404: not an ad of this person; 204: told the ad server, once for each ad, if it wants to know.
    """
    where, error = text(body.get("where"), 100), text(body.get("error"), 200)
    if not all(is_key(body.get(name)) for name in ("message_id", "code", "bid_id")) or not where or not error:
        return HttpResponse(status=400)
    slot = await sync_to_async(_named_slot)(request, body)
    if await cache.aadd(f"kontext.fault.{slot.id}", 1, FAULT_KNOWN_FOR_S):
        fault = {"bid_id": slot.bid_id, "error": error, "where": where}
        sessions.tell(slot.conversation_id, lambda session: session.report_fault(**fault))
    return HttpResponse(status=204)


@require_GET
@cache_control(no_store=True)
async def snapshot(request: HttpRequest, message_id: str, code: str) -> JsonResponse:
    """`{"messages": [...]}`: what the ad's bid was made for (protocol 6.8). 404: not an ad of this person.

    Whoever asks shows the ad: from now on it exists (protocol 4.6).
    """
    slot, messages = await sync_to_async(_snapshot)(request, message_id, code)
    sessions.tell(slot.conversation_id, lambda session: session.create_ad(slot.message_id, slot.code))
    return JsonResponse({"messages": messages})


@require_GET
async def ads_txt(request: HttpRequest) -> HttpResponse:
    """The lines of `KONTEXT["ADS_TXT"]`, to be mounted at /ads.txt (protocol 7.3); 404 while there are none."""
    lines = get_settings().ads_txt
    if not lines:
        raise Http404
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def _take_browser(request: HttpRequest, facts: dict[str, Any]) -> None:
    user_id = person(request)
    if user_id is not None:
        record_browser(user_id=user_id, facts=facts, request=request)


def _take_event(request: HttpRequest, body: dict[str, Any]) -> tuple[Slot, AdEvent | None]:
    slot = _named_slot(request, body)
    return slot, record_event(slot, body["name"], body.get("payload"))


def _named_slot(request: HttpRequest, body: dict[str, Any]) -> Slot:
    slot = _owned(request, body["message_id"], body["code"])
    if slot.bid_id != body["bid_id"].lower():
        raise Http404
    return slot


def _snapshot(request: HttpRequest, message_id: str, code: str) -> tuple[Slot, list[dict[str, Any]]]:
    slot = _owned(request, message_id, code)
    return slot, snapshot_for(slot)


def _owned(request: HttpRequest, message_id: str, code: str) -> Slot:
    user_id = person(request)
    if user_id is None or not is_key(message_id) or not is_key(code):
        raise Http404
    slot = owned_slot(user_id=user_id, message_id=message_id, code=code)
    if slot is None:
        raise Http404
    return slot
