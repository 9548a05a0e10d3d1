"""Protocol 4.6: ads that pages create and destroy, and what becomes of their bids."""

from __future__ import annotations

import pytest

from kontext_integration.outcomes import PreloadNothing
from kontext_integration.state import MAX_ADS, Debug, SlotAssigned, SlotReleased

from .builders import FILLED, SESSION_ID, add, events, every, linked, only, send, session, turn

REPLIES = [f"a{number}" for number in range(1, 100)]


def scrolled_through(replies):
    """A session whose replies have all left the conversation's window, and whose ads were created in this order."""
    state = session()
    for reply in replies:
        state.create_ad(reply, "inlineAd")
    return state


def test_4_6_the_last_ad_of_a_message_takes_its_bid_along_for_good():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    state.create_ad("a2", "banner")

    assert every(SlotReleased, state.remove_ad("a2", "inlineAd")) == []
    assert only(SlotReleased, state.remove_ad("a2", "banner")) == SlotReleased("a2")
    assert (linked(state), state.preload) == ({}, None)
    assert every(SlotAssigned, add(state, "a3")) == []
    state.create_ad("a2", "inlineAd")
    assert linked(state) == {}


def test_4_6_letting_go_of_an_older_ad_leaves_the_current_preload_alone():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    sequence = send(state, "u3")

    state.remove_ad("a2", "inlineAd")

    assert events(state.apply_preload(sequence, FILLED))


def test_4_6_ids_are_compared_exactly():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    state.create_ad("a2:x", "inlineAd")

    assert only(SlotReleased, state.remove_ad("a2", "inlineAd")) == SlotReleased("a2")


def test_4_6_an_ad_is_destroyed_once():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    state.create_ad("a2", "inlineAd")

    assert every(SlotReleased, state.remove_ad("a2", "inlineAd"))
    assert state.remove_ad("a2", "inlineAd") == []


def test_4_6_an_ad_that_was_never_created_cannot_be_destroyed():
    state = session()
    turn(state, "u1", "a2")

    assert state.remove_ad("a2", "inlineAd") == []
    assert linked(state) == {"a2": 1}


def test_4_6_an_ad_may_be_created_before_its_bid():
    state = session()
    state.create_ad("a2", "inlineAd")

    assert only(SlotAssigned, turn(state, "u1", "a2")).message_id == "a2"


@pytest.mark.parametrize("code", ["inlineAd", "banner"])
def test_4_6_a_second_creation_is_the_same_ad(code):
    state = session()
    state.create_ad("a2", "inlineAd")
    effects = state.create_ad("a2", code)

    assert state.ads == list(dict.fromkeys([("a2", "inlineAd"), ("a2", code)]))
    assert [note.name for note in every(Debug, effects)] == (
        ["Session: createAd-returning-existing"] if code == "inlineAd" else []
    )


def test_4_6_letting_go_of_the_last_ad_without_a_current_preload():
    state = session()
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    state.apply_preload(send(state, "u3", track_only=True), PreloadNothing(SESSION_ID))

    assert only(SlotReleased, state.remove_ad("a2", "inlineAd")) == SlotReleased("a2")


def test_4_6_ads_of_thirty_messages_are_kept():
    state = scrolled_through(REPLIES[:MAX_ADS])

    assert MAX_ADS == 30
    assert [message_id for message_id, _ in state.ads] == REPLIES[:30]


def test_4_6_beyond_thirty_the_first_ads_are_let_go_with_all_their_placements():
    state = session()
    turn(state, "u1", "a1")
    state.create_ad("a1", "inlineAd")
    state.create_ad("a1", "banner")
    add(state, *(f"a{number}" for number in range(100, 130)))
    for reply in REPLIES[1:MAX_ADS]:
        state.create_ad(reply, "inlineAd")

    effects = state.create_ad("a31", "inlineAd")

    assert every(SlotReleased, effects) == [SlotReleased("a1")]
    assert [message_id for message_id, _ in state.ads] == REPLIES[1:31]
    assert linked(state) == {}


def test_4_6_a_second_placement_of_the_thirtieth_message_lets_nothing_go():
    state = scrolled_through(REPLIES[:MAX_ADS])

    assert state.create_ad("a30", "banner") == []
    assert len(state.ads) == 31


def test_4_6_scrolling_up_does_not_let_go_of_the_newest_ad():
    state = session()
    turn(state, "u0", "a99")
    state.create_ad("a99", "inlineAd")

    for reply in REPLIES[:60]:
        state.create_ad(reply, "inlineAd")

    assert [message_id for message_id, _ in state.ads] == ["a99", *REPLIES[31:60]]
    assert linked(state) == {"a99": 1}


def test_4_6_an_ad_that_is_let_go_may_be_created_again():
    state = scrolled_through(REPLIES[:31])
    state.create_ad("a1", "inlineAd")

    assert [message_id for message_id, _ in state.ads] == [*REPLIES[2:31], "a1"]
