"""Protocol 4.3 and 4.4: what a message does, step by step, and that there is one preload at a time."""

from __future__ import annotations

import pytest

from kontext_integration.outcomes import PreloadFailed, PreloadNoFill
from kontext_integration.state import CancelPreload, Debug, SlotAssigned, SlotReleased, StartPreload

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


def ids(messages):
    return [each.id for each in messages]


def test_4_3_step_2_messages_are_kept_in_the_order_they_came():
    state = session()
    add(state, "u1", "a2", "u3")

    assert ids(state.messages) == ["u1", "a2", "u3"]


def test_4_3_a_message_with_a_known_id_is_ignored():
    state = session()
    first = only(StartPreload, add(state, "u1"))

    assert add(state, "u1") == []
    assert ids(state.messages) == ["u1"]
    assert state.begin_preload(first.sequence) is not None


def test_4_3_step_3_thirty_messages_are_kept():
    state = session()
    add(state, *(f"a{number}" for number in range(30)))
    assert len(state.messages) == 30

    add(state, "a30")

    assert (len(state.messages), state.messages[0].id, state.messages[-1].id) == (30, "a1", "a30")


def test_4_3_step_3_a_dropped_message_takes_its_bid_along():
    state = session()
    turn(state, "u1", "a2")
    add(state, *(f"a{number}" for number in range(3, 31)))

    assert every(SlotReleased, add(state, "a31")) == []
    assert only(SlotReleased, add(state, "a32")) == SlotReleased("a2")
    assert linked(state) == {}
    assert state.preload is None


def test_4_3_step_3_a_dropped_message_keeps_its_bid_while_an_ad_shows_it():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")

    assert every(SlotReleased, add(state, *(f"a{number}" for number in range(3, 33)))) == []
    assert linked(state) == {"a2": 1}


def test_4_3_step_4_pairing_comes_after_the_oldest_message_is_dropped():
    state = session()
    turn(state, "u1", "a2")
    add(state, *(f"a{number}" for number in range(3, 31)))
    state.apply_preload(send(state, "u31"), FILLED)

    effects = every(SlotReleased | SlotAssigned, add(state, "a32"))

    assert [(type(effect), effect.message_id) for effect in effects] == [(SlotReleased, "a2"), (SlotAssigned, "a32")]


def test_4_3_step_4_pairing_comes_before_the_cancellation_of_step_6():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)

    names = [effect.name for effect in add(state, "u2") if isinstance(effect, Debug)]

    assert names == ["Session: message-added", "Session: no-last-message"]


def test_4_3_step_5_an_assistant_message_neither_starts_nor_stops_a_preload():
    state = session()
    sequence = send(state, "u1")

    effects = add(state, "a2")

    assert every(StartPreload | CancelPreload, effects) == []
    assert events(state.apply_preload(sequence, FILLED))


def test_4_3_step_5_an_assistant_message_leaves_the_debounce_alone():
    state = session()
    sequence = only(StartPreload, add(state, "u1")).sequence
    add(state, "a2")

    assert state.begin_preload(sequence) is not None


def test_4_3_step_6_a_user_message_cancels_the_debounce():
    state = session()
    first = only(StartPreload, add(state, "u1")).sequence

    effects = add(state, "u2")

    assert only(CancelPreload, effects).sequence == first
    assert state.begin_preload(first) is None
    assert state.begin_preload(only(StartPreload, effects).sequence) is not None


def test_4_3_step_6_a_user_message_cancels_the_request_in_flight():
    state = session()
    first = send(state, "u1")

    effects = add(state, "u2")

    assert [type(each) for each in effects if not isinstance(each, Debug)] == [CancelPreload, StartPreload]
    assert only(CancelPreload, effects).sequence == first


def test_4_3_step_6_a_preload_that_has_ended_is_not_cancelled():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)

    assert every(CancelPreload, add(state, "u2")) == []


@pytest.mark.parametrize("debounce_over", [False, True], ids=["in the new debounce", "after it"])
@pytest.mark.parametrize(
    "outcome", [FILLED, PreloadNoFill("x", SESSION_ID), PreloadFailed("m", "e", SESSION_ID, True, "report")]
)
def test_4_4_a_superseded_preload_leaves_no_trace(outcome, debounce_over):
    state = session()
    first = send(state, "u1")
    second = only(StartPreload, add(state, "u2")).sequence
    if debounce_over:
        state.begin_preload(second)
    before = state.to_dict()

    assert state.apply_preload(first, outcome) == []
    assert state.to_dict() == before


def test_4_4_the_reply_to_a_superseded_turn_never_gets_an_ad():
    state = session()
    send(state, "u1")
    add(state, "a2")
    state.apply_preload(send(state, "u3"), FILLED)
    add(state, "a4")

    assert linked(state) == {"a4": 2}


def test_4_3_step_7_a_disabled_session_cancels_but_starts_nothing():
    state = session()
    first = send(state, "u1")
    state.disabled = True

    effects = add(state, "u2")

    assert only(CancelPreload, effects).sequence == first
    assert every(StartPreload, effects) == []
    assert ids(state.messages) == ["u1", "u2"]
    assert state.pending is None
