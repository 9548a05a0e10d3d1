"""The HTTP side of the browser relay: a page takes what waits for it, and hands back what came of it.

Every request is that of one person; what waits for others does not exist for them.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from . import relay_rows
from .models import AdRelay
from .people import person
from .relay import ring
from .transport import Reply

LARGEST_ANSWER = 64 * 1024
"""Bytes. The page script cuts what is longer; real answers have a few hundred bytes."""
_STATUS = re.compile(r"[1-5][0-9]{2}")


@require_POST
@cache_control(no_store=True)
async def take(request: HttpRequest) -> JsonResponse:
    """`{"requests": [{url, headers, body, timeout_ms, answer_url}]}`: all that waits for this person.

    No other page gets it any more. Of somebody unknown nothing waits.
    """
    taken = await sync_to_async(_take)(request)
    for row in taken:
        ring(row.pk)
    return JsonResponse({"requests": [_describe(row) for row in taken]})


@require_POST
@cache_control(no_store=True)
async def answer(request: HttpRequest, relay_id: uuid.UUID) -> HttpResponse:
    """What came of a taken request: `?status=` with the answer's bytes as the body, or `?failure=network`, `timeout`.

    413: too large; 400: no such shape; 204: taken, or dropped, because nobody waits for it (any more), it is another
    person's, no page took it, or it has its answer. To a page that is late this is no error.
    """
    if len(request.body) > LARGEST_ANSWER:
        return HttpResponse(status=413)
    given = _read(request)
    if given is None:
        return HttpResponse(status=400)
    if await sync_to_async(_answer)(request, relay_id, given):
        ring(relay_id)
    return HttpResponse(status=204)


def _read(request: HttpRequest) -> Reply | str | None:
    status, failure = request.GET.get("status", ""), request.GET.get("failure", "")
    if failure:
        return failure if failure in relay_rows.FAILURES else None
    return Reply(int(status), request.body) if _STATUS.fullmatch(status) else None


def _take(request: HttpRequest) -> list[AdRelay]:
    user_id = person(request)
    return [] if user_id is None else relay_rows.take(user_id)


def _answer(request: HttpRequest, relay_id: uuid.UUID, given: Reply | str) -> bool:
    user_id = person(request)
    return user_id is not None and relay_rows.answer(user_id, relay_id, given)


def _describe(row: AdRelay) -> dict[str, Any]:
    return {
        "url": row.url,
        "headers": row.headers,
        "body": row.body,
        "timeout_ms": row.timeout_ms,
        "answer_url": reverse("kontext:relay-answer", args=[row.pk]),
    }
