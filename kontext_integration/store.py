"""Filled slots: looking them up for a page, and recording what their frames report.

Everything here is synchronous ORM code without network access; async callers wrap it in `sync_to_async`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from .conf import get_settings
from .events import AdError, AdHeight, parse_frame_event
from .events import AdEvent as Event
from .models import AdEvent, AdSlot
from .signals import announce

UNUSED_MAX_AGE_S = 1800
"""How long a slot that no frame ever opened stays good when `MAX_AGE_S` is 0 (protocol OQ-7)."""
MANY = 50
"""At most so many events of a repeatable name are kept per slot: a page is free to invent clicks."""
FRAME_FAILED = "iframe_error"
"""The error code of `error-iframe`: the ad is destroyed, so a reload must not offer it again (protocol 6.5)."""
_REPEATABLE = {"ad.clicked", "ad.error"}
_NOT_KEPT = {"bid_id", "message_id", "content", "message"}
"""Columns of their own, and words: those of the ad, and those of an error, which may quote the conversation."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stored bid under an assistant message."""

    id: int
    conversation_id: str
    user_id: str
    message_id: str
    code: str
    bid_id: str
    """UUID in lower case."""
    revenue: float | None
    height: int | None
    """The last height the frame asked for, in CSS pixels."""
    created_at: datetime


def slots_for(message_ids: Iterable[str], code: str = "inlineAd") -> dict[str, Slot]:
    """The slots to show under these messages, by message id: one query, snapshots left out, too old ones too."""
    wanted = [str(message_id) for message_id in message_ids]
    rows = _slots().filter(_fresh(), message_id__in=wanted, code=code).order_by("id") if wanted else ()
    return {row.message_id: _slot(row) for row in rows}


def slot_for(message_id: str, code: str = "inlineAd") -> Slot | None:
    """The slot to show under one message, or None."""
    return slots_for([message_id], code).get(str(message_id))


def owned_slot(*, user_id: str, message_id: str, code: str = "inlineAd") -> Slot | None:
    """The slot of any age if it belongs to this user, else None: for the endpoints that a mounted frame talks to."""
    row = _slots().filter(session__user_id=user_id, message_id=message_id, code=code).order_by("-id").first()
    return _slot(row) if row else None


def snapshot_for(slot: Slot) -> list[dict[str, Any]]:
    """The frozen wire messages of the slot's preload for `update-iframe`; [] if it is gone. Marks the slot as used."""
    _mark_used(slot)
    found: list[dict[str, Any]] | None = AdSlot.objects.filter(pk=slot.id).values_list("snapshot", flat=True).first()
    return found or []


def record_event(slot: Slot, name: object, payload: object) -> Event | None:
    """Check, store and announce one event that a frame of `slot` reported (protocol 5.2).

    Returns the event, or None when it was malformed, unknown or a repetition. The stored payload has neither the
    ad's content nor any message text.
    """
    event = parse_frame_event(name, payload, bid_id=slot.bid_id, message_id=slot.message_id, revenue=slot.revenue)
    if event is None:
        return None
    _mark_used(slot)
    if isinstance(event, AdError) and event.err_code == FRAME_FAILED:
        AdSlot.objects.filter(pk=slot.id, released_at=None).update(released_at=timezone.now())
    if not (_resize(slot, event) if isinstance(event, AdHeight) else _store(slot, event)):
        return None
    announce(event, conversation_id=slot.conversation_id, user_id=slot.user_id)
    return event


def stored_event(session_id: int, event: Event, *, bid_id: str | None, message_id: str = "") -> AdEvent:
    """The unsaved row of an event."""
    payload = {key: value for key, value in asdict(event).items() if key not in _NOT_KEPT}
    return AdEvent(
        session_id=session_id,
        name=event.name,
        bid_id=uuid.UUID(bid_id) if bid_id else None,
        message_id=message_id,
        payload={key: value for key, value in payload.items() if value is not None},
    )


@transaction.atomic
def _store(slot: Slot, event: Event) -> bool:
    # The lock makes the same event of two tabs, or of a repeated request, wait for each other.
    row = AdSlot.objects.select_for_update().only("session_id").filter(pk=slot.id).first()
    if row is None:
        return False
    earlier = AdEvent.objects.filter(session=row.session_id, name=event.name, bid_id=slot.bid_id)
    if earlier.count() >= (MANY if event.name in _REPEATABLE else 1):
        return False
    stored_event(row.session_id, event, bid_id=slot.bid_id, message_id=slot.message_id).save()
    return True


def _resize(slot: Slot, event: AdHeight) -> bool:
    height = round(event.height)
    changed = AdSlot.objects.filter(Q(height=None) | ~Q(height=height), pk=slot.id).update(height=height)
    return bool(changed)


def _mark_used(slot: Slot) -> None:
    AdSlot.objects.filter(pk=slot.id, used_at=None).update(used_at=timezone.now())


def _fresh() -> Q:
    limit = get_settings().max_age_s
    since = timezone.now() - timedelta(seconds=limit or UNUSED_MAX_AGE_S)
    offered = Q(created_at__gte=since, released_at=None)
    return offered if limit else offered & Q(used_at=None)


def _slots() -> QuerySet[AdSlot]:
    return AdSlot.objects.select_related("session").defer("snapshot", "session__state")


def _slot(row: AdSlot) -> Slot:
    return Slot(
        id=row.pk,
        conversation_id=row.session.conversation_id,
        user_id=row.session.user_id,
        message_id=row.message_id,
        code=row.code,
        bid_id=str(row.bid_id),
        revenue=row.revenue,
        height=row.height,
        created_at=row.created_at,
    )
