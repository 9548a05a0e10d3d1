from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox.creatives import GENERAL
from kontext_integration.sandbox.queries import component_params, problems_of_frame, problems_of_modal
from kontext_integration.sandbox.store import Bid

BID = Bid("11111111-1111-4111-8111-111111111111", "inlineAd", GENERAL, ("u1",), "speaks", "interstitial")
FRAME = {"code": "inlineAd", "messageId": "a1", "sdk": "sdk-js"}
MODAL = FRAME | {"componentParams": '{"line": 1}'}
MISSING = "componentParams is missing: open-component-iframe gave some"


def test_a_correct_query_has_no_problems() -> None:
    assert problems_of_frame(FRAME, BID) == problems_of_modal(MODAL, BID) == []


def test_a_theme_may_be_there() -> None:
    assert problems_of_frame(FRAME | {"theme": "v2-dark"}, BID) == []


@pytest.mark.parametrize("name", FRAME)
@pytest.mark.parametrize("value", [None, ""])
def test_every_part_is_needed(name: str, value: str | None) -> None:
    query = {**MODAL, name: value} if value is not None else {key: part for key, part in MODAL.items() if key != name}
    assert problems_of_frame(query, BID) == problems_of_modal(query, BID) == [f"{name} is missing"]


def test_the_code_must_be_that_of_the_bid() -> None:
    assert problems_of_frame(FRAME | {"code": "other"}, BID) == ["code is not that of the bid"]


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ("[1]", "componentParams must be a JSON object"),
        ("{", "componentParams must be a JSON object"),
        ("", "componentParams must be a JSON object"),
        ("[" * 2000, "componentParams must be a JSON object"),
        ('{"a": "' + "é" * 1024 + '"}', "componentParams must have at most 2048 bytes"),
    ],
)
def test_the_parameters_of_a_modal_are_a_small_object(params: str, problem: str) -> None:
    assert problems_of_modal(MODAL | {"componentParams": params}, BID) == [problem]


def test_the_parameters_that_the_frame_gave_may_not_be_lost() -> None:
    assert problems_of_modal(FRAME, BID) == [MISSING]


def test_only_an_interstitial_has_a_modal() -> None:
    native = Bid(BID.bid_id, "inlineAd", GENERAL, ("u1",), "speaks")
    assert problems_of_modal(MODAL, native) == ["this bid has no modal"]


def test_the_parameters_are_read() -> None:
    assert component_params(MODAL) == {"line": 1}


@given(st.dictionaries(st.sampled_from(sorted(MODAL)), st.text(max_size=60)))
def test_any_query_is_judged(query: dict[str, str]) -> None:
    assert all(isinstance(problem, str) for problem in problems_of_modal(query, BID))
