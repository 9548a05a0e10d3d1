"""Protocol 2.2 and 2.4: a message and its time on the wire."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kontext_integration.entities import Message
from kontext_integration.wire import (
    message_from_record,
    message_record,
    timestamp,
)

from .builders import message

SDK = {"name": "sdk-js", "platform": "web", "version": "4.0.2"}


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2024, 1, 15, 10, 30, 0, 123_000, UTC), "2024-01-15T10:30:00.123Z"),
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01T00:00:00.000Z"),
        (datetime(2024, 1, 15, 10, 30, 0, 123_999, UTC), "2024-01-15T10:30:00.123Z"),
        (datetime(2024, 1, 15, 12, 30, tzinfo=timezone(timedelta(hours=2))), "2024-01-15T10:30:00.000Z"),
    ],
    ids=["fraction", "epoch", "microseconds cut", "another zone"],
)
def test_2_2_timestamps_have_three_digits_and_a_z(moment, written):
    assert timestamp(moment) == written


@pytest.fixture
def machine_in_rome(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("machine_in_rome")
def test_2_2_a_naive_time_is_taken_as_utc_wherever_the_machine_is():
    assert timestamp(datetime(2024, 1, 15, 10, 30)) == "2024-01-15T10:30:00.000Z"  # noqa: DTZ001


def test_2_4_a_message_has_four_fields_and_its_text_is_verbatim():
    spoken = Message("m1", "assistant", "  Hi\n\u00fc\u0000 ", datetime(2024, 1, 15, tzinfo=UTC))

    assert message_record(spoken) == {
        "id": "m1",
        "role": "assistant",
        "content": "  Hi\n\u00fc\u0000 ",
        "createdAt": "2024-01-15T00:00:00.000Z",
    }


def test_2_4_an_empty_text_is_sent():
    assert message_record(Message("m1", "user", "", datetime(2024, 1, 15, tzinfo=UTC)))["content"] == ""


def test_4_10_a_message_survives_its_record():
    assert message_from_record(message_record(message("a2"))) == message("a2")
