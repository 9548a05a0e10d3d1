"""Protocol 2.4 and 4.8: results of preloads applied once, and the ad server's session id."""

from __future__ import annotations

import pytest

from kontext_integration.events import AdError, AdNoFill
from kontext_integration.outcomes import (
    InitApplied,
    PreloadFailed,
    PreloadFilled,
    PreloadNoFill,
    PreloadNothing,
)
from kontext_integration.state import (
    Debug,
    Emit,
    Report,
    SlotAssigned,
)

from .builders import (
    BID,
    FILLED,
    SESSION_ID,
    events,
    every,
    only,
    send,
    session,
    turn,
)

OTHER_SESSION_ID = "44444444-4444-4444-4444-444444444444"


def test_5_1_no_fill_is_told_with_its_reason():
    state = session()

    assert events(state.apply_preload(send(state, "u1"), PreloadNoFill("ad_skipped"))) == [AdNoFill("ad_skipped")]


def test_5_1_a_failure_is_told_and_not_sticky():
    state = session()
    effects = state.apply_preload(send(state, "u1"), PreloadFailed("Boom", "request_failed", report="timeout"))

    assert events(effects) == [AdError("Boom", "request_failed")]
    assert only(Report, effects) == Report("timeout", "Preload.request")
    assert only(SlotAssigned, turn(state, "u2", "a3"))


def test_2_4_row_1_a_result_counts_once():
    state = session()
    sequence = send(state, "u1")

    assert events(state.apply_preload(sequence, FILLED))
    assert state.apply_preload(sequence, FILLED) == []


def test_2_4_row_1_a_result_of_an_unknown_preload_is_ignored():
    state = session()
    send(state, "u1")

    assert state.apply_preload(7, FILLED) == []


def test_2_5_the_gate_for_reports_is_read_when_the_request_is_built():
    state = session()
    state.begin_init()
    sequence = send(state, "u1")
    state.apply_init(InitApplied(report_errors=False))
    failed = PreloadFailed("Boom", "request_failed", report="timeout")

    assert every(Report, state.apply_preload(sequence, failed)) == [Report("timeout", "Preload.request")]
    assert every(Report, state.apply_preload(send(state, "u2"), failed)) == []


def test_2_5_a_closed_gate_leaves_the_local_log():
    state = session(report_errors=False)
    effects = state.apply_preload(send(state, "u1"), PreloadFailed("Boom", "request_failed", report="timeout"))

    assert every(Debug, effects) == [Debug("Session: error-not-reported", {"error": "timeout"})]


def test_2_5_an_error_of_the_ad_server_is_nothing_to_report():
    state = session()
    effects = state.apply_preload(send(state, "u1"), PreloadFailed("Ad generation skipped", "geo", SESSION_ID))

    assert effects == [Emit(AdError("Ad generation skipped", "geo"))]


@pytest.mark.parametrize(
    "outcome",
    [
        PreloadFilled(OTHER_SESSION_ID, (BID,)),
        PreloadNoFill("ad_skipped", OTHER_SESSION_ID),
        PreloadNothing(OTHER_SESSION_ID),
        PreloadFailed("m", "e", OTHER_SESSION_ID),
        PreloadFailed("m", "e", OTHER_SESSION_ID, disables=True),
    ],
    ids=["fill", "skip", "track only", "errCode", "permanent"],
)
def test_4_8_every_answer_that_carries_one_replaces_it(outcome):
    state = session(session_id=SESSION_ID)
    state.apply_preload(send(state, "u1"), outcome)

    assert state.session_id == OTHER_SESSION_ID


@pytest.mark.parametrize("outcome", [PreloadNoFill("x"), PreloadNothing(), PreloadFailed("m", "e")])
def test_4_8_an_answer_without_one_never_clears_it(outcome):
    state = session(session_id=SESSION_ID)
    state.apply_preload(send(state, "u1"), outcome)

    assert state.session_id == SESSION_ID


def test_4_10_the_preload_in_flight_is_awaited_until_it_has_its_result():
    state = session()
    sequence = send(state, "u1")
    assert state.awaits(sequence)

    state.apply_preload(sequence, PreloadNoFill("ad_skipped"))

    assert not state.awaits(sequence)


def test_4_10_a_superseded_preload_is_awaited_no_more():
    state = session()
    sequence = send(state, "u1")
    send(state, "u2")

    assert not state.awaits(sequence)


def test_4_10_a_session_goes_on_until_it_is_destroyed():
    state = session()
    sequence = send(state, "u1")
    assert state.awaits(None)

    state.destroyed = True

    assert not state.awaits(None)
    assert not state.awaits(sequence)
