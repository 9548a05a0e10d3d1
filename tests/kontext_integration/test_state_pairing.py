"""Protocol 4.5: which message gets the bid, row by row."""

from __future__ import annotations

import pytest

from kontext_integration.entities import Bid
from kontext_integration.outcomes import PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing
from kontext_integration.state import SlotAssigned, StartPreload

from .builders import BID_ID, FILLED, OTHER_BID_ID, SESSION_ID, add, events, every, linked, only, send, session, turn


def test_4_5_row_bid_first_then_the_reply():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)

    assert only(SlotAssigned, add(state, "a2")).message_id == "a2"


def test_4_5_row_reply_first_then_the_bid():
    state = session()
    sequence = send(state, "u1")
    add(state, "a2")

    assert only(SlotAssigned, state.apply_preload(sequence, FILLED)).message_id == "a2"


def test_4_5_row_an_older_reply_is_never_used():
    state = session()
    add(state, "a0")
    effects = state.apply_preload(send(state, "u1"), FILLED)

    assert every(SlotAssigned, effects) == []
    assert only(SlotAssigned, add(state, "a2")).message_id == "a2"


def test_4_5_row_of_two_replies_the_last_one_gets_it():
    state = session()
    sequence = send(state, "u1")
    add(state, "a2", "a3")
    state.apply_preload(sequence, FILLED)

    assert linked(state) == {"a3": 1}


def test_4_5_row_a_linked_preload_is_never_linked_again():
    state = session()
    turn(state, "u1", "a2")

    assert every(SlotAssigned, add(state, "a3")) == []
    assert linked(state) == {"a2": 1}


def test_4_5_row_an_unused_bid_is_dropped_with_the_next_user_message():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)
    state.apply_preload(send(state, "u2"), PreloadNoFill("unfilled_bid", SESSION_ID))

    assert every(SlotAssigned, add(state, "a3")) == []


@pytest.mark.parametrize("outcome", [PreloadNothing(SESSION_ID), FILLED], ids=["decided", "even undecided"])
def test_4_5_row_a_tracked_fill_clears_the_current_preload(outcome):
    state = session()
    effects = state.apply_preload(send(state, "u1", track_only=True), outcome)

    assert events(effects) == []
    assert state.preload is None
    assert every(SlotAssigned, add(state, "a2")) == []


def test_4_5_row_a_tracked_turn_between_normal_turns():
    state = session()
    turn(state, "u1", "a2")
    state.apply_preload(send(state, "u3", track_only=True), PreloadNothing(SESSION_ID))
    add(state, "a4")
    turn(state, "u5", "a6")

    assert linked(state) == {"a2": 1, "a6": 3}


def test_4_5_row_several_placements_travel_in_one_link():
    state = session()
    bids = (Bid(BID_ID, "inlineAd"), Bid(OTHER_BID_ID, "banner"))

    assert only(SlotAssigned, turn(state, "u1", "a2", PreloadFilled(SESSION_ID, bids))).bids == bids


@pytest.mark.parametrize("outcome", [PreloadNoFill("x", SESSION_ID), PreloadFailed("m", "e", SESSION_ID)])
def test_4_5_row_a_preload_without_bid_stays_current_and_gives_nothing(outcome):
    state = session()

    assert every(SlotAssigned, turn(state, "u1", "a2", outcome)) == []
    assert state.preload is not None
    assert linked(state) == {}


def test_4_5_step_3_a_message_that_has_a_link_gets_no_second_one():
    state = session()
    turn(state, "u1", "a2")
    # Another preload can only meet a linked last message when its user message has left the window.
    sequence = only(StartPreload, add(state, "u3")).sequence
    state.begin_preload(sequence)
    state.messages.pop()

    assert every(SlotAssigned, state.apply_preload(sequence, FILLED)) == []
    assert linked(state) == {"a2": 1}


def test_2_4_row_11_filled_is_told_for_every_bid_in_order_and_before_the_pairing():
    state = session()
    sequence = send(state, "u1")
    add(state, "a2")
    bids = (Bid(BID_ID, "b", 0.5), Bid(OTHER_BID_ID, "a"))

    effects = state.apply_preload(sequence, PreloadFilled(SESSION_ID, bids))

    assert [(each.bid_id, each.code, each.revenue) for each in events(effects)] == [
        (BID_ID, "b", 0.5),
        (OTHER_BID_ID, "a", None),
    ]
    assert effects.index(only(SlotAssigned, effects)) == 2
