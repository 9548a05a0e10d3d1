"""What a step of a session did and where it then stands, in words that the real one and the reference share."""

from __future__ import annotations

from dataclasses import fields

from kontext_integration.entities import Options
from kontext_integration.events import AdError, AdFilled, AdNoFill
from kontext_integration.state import (
    CancelPreload,
    Emit,
    Report,
    SlotAssigned,
    SlotReleased,
    StartPreload,
    TellAds,
)

_OPTIONS = [field.name for field in fields(Options)]


def told(effects):
    """The effects in order; diagnostic notes are left out."""
    things = (effect.event if isinstance(effect, Emit) else effect for effect in effects)
    return [_WORDS[type(thing)](thing) for thing in things if type(thing) in _WORDS]


def standing(state):
    return {
        "messages": [(message.id, message.role) for message in state.messages],
        "waiting": state.pending and state.pending.sequence,
        "current": state.preload and state.preload.sequence,
        "links": {message_id: link.sequence for message_id, link in state.links.items()},
        "ads": state.ads,
        "flags": (state.disabled, state.destroyed),
        "init": (state.preload_timeout_ms, state.report_errors, state.report_debug),
        "session_id": state.session_id,
        "options": options(state.options),
    }


def request(start):
    """What one `/preload` is made of."""
    messages = [(message.id, message.role) for message in start.messages]
    return messages, start.track_only, start.session_id, options(start.options), start.timeout_ms


def options(given):
    values = {name: getattr(given, name) for name in _OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def told_by(reference, numbers):
    """The same of the reference, whose preloads have no numbers by themselves."""
    return [_reference_word(what, rest, numbers) for what, *rest in reference.told]


def standing_of(reference, numbers):
    return {
        "messages": reference.messages,
        "waiting": reference.waiting and numbers[reference.waiting],
        "current": reference.current and numbers[reference.current],
        "links": {message_id: numbers[preload] for message_id, preload in reference.links.items()},
        "ads": reference.ads,
        "flags": (reference.disabled, reference.destroyed),
        "init": (reference.timeout_ms, reference.report_errors, reference.report_debug),
        "session_id": reference.session_id,
        "options": reference.options,
    }


def _reference_word(what, rest, numbers):
    if what in ("wait", "cancel"):
        return (what, numbers[rest[0]])
    if what == "slot":
        message_id, preload = rest
        return (what, message_id, numbers[preload], _by_code((bid["code"], bid["bidId"]) for bid in preload.bids))
    return (what, *rest)


def _by_code(bids):
    """Of several bids for one placement the first one counts (protocol 4.5)."""
    return dict(reversed(list(bids)))


def _reason_cut(message):
    """After the colon stands why, in words of our own."""
    return "".join(message.partition(": ")[:2])


_WORDS = {
    AdFilled: lambda event: (event.name, event.bid_id, event.code, event.revenue),
    AdNoFill: lambda event: (event.name, event.skip_code),
    AdError: lambda event: (event.name, _reason_cut(event.message), event.err_code),
    Report: lambda effect: ("report", effect.stack),
    SlotAssigned: lambda effect: (
        "slot",
        effect.message_id,
        effect.sequence,
        _by_code((bid.code, bid.bid_id) for bid in effect.bids),
    ),
    SlotReleased: lambda effect: ("released", effect.message_id),
    CancelPreload: lambda effect: ("cancel", effect.sequence),
    StartPreload: lambda effect: ("wait", effect.sequence),
    TellAds: lambda effect: ("user event", effect.event.name),
}
