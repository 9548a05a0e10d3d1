"""Protocol 2.4: the decision table, row by row, and what makes an answer malformed."""

from __future__ import annotations

import json

import pytest

from kontext_integration.outcomes import PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing
from kontext_integration.wire import MAX_ANSWER_BYTES, request_failed

from .builders import BID_ID, SESSION_ID, WIRE_BID, answer, decide


def assert_malformed(outcome):
    assert isinstance(outcome, PreloadFailed)
    assert outcome.message.startswith("Error preloading ads: Malformed answer")
    assert (outcome.err_code, outcome.session_id, outcome.disables) == ("request_failed", None, False)
    assert outcome.report


def test_2_4_row_2_a_request_that_failed_is_an_error_and_a_report():
    assert request_failed("timeout") == PreloadFailed(
        "Error preloading ads: timeout", "request_failed", report="timeout"
    )


def test_2_4_row_2_too_many_requests_after_all_retries():
    assert decide(answer(), status=429) == request_failed("HTTP 429")


@pytest.mark.parametrize("body", [b"", b'{"errCode": "x", "permanent": true}'])
def test_2_4_row_3_204_is_an_unfilled_bid(body):
    assert decide(body, status=204) == PreloadNoFill("unfilled_bid", session_id=None)


@pytest.mark.parametrize("status", [100, 199, 300, 304, 400, 403, 404, 500, 503])
def test_2_4_row_4_another_status_never_disables_and_its_body_is_not_read(status):
    outcome = decide(answer(errCode="geo", permanent=True), status=status)

    assert outcome == PreloadFailed("Ad generation skipped", "unknown", session_id=None, disables=False, report=None)


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"[]", b'"text"', b"null", b"7", b"\xff\xfe{}", json.dumps(answer()).encode("utf-16"),
     json.dumps(answer()).encode("utf-8-sig"), b'{"sessionId": NaN}', b'{"a": Infinity}', b'{"a":' * 100_000,
     b'{"a": ' + b"9" * 5_000 + b"}", b'{"a": "' + b"x" * MAX_ANSWER_BYTES + b'"}'],
    ids=lambda body: f"2.4 row 5 {body[:12]!r}",
)  # fmt: skip
def test_2_4_row_5_a_body_that_is_no_json_object(body):
    assert_malformed(decide(body))


@pytest.mark.parametrize("status", [200, 201, 205, 299])
def test_2_4_row_5_every_other_2xx_needs_a_body(status):
    assert_malformed(decide(b"", status=status))


@pytest.mark.parametrize("fields", [
    {"sessionId": 7}, {"sessionId": ""}, {"sessionId": SESSION_ID.replace("-", "")}, {"sessionId": f"{{{SESSION_ID}}}"},
    {"bids": {}}, {"bids": "x"}, {"bids": [WIRE_BID, None]}, {"bids": [WIRE_BID, "x"]},
    {"bids": [{"code": "inlineAd"}]}, {"bids": [{"bidId": BID_ID}]},
    {"bids": [WIRE_BID, {**WIRE_BID, "bidId": f"urn:uuid:{BID_ID}"}]}, {"bids": [{**WIRE_BID, "code": 7}]},
    {"skip": 1}, {"skip": "true"}, {"skipCode": 7}, {"errCode": 7}, {"errCode": False}, {"permanent": 1},
    {"permanent": "true"},
], ids=lambda fields: f"2.4 strict {json.dumps(fields)[:50]}")  # fmt: skip
def test_2_4_row_5_one_strict_field_of_a_wrong_type_rejects_the_whole_answer(fields):
    assert_malformed(decide(answer(**fields)))


def test_2_4_row_5_more_bids_than_anybody_needs_are_no_answer():
    assert isinstance(decide(answer(bids=[WIRE_BID] * 100)), PreloadFilled)
    assert_malformed(decide(answer(bids=[WIRE_BID] * 101)))


def test_2_4_row_5_a_report_says_nothing_of_the_body():
    assert decide(b'{"secret').report == "Malformed answer: JSONDecodeError"


def test_2_4_row_6_permanent_with_a_code_disables():
    outcome = decide({"errCode": "geo_disabled", "error": "Geo disabled", "permanent": True})

    assert outcome == PreloadFailed("Session is disabled", "geo_disabled", session_id=None, disables=True)


def test_2_4_row_6_permanent_without_code_and_session_disables():
    assert decide({"permanent": True}) == PreloadFailed("Session is disabled", "session_disabled", disables=True)


