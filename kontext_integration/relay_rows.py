"""The requests that wait for a page: stored, taken once, answered once, removed. Synchronous ORM code.

Any process stores, any process serves the page. Each step is one compare-and-set, so that of two pages only one takes a
request, and only the first answer counts.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from .models import AdRelay
from .transport import Reply, Request, Unreachable

STALE_S = 120
"""Longer than any request waits: what is older belonged to a process that died."""
FAILURES = {
    "network": "The page could not reach the ad server",
    "timeout": "Timed out in the page",
}
"""What a page may say instead of a status, and what it means."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request has come."""

    is_taken: bool
    answer: Reply | Unreachable | None


def put(relay_id: uuid.UUID, request: Request, timeout_ms: int) -> None:
    """Store a request that waits from now on. What dead processes left goes, whoever's it was."""
    AdRelay.objects.filter(created_at__lt=_stale()).delete()
    AdRelay.objects.create(
        id=relay_id,
        user_id=request.user_id,
        url=request.url,
        headers=dict(request.headers),
        body=request.body.decode(),
        timeout_ms=timeout_ms,
    )


def take(user_id: str) -> list[AdRelay]:
    """All that waits for a page of this person, oldest first; from now on it waits for no other page."""
    waiting = AdRelay.objects.filter(user_id=user_id, claim=None, created_at__gte=_stale())
    if not waiting.exists():
        # A page that asks in vain, as most do, writes nothing.
        return []
    claim = uuid.uuid4()
    waiting.update(claim=claim)
    return list(AdRelay.objects.filter(user_id=user_id, claim=claim).order_by("created_at"))


def answer(user_id: str, relay_id: uuid.UUID, answer: Reply | str) -> bool:
    """Store what a page of this person says came of a request: a reply, or one of `FAILURES`.

    False: there is no such request, it is another's, no page took it, or it has its answer.
    """
    given = {"failure": answer} if isinstance(answer, str) else {"status": answer.status, "answer": answer.body}
    open_ones = AdRelay.objects.filter(pk=relay_id, user_id=user_id, claim__isnull=False, status=None, failure="")
    return bool(open_ones.update(**given, body=""))


def look(relay_id: uuid.UUID) -> Progress:
    """How far a request has come. One that is gone has failed."""
    row = AdRelay.objects.filter(pk=relay_id).values_list("claim", "status", "answer", "failure").first()
    if row is None:
        return Progress(True, Unreachable("The request was removed"))
    claim, status, body, failure = row
    if failure:
        return Progress(True, Unreachable(FAILURES[failure]))
    return Progress(claim is not None, None if status is None else Reply(status, bytes(body)))


def remove(relay_id: uuid.UUID) -> None:
    AdRelay.objects.filter(pk=relay_id).delete()


def _stale() -> datetime:
    return timezone.now() - timedelta(seconds=STALE_S)
