from __future__ import annotations

import logging

import pytest

from chatapp.outages import Outage


def test_what_has_failed_is_left_alone_for_a_while() -> None:
    outage = Outage("thing", rest_s=60)
    assert not outage.is_on
    outage.note(OSError())
    assert outage.is_on
    outage.forget()
    assert not outage.is_on


def test_after_its_rest_it_is_tried_again() -> None:
    outage = Outage("thing", rest_s=0)
    outage.note(OSError())
    assert not outage.is_on


def test_the_log_says_it_once_and_not_what_was_in_it(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage("thing", rest_s=60)
    for _ in range(3):
        outage.note(OSError("a secret"))
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "The thing does not answer: OSError"
    ]
