"""Events as Django signals."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from django.test import override_settings

from kontext_integration import signals
from kontext_integration.events import AdEvent, AdFilled, AdNoFill

heard_back: list[tuple[object, ...]] = []


def plain(event: AdEvent, conversation_id: str, user_id: str) -> None:
    heard_back.append((event, conversation_id, user_id))


async def asynchronous(event: AdEvent, conversation_id: str, user_id: str) -> None:
    heard_back.append((event, conversation_id, user_id))


def failing(event: AdEvent, conversation_id: str, user_id: str) -> None:
    raise RuntimeError("with words of a message")


@pytest.fixture
def called_back() -> list[tuple[object, ...]]:
    heard_back.clear()
    return heard_back


def on_event(name: str) -> Any:
    return override_settings(KONTEXT={"ON_EVENT": f"{__name__}.{name}"})


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


@pytest.mark.parametrize("name", ["plain", "asynchronous"])
async def test_on_event_is_called_after_the_signal(name: str, called_back: list[tuple[object, ...]]) -> None:
    def note(event: AdEvent, **given: Any) -> None:
        called_back.append(("signal", event))

    signals.ad_no_fill.connect(note)
    try:
        with on_event(name):
            await signals.aannounce(AdNoFill("ad_skipped"), conversation_id="c", user_id="u")
    finally:
        signals.ad_no_fill.disconnect(note)
    assert called_back == [("signal", AdNoFill("ad_skipped")), (AdNoFill("ad_skipped"), "c", "u")]


@pytest.mark.parametrize("name", ["plain", "asynchronous"])
def test_on_event_is_called_from_synchronous_code_too(name: str, called_back: list[tuple[object, ...]]) -> None:
    with on_event(name):
        signals.announce(AdNoFill("ad_skipped"), conversation_id="c", user_id="u")
    assert called_back == [(AdNoFill("ad_skipped"), "c", "u")]


async def test_a_callback_that_fails_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    with on_event("failing"):
        await signals.aannounce(AdNoFill("ad_skipped"), conversation_id="c", user_id="u")
    assert "ON_EVENT failed: RuntimeError" in caplog.text
    assert "words" not in caplog.text


async def test_a_callback_that_does_not_exist_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with on_event("gone"):
        await signals.aannounce(AdNoFill("ad_skipped"), conversation_id="c", user_id="u")
    assert "ON_EVENT failed: ImportError" in caplog.text