def test_2_4_row_6_keeps_the_session_id():
    assert decide(answer(errCode="geo", permanent=True)).session_id == SESSION_ID


def test_2_4_row_6_permanent_beside_a_session_id_and_no_code_has_no_effect():
    assert isinstance(decide(answer(permanent=True)), PreloadFilled)


def test_2_4_row_7_a_code_beside_bids_is_an_error():
    outcome = decide(answer(errCode="generation_failed"))

    assert outcome == PreloadFailed("Ad generation skipped", "generation_failed", SESSION_ID)


def test_2_4_row_7_an_empty_code_is_present():
    assert decide(answer(errCode="")) == PreloadFailed("Ad generation skipped", "", SESSION_ID)


@pytest.mark.parametrize(
    "body", [{}, {"skip": True, "skipCode": "ad_skipped"}, {"bids": [WIRE_BID]}, {"sessionId": None, "bids": []}]
)
def test_2_4_row_7_an_answer_without_session_id_is_an_error_even_when_it_skips(body):
    assert decide(body) == PreloadFailed("Ad generation skipped", "unknown", session_id=None)


@pytest.mark.parametrize("field", ["errCode", "skipCode"])
def test_2_4_a_code_can_be_stored_whatever_the_server_sends(field):
    outcome = decide(answer(**{"skip": True, field: "\ud800\0" + "x" * 1_000}))
    code = outcome.err_code if field == "errCode" else outcome.skip_code

    assert code == "?" + "x" * 198


def test_2_4_row_7_comes_before_row_8():
    assert decide(answer(errCode="x", skip=True, skipCode="ad_skipped")).err_code == "x"


@pytest.mark.parametrize(
    ("code", "expected"), [("ad_skipped", "ad_skipped"), ("never_seen_before", "never_seen_before"), (None, "unknown")]
)
def test_2_4_row_8_skip_wins_over_bids(code, expected):
    assert decide(answer(skip=True, skipCode=code)) == PreloadNoFill(expected, SESSION_ID)


def test_2_4_row_8_a_skip_code_alone_does_not_skip():
    assert isinstance(decide(answer(skip=False, skipCode="ad_skipped")), PreloadFilled)


@pytest.mark.parametrize("status", [200, 201, 299])
def test_2_4_every_other_2xx_is_read(status):
    assert isinstance(decide(answer(), status=status), PreloadFilled)


@pytest.mark.parametrize("bids", [None, [], [{**WIRE_BID, "code": "foreign"}]], ids=["null", "empty", "foreign"])
def test_2_4_row_9_no_bid_for_an_enabled_placement(bids):
    assert decide(answer(bids=bids)) == PreloadNoFill("unfilled_bid", SESSION_ID)


def test_2_4_row_10_a_tracked_turn_discards_its_bids():
    assert decide(answer(), track_only=True) == PreloadNothing(SESSION_ID)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (answer(skip=True, skipCode="ads_disabled"), PreloadNoFill("ads_disabled", SESSION_ID)),
        (answer(bids=[]), PreloadNoFill("unfilled_bid", SESSION_ID)),
        (answer(errCode="x"), PreloadFailed("Ad generation skipped", "x", SESSION_ID)),
        ({}, PreloadFailed("Ad generation skipped", "unknown")),
        ({"permanent": True}, PreloadFailed("Session is disabled", "session_disabled", disables=True)),
        (b"{", request_failed("Malformed answer: JSONDecodeError")),
    ],
    ids=["2.4 row 8", "2.4 row 9", "2.4 row 7", "2.4 row 7 empty", "2.4 row 6", "2.4 row 5"],
)
def test_2_4_rows_5_to_9_also_apply_to_a_tracked_turn(body, expected):
    assert decide(body, track_only=True) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (429, request_failed("HTTP 429")),
        (204, PreloadNoFill("unfilled_bid")),
        (500, PreloadFailed("Ad generation skipped", "unknown")),
    ],
    ids=["2.4 row 2", "2.4 row 3", "2.4 row 4"],
)
def test_2_4_rows_2_to_4_also_apply_to_a_tracked_turn(status, expected):
    assert decide(b"", status=status, track_only=True) == expected


def test_2_4_no_byte_at_all_ends_a_tracked_turn_in_silence():
    assert decide(b"", track_only=True) == PreloadNothing(None)


def test_2_4_a_blank_body_is_malformed_even_for_a_tracked_turn():
    assert_malformed(decide(b"\n", track_only=True))
