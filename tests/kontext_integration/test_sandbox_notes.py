from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox.log import Log
from kontext_integration.sandbox.notes import MAX_BYTES, MAX_NOTES, Intake

BID = "11111111-1111-4111-8111-111111111111"
SENT = {"direction": "sent", "type": "resize-iframe", "summary": "210 px"}


def report(*messages: Any, **changes: Any) -> bytes:
    return json.dumps({"page": "frame", "bid": BID, "code": "inlineAd", "messages": messages} | changes).encode()


def taken(raw: bytes) -> list[tuple[str, str]]:
    log = Log()
    assert Intake(log).take(raw)
    return [(entry.what, entry.outcome) for entry in log.after()]


def test_messages_of_both_directions_are_logged_with_the_bid() -> None:
    log = Log()
    heard = {"direction": "heard", "type": "update-iframe", "summary": "3 messages"}
    assert Intake(log).take(report(SENT, heard))
    assert [(entry.what, entry.outcome, entry.ids) for entry in log.after()] == [
        ("frame → host resize-iframe", "210 px", "bid 11111111… · code inlineAd"),
        ("host → frame update-iframe", "3 messages", "bid 11111111… · code inlineAd"),
    ]


def test_a_modal_is_named_as_one() -> None:
    assert taken(report(SENT, page="modal")) == [("modal → host resize-iframe", "210 px")]


@pytest.mark.parametrize(
    "message",
    [
        None, 7, [], {}, SENT | {"direction": "across"}, SENT | {"direction": ["sent"]}, SENT | {"type": 5},
        SENT | {"type": "two words"}, SENT | {"type": "x" * 61}, SENT | {"type": "<b>"},
    ],
)  # fmt: skip
def test_what_is_no_note_is_left_out(message: object) -> None:
    assert taken(report(message, SENT)) == taken(report(SENT))


def test_a_summary_is_short_and_printable() -> None:
    ((_, summary),) = taken(report(SENT | {"summary": "a\nb\0" + "x" * 500}))
    assert summary.startswith("a b x")
    assert len(summary) == 160


def test_a_summary_that_is_no_text_is_empty() -> None:
    assert taken(report(SENT | {"summary": {"a": 1}})) == [("frame → host resize-iframe", "")]


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff", b"[" * 5000, report(SENT, page="host"), b" " * MAX_BYTES + report()]
)
def test_what_is_no_report_is_refused(raw: bytes) -> None:
    log = Log()
    assert not Intake(log).take(raw)
    assert log.after() == []


def test_no_report_holds_more_than_it_may() -> None:
    assert len(taken(report(*[SENT] * (MAX_NOTES + 10)))) == MAX_NOTES


def test_what_a_frame_left_out_is_counted() -> None:
    assert taken(report(SENT, missed=1990))[-1] == ("frame", "1,990 more messages, too many to list")


@pytest.mark.parametrize("missed", [-5, True, "7", 10**9, None])
def test_a_count_that_cannot_be_is_none(missed: object) -> None:
    assert len(taken(report(SENT, missed=missed))) == 1


def test_a_flood_is_cut_to_what_can_be_read() -> None:
    now = 0.0
    log = Log()
    intake = Intake(log, per_second=10, clock=lambda: now)
    for _ in range(100):
        assert intake.take(report(*[SENT] * 5))
    assert len(log.after()) == 10
    now = 0.5
    assert intake.take(report(*[SENT] * 8))
    assert [entry.outcome for entry in log.after(10)] == ["210 px"] * 5 + ["3 more messages, too many to list"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(messages=JSON, bid=JSON, missed=JSON)
def test_no_report_makes_the_intake_fail(messages: Any, bid: Any, missed: Any) -> None:
    raw = json.dumps({"page": "frame", "messages": messages, "bid": bid, "code": bid, "missed": missed}).encode()
    assert Intake(Log()).take(raw)
