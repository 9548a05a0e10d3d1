"""Protocol 4.7: the end of a session."""

from __future__ import annotations

from kontext_integration.state import CancelInit, CancelPreload, SlotReleased, StartPreload

from .builders import FILLED, add, events, every, only, send, session, turn


def test_4_7_destroy_stops_everything_and_keeps_nothing():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    sequence = send(state, "u3")

    effects = state.destroy()

    assert only(CancelPreload, effects).sequence == sequence
    assert every(CancelInit, effects)
    assert only(SlotReleased, effects) == SlotReleased("a2")
    assert events(effects) == []
    assert (state.messages, state.links, state.ads, state.preload, state.pending) == ([], {}, [], None, None)


def test_4_7_destroy_stops_the_debounce():
    state = session()
    sequence = only(StartPreload, add(state, "u1")).sequence

    assert only(CancelPreload, state.destroy()).sequence == sequence


def test_4_7_no_event_after_the_end():
    state = session()
    sequence = send(state, "u1")
    state.destroy()

    assert state.apply_preload(sequence, FILLED) == []
    assert not state.begin_init()


def test_4_7_destroy_of_a_quiet_session_cancels_init_only():
    effects = session().destroy()

    assert [type(effect).__name__ for effect in effects] == ["CancelInit", "Debug"]


def test_4_7_destroy_does_not_cancel_a_preload_that_has_ended():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)

    assert every(CancelPreload, state.destroy()) == []
