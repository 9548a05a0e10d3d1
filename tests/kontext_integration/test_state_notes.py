"""Protocol 2.6: the diagnostic notes of a session, for the local log and for `/debug`. They carry ids, never words."""

from __future__ import annotations

from kontext_integration.entities import Options
from kontext_integration.events import UserEvent
from kontext_integration.outcomes import PreloadFailed, PreloadNothing
from kontext_integration.state import Debug

from .builders import FILLED, add, every, message, send, session, turn


def notes(effects):
    return [(note.name.removeprefix("Session: "), note.data) for note in every(Debug, effects)]


def test_2_6_notes_of_a_message_that_waits_for_a_bid():
    assert notes(add(session(), "u1")) == [("message-added", {"messageId": "u1", "role": "user"}), ("no-bid", None)]


def test_2_6_notes_of_a_bid_that_waits_for_a_reply():
    state = session()

    assert notes(state.apply_preload(send(state, "u1"), FILLED)) == [("no-last-message", None)]


def test_2_6_notes_of_a_pairing():
    state = session()
    added = ("message-added", {"messageId": "a2", "role": "assistant"})

    assert notes(turn(state, "u1", "a2")) == [added, ("bid-assigned", {"messageId": "a2"})]
    assert notes(add(state, "a3"))[1:] == [("bid-already-assigned", {"messageId": "a3"})]


def test_2_6_note_of_a_tracked_turn():
    state = session()

    effects = state.apply_preload(send(state, "u1", track_only=True), PreloadNothing())

    assert notes(effects) == [("preload-track-only-skip-bids", None)]


def test_2_6_note_of_an_error_that_is_not_reported():
    state = session(report_errors=False)

    effects = state.apply_preload(send(state, "u1"), PreloadFailed("m", "e", report="HTTP 429"))

    assert notes(effects) == [("error-not-reported", {"error": "HTTP 429"})]


def test_2_6_notes_of_a_disabled_session():
    assert notes(add(session(disabled=True), "u1"))[-1] == ("addMessage-disabled", None)


def test_2_6_notes_of_ads():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    state.create_ad("a2", "banner")

    assert notes(state.create_ad("a2", "banner")) == [("createAd-returning-existing", {"messageId": "a2"})]
    assert notes(state.remove_ad("a2", "banner")) == [("removePreload-skip-still-referenced", {"messageId": "a2"})]


def test_2_6_notes_of_options_and_user_events():
    state = session()

    assert notes(state.update_options(Options(user_email="ann@example.com"))) == [
        ("options-updated", {"fields": ["user_email"]})
    ]
    assert notes(state.send_user_event(UserEvent("user.typing.started", "banner", {"text": "private"}))) == [
        ("send-user-event", {"name": "user.typing.started", "code": "banner"})
    ]


def test_2_6_notes_of_the_end():
    state = session()

    assert notes(state.destroy()) == [("destroyed", None)]
    assert notes(state.add_message(message("u1"))) == [("addMessage-after-destroy", None)]
    assert notes(state.create_ad("a1", "inlineAd")) == [("createAd-after-destroy", {"messageId": "a1"})]


def test_2_6_every_note_belongs_to_the_session_family():
    state = session()
    effects = [*turn(state, "u1", "a2"), *add(state, "u3"), *state.destroy()]

    assert {note.name.partition(": ")[0] for note in every(Debug, effects)} == {"Session"}
