"""Session records in the database: loaded, saved by compare-and-set, started over; with their slots and events."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from . import browsers, regulatory
from .conf import get_settings
from .database import in_database
from .events import UserEvent
from .gate import ConsentPolicy
from .models import AdEvent, AdSession, AdSlot
from .ports import Browser, Record
from .signals import aannounce, slot_filled, user_event
from .state import Effect, Emit, SessionState, SlotAssigned, SlotReleased, TellAds
from .store import stored_event
from .wire import message_record

if TYPE_CHECKING:
    from .entities import Configuration, Options
    from .events import AdEvent as Event

logger = logging.getLogger("kontext_integration")

ALARMING = {"ivt_blocked", "session_disabled"}


class DatabaseRecords:
    """`ports.Records` over the ORM. Each method is one trip to the database thread."""

    async def load(self, conversation_id: str) -> Record | None:
        return await in_database(_load, conversation_id)

    async def save(self, record: Record, state: SessionState, effects: Sequence[Effect]) -> Record | None:
        return await in_database(_save, record, state, effects)

    async def restart(self, record: Record, state: SessionState, ending: Sequence[Effect]) -> Record | None:
        """Start an existing record over with another session; None: somebody was faster."""
        return await in_database(_restart, record, state, ending)

    async def create(self, state: SessionState) -> Record | None:
        """The first session of a conversation; None: somebody was faster."""
        return await in_database(_create, state)

    async def browser(self, user_id: str) -> Browser:
        return await in_database(browsers.load, user_id)

    def policy(self) -> ConsentPolicy:
        settings = get_settings()
        return ConsentPolicy(settings.consent_first, settings.consent_timeout_ms, settings.consent_default)

    def effective(self, options: Options, browser: Browser) -> Options:
        settings = get_settings()
        given = options.regulatory
        publisher = regulatory.from_entity(given) if given else regulatory.clean(settings.regulatory)
        opted_out = browser.opted_out and settings.gpc_opt_out
        signals = regulatory.merge(publisher, browser.consent, opted_out=opted_out)
        return replace(
            options,
            variant_id=options.variant_id or settings.variant_id,
            regulatory=regulatory.to_entity(signals),
        )


async def publish(config: Configuration, effects: Sequence[Effect]) -> None:
    """Send the signals of `effects`, those of filled slots last. `ports.Publisher`."""
    whose = {"conversation_id": config.conversation_id, "user_id": config.user_id}
    for effect in effects:
        if isinstance(effect, Emit):
            _alert(effect.event)
            await aannounce(effect.event, **whose)
        elif isinstance(effect, TellAds):
            await user_event.asend_robust(sender=UserEvent, event=effect.event, **whose)
    for effect in effects:
        if isinstance(effect, SlotAssigned):
            for code in dict.fromkeys(bid.code for bid in effect.bids):
                await slot_filled.asend_robust(
                    sender=AdSlot, conversation_id=config.conversation_id, message_id=effect.message_id, code=code
                )


def _alert(event: Event) -> None:
    """Tell the operator what a caller in a data centre has to watch (protocol OQ-1, 5.3)."""
    reason = getattr(event, "skip_code", None) or getattr(event, "err_code", None)
    if reason in ALARMING:
        logger.warning("the ad server refused a request: %s", reason)


def _load(conversation_id: str) -> Record | None:
    row = AdSession.objects.filter(conversation_id=conversation_id).first()
    return _record(row) if row else None


def _create(state: SessionState) -> Record | None:
    config = state.config
    try:
        with transaction.atomic():
            row = AdSession.objects.create(
                conversation_id=config.conversation_id, user_id=config.user_id, state=state.to_dict()
            )
    except IntegrityError:
        return None
    return _record(row)


def _save(record: Record, state: SessionState, effects: Sequence[Effect]) -> Record | None:
    changed = replace(record, version=record.version + 1, state=state.to_dict())
    with transaction.atomic():
        if not _compare_and_set(record, changed, user_id=state.config.user_id):
            return None
        _store_effects(record, effects)
        if state.destroyed:
            _forget_words(record)
    return changed


def _restart(record: Record, state: SessionState, ending: Sequence[Effect]) -> Record | None:
    changed = replace(record, generation=record.generation + 1, version=record.version + 1, state=state.to_dict())
    user_id = state.config.user_id
    with transaction.atomic():
        # Slots belong to the person of the session: another person must not inherit them.
        AdSlot.objects.filter(session=record.id).exclude(session__user_id=user_id).delete()
        if not _compare_and_set(record, changed, user_id=user_id):
            transaction.set_rollback(True)
            return None
        _store_effects(record, ending)
        _forget_words(record)
    return changed


def _compare_and_set(record: Record, changed: Record, *, user_id: str) -> bool:
    return bool(
        AdSession.objects.filter(pk=record.id, version=record.version).update(
            state=changed.state,
            version=changed.version,
            generation=changed.generation,
            user_id=user_id,
            updated_at=timezone.now(),
        )
    )


def _forget_words(record: Record) -> None:
    """The session is over, and the words that its slots were made for with it (protocol 6.8)."""
    AdSlot.objects.filter(session=record.id).update(snapshot=[])


def _store_effects(record: Record, effects: Sequence[Effect]) -> None:
    events: list[AdEvent] = []
    for effect in effects:
        match effect:
            case Emit(event=event):
                events.append(stored_event(record.id, event, bid_id=getattr(event, "bid_id", None)))
            case SlotAssigned():
                _store_slots(record, effect)
            case SlotReleased(message_id=message_id):
                AdSlot.objects.filter(session=record.id, message_id=message_id).update(released_at=timezone.now())
    if events:
        AdEvent.objects.bulk_create(events)


def _store_slots(record: Record, assigned: SlotAssigned) -> None:
    snapshot = [message_record(message) for message in assigned.snapshot]
    # Of several bids for one placement the first one counts (protocol 4.5).
    for bid in {bid.code: bid for bid in reversed(assigned.bids)}.values():
        AdSlot.objects.update_or_create(
            session_id=record.id,
            message_id=assigned.message_id,
            code=bid.code,
            defaults={
                "bid_id": bid.bid_id,
                "revenue": bid.revenue,
                "snapshot": snapshot,
                "height": None,
                "used_at": None,
                "released_at": None,
                "created_at": timezone.now(),
            },
        )


def _record(row: AdSession) -> Record:
    return Record(row.pk, row.conversation_id, row.generation, row.version, row.state)
