from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox.defaults import WORD_FIELDS, Defaults, choices, read_defaults
from kontext_integration.sandbox.grammar import SLOTS


def test_nothing_given_is_a_fill_at_once() -> None:
    assert read_defaults({}) == read_defaults({"outcome": " ", "fill_rate": ""}) == Defaults()


def test_everything_can_be_given_and_is_shown_as_it_was() -> None:
    fields = {
        "outcome": "#skip:frequency_cap",
        "format": "#video",
        "frame": "#hideframe",
        "modal": "#modalhang",
        "latency_ms": "800",
        "fill_rate": "0.5",
        "init": "disabled",
    }
    assert read_defaults(fields).fields == fields


def test_the_hash_may_be_left_out() -> None:
    assert read_defaults({"outcome": "skip:no_fill"}) == read_defaults({"outcome": "#skip:no_fill"})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"outcome": "nonsense"}, "outcome: 'nonsense' is no such word"),
        ({"outcome": "#video"}, "outcome: '#video' is no such word"),
        ({"format": "#skip"}, "format: '#skip' is no such word"),
        ({"outcome": "#skip and more"}, "outcome: '#skip and more' is no such word"),
        ({"fill_rate": "1.5"}, "fill_rate must be a number from 0 to 1"),
        ({"fill_rate": "nan"}, "fill_rate must be a number from 0 to 1"),
        ({"fill_rate": "half"}, "fill_rate must be a number from 0 to 1"),
        ({"latency_ms": "-1"}, "latency_ms must be a number from 0 to 120000"),
        ({"latency_ms": "inf"}, "latency_ms must be a number from 0 to 120000"),
        ({"init": "maybe"}, "init must be one of enabled, disabled"),
        ({"seed": "7"}, "'seed' is not a field"),
    ],
)
def test_what_is_wrong_is_said(fields: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match="^" + problem):
        read_defaults(fields)


@given(st.dictionaries(st.sampled_from(sorted(Defaults().fields)), st.text(max_size=20)))
def test_any_text_is_taken_or_refused(fields: dict[str, str]) -> None:
    with suppress(ValueError):
        assert read_defaults(read_defaults(fields).fields) == read_defaults(fields)


@pytest.mark.parametrize(("name", "slot"), WORD_FIELDS.items())
def test_everything_that_is_offered_is_taken(name: str, slot: str) -> None:
    assert slot in SLOTS
    offered = [text for texts in choices(slot).values() for text in texts]  # type: ignore[arg-type]
    assert offered
    assert all(read_defaults({name: text}).fields[name] == text for text in offered)
