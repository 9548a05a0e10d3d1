from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.functional import Promise

from chatapp.engines import EngineError, EngineRateLimited, user_message_for
from chatapp.engines.errors import error_for_status

ERRORS: list[type[EngineError]] = [EngineError, *EngineError.__subclasses__()]


def test_every_code_is_its_own() -> None:
    assert len({error.code for error in ERRORS}) == len(ERRORS)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_a_sentence_for_the_person_that_is_translated_when_it_is_shown(
    error: type[EngineError],
) -> None:
    assert isinstance(error.user_message, Promise)
    assert user_message_for(error.code) == error.user_message
    with translation.override("en"):
        assert str(error.user_message).endswith(".")


def test_a_code_that_is_not_known_gets_the_general_sentence() -> None:
    assert user_message_for("from a later version") == EngineError.user_message


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "rejected"),
        (401, "unauthorized"),
        (403, "unauthorized"),
        (404, "not_found"),
        (204, "malformed"),
        (301, "not_found"),
        (413, "rejected"),
        (429, "rate_limited"),
        (500, "unavailable"),
        (503, "unavailable"),
    ],
)
def test_a_status_stands_for_an_error(status: int, code: str) -> None:
    assert error_for_status(status).code == code


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)]
)
def test_retry_after_is_read_in_seconds(header: str, seconds: float | None) -> None:
    error = error_for_status(429, retry_after=header)
    assert isinstance(error, EngineRateLimited)
    assert error.retry_after_s == seconds


def test_an_error_prints_its_code_and_detail() -> None:
    assert str(error_for_status(500, "HTTP 500")) == "unavailable: HTTP 500"
    assert str(EngineError()) == "failed"
