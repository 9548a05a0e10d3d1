"""Which message carries which bids: pairing (protocol 4.5) and letting go (protocol 4.6)."""

from __future__ import annotations

from .effects import Debug, Effect, SlotAssigned, SlotReleased
from .record import MAX_ADS, MAX_MESSAGES, Link, SessionRecord


def pair(record: SessionRecord) -> list[Effect]:
    """Give the current preload's bids to the very last message, if it is the assistant's and both are free."""
    preload = record.preload
    if preload is None or not preload.bids:
        return [Debug("Session: no-bid")]
    last = record.messages[-1]
    if last.role != "assistant":
        return [Debug("Session: no-last-message")]
    message_id = last.id
    if message_id in record.links or any(link.sequence == preload.sequence for link in record.links.values()):
        return [Debug("Session: bid-already-assigned", {"messageId": message_id})]
    record.links[message_id] = Link(preload.sequence, preload.bids)
    return [
        SlotAssigned(message_id, preload.sequence, preload.bids, preload.snapshot),
        Debug("Session: bid-assigned", {"messageId": message_id}),
    ]


def drop_oldest(record: SessionRecord) -> list[Effect]:
    """Keep the last messages only; a dropped one takes its preload along unless an ad still shows it."""
    dropped = record.messages[:-MAX_MESSAGES]
    del record.messages[:-MAX_MESSAGES]
    return [effect for message in dropped for effect in remove_preload(record, message.id)]


def drop_oldest_ads(record: SessionRecord) -> list[Effect]:
    """Keep the ads of `MAX_ADS` messages: of those that have left the conversation's window the first are let go.

    Not simply the first ones, because a page that is scrolled up mounts the newest ad first.
    """
    shown = list(dict.fromkeys(message_id for message_id, _ in record.ads))
    recent = {message.id for message in record.messages}
    dropped = [message_id for message_id in shown if message_id not in recent][: max(0, len(shown) - MAX_ADS)]
    record.ads = [ad for ad in record.ads if ad[0] not in dropped]
    return [effect for message_id in dropped for effect in remove_preload(record, message_id)]


def remove_preload(record: SessionRecord, message_id: str) -> list[Effect]:
    """Forget the bids of a message that no ad shows any more, under whatever placement code."""
    if any(shown == message_id for shown, _ in record.ads):
        return [Debug("Session: removePreload-skip-still-referenced", {"messageId": message_id})]
    link = record.links.pop(message_id, None)
    if link is None:
        return []
    if record.preload is not None and record.preload.sequence == link.sequence:
        record.preload = None
    return [SlotReleased(message_id)]


def release_all(record: SessionRecord) -> list[Effect]:
    released: list[Effect] = [SlotReleased(message_id) for message_id in record.links]
    record.links.clear()
    return released
