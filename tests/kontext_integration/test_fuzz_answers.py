"""Whatever an ad server answers, it becomes one of the closed outcomes (protocol 2.3, 2.4): nothing raises."""

from __future__ import annotations

import json
import math
import re
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kontext_integration.outcomes import (
    InitApplied,
    InitIgnored,
    PreloadFailed,
    PreloadFilled,
    PreloadNoFill,
    PreloadNothing,
)
from kontext_integration.state import SessionState
from kontext_integration.wire import MAX_ANSWER_BYTES, MAX_BIDS, decide_preload, decode_init

from .builders import BID, BID_ID, CODES, INSTALL_ID, SESSION_ID, WIRE_BID, add, configuration, send
from .hostile import CHARSETS, GOOD, SECRET, bodies

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STATUSES = st.sampled_from([200, 201, 204, 205, 299, 100, 302, 400, 403, 429, 500, 999])


def preload(body, status=200, track_only=False):
    return decide_preload(status, body, codes=CODES, track_only=track_only)


def is_sound(outcome):
    """What the rest of the app relies on, and nothing of what was sent but codes and ids."""
    if outcome.session_id is not None:
        assert UUID.fullmatch(outcome.session_id)
    match outcome:
        case PreloadFilled(bids=bids):
            assert 0 < len(bids) <= MAX_BIDS
            for bid in bids:
                assert UUID.fullmatch(bid.bid_id)
                assert bid.code in CODES
                assert bid.revenue is None or (type(bid.revenue) is float and math.isfinite(bid.revenue))
                assert bid.impression_trigger in ("immediate", "component")
                assert bid.creative_type in (None, "display", "video")
        case PreloadNoFill(skip_code=code) | PreloadFailed(err_code=code):
            assert len(code.encode()) <= 800
            assert "\0" not in code
        case _:
            assert isinstance(outcome, PreloadNothing)
    assert SECRET not in (getattr(outcome, "report", None) or "") + getattr(outcome, "message", "")
    return True


@settings(max_examples=500)
@given(body=bodies(), status=STATUSES | st.just(200), track_only=st.booleans())
def test_2_4_every_answer_to_a_preload_has_an_outcome_that_a_session_can_live_with(body, status, track_only):
    outcome = preload(body, status, track_only)

    assert is_sound(outcome)
    state = SessionState(configuration(enabled_placement_codes=CODES), INSTALL_ID)
    state.apply_preload(send(state, "u1", track_only=track_only), outcome)
    add(state, "a2")
    assert SessionState.from_dict(json.loads(json.dumps(state.to_dict(), allow_nan=False))) == state


@settings(max_examples=500)
@given(body=bodies(), status=STATUSES | st.just(200))
def test_2_3_every_answer_to_init_is_applied_or_ignored(body, status):
    answer = decode_init(status, body)

    if isinstance(answer, InitIgnored):
        assert SECRET not in (answer.report or "")
    else:
        assert isinstance(answer, InitApplied)
        assert {type(answer.enabled), type(answer.report_errors), type(answer.report_debug)} == {bool}
        assert answer.preload_timeout_ms is None or 0 < answer.preload_timeout_ms < 2**31


@pytest.mark.parametrize("decode", [preload, lambda body: decode_init(200, body)], ids=["preload", "init"])
def test_2_4_row_5_an_answer_cut_at_any_byte_is_malformed(decode):
    body = json.dumps(GOOD).encode()

    assert isinstance(decode(body), PreloadFilled | InitApplied)
    for length in range(1, len(body)):
        assert "Malformed answer" in decode(body[:length]).report


@pytest.mark.parametrize("charset", CHARSETS)
def test_2_4_row_5_an_answer_is_utf_8_without_a_mark_or_malformed(charset):
    outcome = preload(json.dumps({**GOOD, "error": "für"}, ensure_ascii=False).encode(charset))

    assert isinstance(outcome, PreloadFilled if charset == "utf-8" else PreloadFailed)


def test_2_4_of_a_field_that_comes_twice_the_last_one_counts():
    other = SESSION_ID.replace("3", "4")
    body = f'{{"sessionId": 7, "sessionId": "{SESSION_ID}", "sessionId": "{other}", "bids": []}}'.encode()

    assert preload(body) == PreloadNoFill("unfilled_bid", other)


def test_2_4_half_a_surrogate_pair_in_an_id_or_a_code_does_no_harm():
    strange = {"sessionId": SESSION_ID, "bids": [{"bidId": BID_ID, "code": "\ud800"}, WIRE_BID]}

    assert preload(json.dumps(strange).encode()) == PreloadFilled(SESSION_ID, (BID,))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * MAX_ANSWER_BYTES,
        b'{"a":' * (MAX_ANSWER_BYTES // 5),
        b'{"bids":' + b"[" * 900_000,
        b'{"bids":[' + b"[]," * 300_000 + b"[]]}",
        b'{"bids":[' + b'{"":0},' * 140_000 + b"{}]}",
        b'{"bids":[' + b'{"bidId":"","code":""},' * 40_000 + b"{}]}",
        b"{" + b",".join(b'"%x":0' % number for number in range(90_000)) + b"}",
        b'{"preloadTimeout":' + b"9" * 900_000 + b"}",
        b'{"preloadTimeout":1e' + b"9" * 900_000 + b"}",
        b'{"errCode":"' + b"\\ud800" * 160_000 + b'"}',
        b'{"errCode":"' + b"x" * 900_000 + b'"}',
        b" " * MAX_ANSWER_BYTES,
        b"\xf0\x9f\x98\x80" * 250_000,
    ],
    ids=lambda body: repr(body[:14]),
)
def test_the_worst_answers_cost_little_time_and_memory(body):
    assert len(body) <= MAX_ANSWER_BYTES
    began = time.process_time()
    answer = decode_init(200, body)
    seconds = time.process_time() - began
    tracemalloc.start()
    outcome = preload(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(answer, InitApplied | InitIgnored)
    assert is_sound(outcome)
    assert seconds < 2
    assert peak < 100_000_000


def test_an_answer_beyond_the_limit_is_not_even_looked_at():
    body = json.dumps({**GOOD, "error": "x" * MAX_ANSWER_BYTES}).encode()
    tracemalloc.start()
    outcome, answer = preload(body), decode_init(200, body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(outcome, PreloadFailed)
    assert isinstance(answer, InitIgnored)
    assert peak < 100_000
