"""Events as Django signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from kontext_integration import signals
from kontext_integration.events import AdEvent, AdFilled, AdNoFill

if TYPE_CHECKING:
    import pytest


def test_every_event_has_a_signal() -> None:
    assert set(signals.EVENT_SIGNALS) == {event.name for event in get_args(AdEvent)}


def test_an_event_is_sent_with_its_class_and_its_conversation() -> None:
    heard: list[tuple[object, dict[str, Any]]] = []

    def note(sender: object, signal: object, **given: Any) -> None:
        heard.append((sender, given))

    signals.ad_no_fill.connect(note)
    try:
        signals.announce(AdNoFill("ad_skipped"), conversation_id="c", user_id="u")
    finally:
        signals.ad_no_fill.disconnect(note)
    assert heard == [(AdNoFill, {"event": AdNoFill("ad_skipped"), "conversation_id": "c", "user_id": "u"})]


async def test_asynchronous_receivers_hear_it_too() -> None:
    heard: list[AdEvent] = []

    async def note(event: AdEvent, **given: Any) -> None:
        heard.append(event)

    signals.ad_filled.connect(note)
    try:
        await signals.aannounce(AdFilled("b", "inlineAd"), conversation_id="c", user_id="u")
    finally:
        signals.ad_filled.disconnect(note)
    assert heard == [AdFilled("b", "inlineAd")]


def test_a_failing_receiver_is_logged_and_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    def fail(**given: Any) -> None:
        raise RuntimeError

    signals.ad_no_fill.connect(fail)
    try:
        signals.announce(AdNoFill("ad_skipped"), conversation_id="c", user_id="u")
    finally:
        signals.ad_no_fill.disconnect(fail)
    assert "RuntimeError" in caplog.text
