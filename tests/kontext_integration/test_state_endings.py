"""Protocol 4.2 and 4.7: disabled and destroyed sessions."""

from __future__ import annotations

from kontext_integration.entities import Options
from kontext_integration.events import AdError
from kontext_integration.outcomes import (
    InitApplied,
    PreloadFailed,
    PreloadNothing,
)
from kontext_integration.state import (
    CancelInit,
    CancelPreload,
    SlotAssigned,
    SlotReleased,
    StartPreload,
)

from .builders import (
    FILLED,
    SESSION_ID,
    add,
    events,
    every,
    linked,
    only,
    send,
    session,
    turn,
)

DISABLED = PreloadFailed("Session is disabled", "geo", SESSION_ID, disables=True)


def test_4_2_a_preload_that_disables_tells_exactly_one_error():
    state = session()
    effects = state.apply_preload(send(state, "u1"), DISABLED)

    assert events(effects) == [AdError("Session is disabled", "geo")]
    assert state.disabled


def test_4_2_a_session_is_never_disabled_in_silence():
    state = session()
    effects = state.apply_preload(send(state, "u1"), PreloadNothing(disables=True))

    assert events(effects) == [AdError("Session is disabled", "session_disabled_by_preload")]
    assert state.disabled


def test_4_2_nothing_enables_a_session_again():
    state = session(disabled=True)
    state.begin_init()
    state.apply_init(InitApplied(enabled=True))
    add(state, "u1", "a2")
    state.update_options(Options(variant_id="B"))

    assert state.disabled


def test_4_2_a_passing_error_does_not_enable_it_either():
    state = session()
    sequence = send(state, "u1")
    state.disabled = True
    state.apply_preload(sequence, PreloadFailed("Ad generation skipped", "unknown"))

    assert state.disabled


def test_4_2_a_disabled_session_still_pairs_a_bid_that_it_has():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)
    state.disabled = True

    assert only(SlotAssigned, add(state, "a2")).message_id == "a2"


def test_4_2_ads_already_assigned_stay_when_a_session_is_disabled():
    state = session()
    turn(state, "u1", "a2")
    effects = state.apply_preload(send(state, "u3"), DISABLED)

    assert every(SlotReleased, effects) == []
    assert linked(state) == {"a2": 1}


def test_4_2_a_disabled_session_takes_options_and_ads():
    state = session(disabled=True)
    state.update_options(Options(variant_id="B"))
    state.create_ad("a1", "inlineAd")

    assert (state.options.variant_id, state.ads) == ("B", {("a1", "inlineAd")})


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
    assert (state.messages, state.links, state.ads, state.preload, state.pending) == ([], {}, set(), None, None)


def test_4_7_destroy_stops_the_debounce():
    state = session()
    sequence = only(StartPreload, add(state, "u1")).sequence

    assert only(CancelPreload, state.destroy()).sequence == sequence


def test_4_7_destroy_happens_once():
    state = session()
    state.destroy()

    assert state.destroy() == []


def test_4_7_no_event_after_the_end():
    state = session()
    sequence = send(state, "u1")
    state.destroy()

    assert state.apply_preload(sequence, FILLED) == []
    assert not state.begin_init()


def test_4_2_a_destroyed_session_ignores_messages_and_options():
    state = session()
    state.destroy()
    before = state.to_dict()

    assert every(StartPreload, add(state, "u1")) == []
    assert state.update_options(Options(variant_id="B")) == []
    assert state.to_dict() == before


def test_4_2_a_destroyed_session_takes_no_ad():
    state = session()
    state.destroy()
    state.create_ad("a1", "inlineAd")

    assert state.ads == set()
