"""Protocol 4.3, steps 8 to 12: what is sent, when it is read, and which session it belongs to (protocol 4.9)."""

from __future__ import annotations

import pytest

from kontext_integration.entities import Character, Options
from kontext_integration.outcomes import InitApplied
from kontext_integration.state import DEBOUNCE_MS, Debug, Effect, SlotAssigned, StartPreload

from .builders import (
    BID,
    BID_ID,
    FILLED,
    SESSION_ID,
    add,
    configuration,
    every,
    message,
    only,
    send,
    session,
    turn,
)


def ids(messages):
    return [each.id for each in messages]


def test_4_3_step_8_the_snapshot_ends_with_the_user_message_whatever_comes_later():
    state = session()
    sequence = only(StartPreload, add(state, "u1", "a2", "u3")).sequence
    add(state, "a4")

    assert ids(state.begin_preload(sequence).messages) == ["u1", "a2", "u3"]


def test_4_3_step_8_a_reply_within_the_debounce_is_not_in_the_snapshot_of_its_own_ad():
    state = session()
    sequence = only(StartPreload, add(state, "u1")).sequence
    add(state, "a2")
    state.begin_preload(sequence)

    assert ids(only(SlotAssigned, state.apply_preload(sequence, FILLED)).snapshot) == ["u1"]


def test_4_3_step_9_a_burst_yields_one_preload_for_its_last_user_message():
    state = session()
    sequences = [only(StartPreload, add(state, each)).sequence for each in ("u1", "u2", "u3")]

    started = [start for start in map(state.begin_preload, sequences) if start]

    assert [start.sequence for start in started] == [sequences[-1]]
    assert ids(started[0].messages) == ["u1", "u2", "u3"]


def test_4_3_step_9_the_debounce_takes_ten_milliseconds():
    assert DEBOUNCE_MS == 10


def test_4_3_step_10_a_preload_begins_once():
    state = session()
    sequence = send(state, "u1")

    assert state.begin_preload(sequence) is None


def test_4_3_step_10_a_session_disabled_in_the_debounce_sends_nothing():
    state = session()
    state.begin_init()
    sequence = only(StartPreload, add(state, "u1")).sequence
    state.apply_init(InitApplied(enabled=False))

    assert state.begin_preload(sequence) is None


def test_4_3_step_10_a_session_destroyed_in_the_debounce_sends_nothing():
    state = session()
    sequence = only(StartPreload, add(state, "u1")).sequence
    state.destroy()

    assert state.begin_preload(sequence) is None


def test_4_3_step_11_an_unused_bid_is_still_to_be_had_during_the_debounce():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)
    add(state, "u2")

    assert only(SlotAssigned, add(state, "a3")).sequence == 1


def test_4_3_step_11_an_unused_bid_is_lost_when_the_next_preload_begins():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)
    send(state, "u2")

    assert every(SlotAssigned, add(state, "a3")) == []


def test_4_3_step_12_a_turn_is_not_only_tracked_unless_that_is_said():
    state = session()
    sequence = only(StartPreload, state.add_message(message("u1"))).sequence

    assert state.begin_preload(sequence).track_only is False


@pytest.mark.parametrize("track_only", [False, True])
def test_4_3_step_12_the_request_knows_whether_the_turn_is_only_tracked(track_only):
    state = session()
    sequence = only(StartPreload, add(state, "u1", track_only=track_only)).sequence

    assert state.begin_preload(sequence).track_only is track_only


def test_2_4_everything_but_the_messages_is_read_when_the_request_is_built():
    state = session()
    state.begin_init()
    sequence = only(StartPreload, add(state, "u1")).sequence
    state.update_options(Options(variant_id="B"))
    state.apply_init(InitApplied(preload_timeout_ms=8000))
    state.session_id = SESSION_ID

    start = state.begin_preload(sequence)

    assert (start.options.variant_id, start.timeout_ms, start.session_id) == ("B", 8000, SESSION_ID)


def test_4_5_history_replayed_in_one_burst_is_one_preload_for_the_last_reply():
    state = session()
    starts = [effect for each in ("u1", "a2", "u3", "a4") for effect in every(StartPreload, add(state, each))]
    started = [start for start in (state.begin_preload(effect.sequence) for effect in starts) if start]

    effects = state.apply_preload(started[-1].sequence, FILLED)

    assert [ids(start.messages) for start in started] == [["u1", "a2", "u3"]]
    assert only(SlotAssigned, effects).message_id == "a4"


def test_4_5_a_slot_comes_with_its_bids_and_the_frozen_snapshot():
    state = session()
    state.apply_preload(send(state, "u1"), FILLED)

    slot = only(SlotAssigned, add(state, "a2"))

    assert slot == SlotAssigned("a2", 1, (BID,), (message("u1"),))
    assert slot.bids[0].bid_id == BID_ID


def test_2_6_no_effect_for_the_log_carries_the_text_of_a_message():
    state = session()
    effects: list[Effect] = [*add(state, "u1"), *turn(state, "u3", "a4"), *state.destroy()]

    assert "text of" not in repr(every(Debug, effects))


@pytest.mark.parametrize(
    "changes",
    [
        {"publisher_token": "other"},
        {"user_id": "other"},
        {"conversation_id": "other"},
        {"enabled_placement_codes": ("b",)},
        {"ad_server_url": "https://other.test"},
        {"character": Character("c1", "Luna", "https://example.com/luna.png")},
    ],
    ids=lambda changes: f"4.9 {list(changes)[-1]}",
)
def test_4_9_what_belongs_to_the_identity_needs_a_new_session(changes):
    assert session().serves(configuration())
    assert not session().serves(configuration(**changes))


def test_4_9_a_destroyed_session_serves_nobody():
    state = session()
    state.destroy()

    assert not state.serves(configuration())
