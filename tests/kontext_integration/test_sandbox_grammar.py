from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox.grammar import Word, speak, takes_code, takes_number, tokens

SKIP = Word("#skip:CODE", "", read=takes_code(lambda code: {"reply": code}), examples=("x",))


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Plan a trip #late", [("#late", "")]),
        ("#LATE, please", [("#late", "")]),
        ("#skip:Frequency_Cap.", [("#skip:", "Frequency_Cap")]),
        ("#skip: no", [("#skip", "")]),
        ("#init:204", [("#init:", "204")]),
        ("# late", []),
        ("C# and #", []),
        ("#a#b", [("#a", ""), ("#b", "")]),
    ],
)
def test_what_looks_like_a_word_is_found(message: str, found: list[tuple[str, str]]) -> None:
    assert tokens(message) == found


@given(st.text())
def test_no_message_is_too_odd(message: str) -> None:
    assert all(key.startswith("#") for key, _ in tokens(message))


def test_a_word_with_a_parameter_is_another_one() -> None:
    assert (SKIP.key, Word("#skip", "").key) == ("#skip:", "#skip")


def test_a_parameter_changes_what_the_word_says() -> None:
    spoken = speak(SKIP, "no_fill")
    assert spoken is not None
    assert (spoken.text, spoken.parameter, spoken.changes) == ("#skip:no_fill", "no_fill", {"reply": "no_fill"})


@pytest.mark.parametrize("parameter", ["", "x" * 61, "é", "a b"])
def test_what_cannot_be_a_code_makes_no_word(parameter: str) -> None:
    assert speak(SKIP, parameter) is None


@pytest.mark.parametrize(("parameter", "value"), [("200", 200), ("599", 599), ("0200", None), ("199", None)])
def test_a_number_must_be_in_its_range(parameter: str, value: int | None) -> None:
    changes = takes_number(200, 599, lambda number: {"status": number})(parameter)
    assert changes == (value and {"status": value})


@pytest.mark.parametrize("parameter", ["", "-1", "1.5", "1e2", "٢٠٠", "9" * 5000])
def test_what_is_no_whole_number_makes_no_word(parameter: str) -> None:
    assert takes_number(0, 599, lambda number: {"status": number})(parameter) is None
