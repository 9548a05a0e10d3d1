from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from chatapp import logs

SECRET = "my secret question"


def line(message: str = "hello", *args: object, failure: BaseException | None = None, **extra: Any) -> dict[str, Any]:
    """What a production log holds of one record."""
    record = logging.LogRecord("chat", logging.WARNING, __file__, 1, message, args, None)
    vars(record).update(extra)
    if failure is not None:
        try:
            raise failure
        except type(failure):
            record.exc_info = sys.exc_info()
    logs.NameTheContext().filter(record)
    text = logs.JsonLines().format(record)
    assert "\n" not in text
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_record_is_one_line_of_json() -> None:
    read = line("Reply %s ended", "a1", status_code=500)
    assert read.pop("time").endswith("+00:00")
    assert read == {"level": "WARNING", "logger": "chat", "message": "Reply a1 ended", "status_code": 500}


def test_a_line_break_in_a_value_begins_no_new_record() -> None:
    assert line("a\nb")["message"] == "a\nb"


def test_what_is_logged_belongs_to_its_request_and_its_turn() -> None:
    with logs.request("from-a-proxy") as request_id, logs.turn("turn-1"):
        read = line()
    assert request_id == "from-a-proxy"
    assert (read["request_id"], read["turn_id"]) == ("from-a-proxy", "turn-1")
    assert "request_id" not in line()
    assert "turn_id" not in line()


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "new\nline-is-long-enough", 'quo"tes-are-not'])
def test_an_id_of_another_form_is_replaced(given: str) -> None:
    with logs.request(given) as request_id:
        assert request_id != given
        assert len(request_id) == 32


def test_an_exception_is_told_by_type_and_place_and_never_by_its_words() -> None:
    read = line(failure=ValueError(SECRET))
    assert read["exception"]["type"] == "ValueError"
    assert "test_logs.py" in read["exception"]["at"][-1]
    assert SECRET not in json.dumps(read)


def test_the_causes_of_an_exception_are_told_by_their_types() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as cause:
        failure = RuntimeError(SECRET)
        failure.__cause__ = cause
    described = logs.describe(failure)
    assert described["causes"] == ["KeyError"]
    assert SECRET not in json.dumps(described)


def test_a_row_that_a_database_quotes_does_not_get_into_the_log() -> None:
    assert SECRET not in json.dumps(line(failure=IntegrityError(f"Failing row contains ({SECRET})")))


@pytest.mark.parametrize("failure", [ConnectionRefusedError("port 5432"), OperationalError("server closed")])
def test_what_only_speaks_of_connections_keeps_its_words(failure: BaseException) -> None:
    assert line(failure=failure)["exception"]["message"] == str(failure)


def test_for_eyes_the_ids_stand_before_the_message() -> None:
    record = logging.LogRecord("chat", logging.INFO, __file__, 1, "hello", (), None)
    with logs.request("0123456789abcdef"), logs.turn("fedcba9876543210"):
        logs.NameTheContext().filter(record)
    assert vars(record)["context"] == " [request 01234567] [turn fedcba98]"
