from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.engines import Turn
from chatapp.engines.history import estimate_tokens, fit


def user(text: str) -> Turn:
    return Turn("user", text)


def assistant(text: str) -> Turn:
    return Turn("assistant", text)


TALK = [user("a" * 40), assistant("b" * 40), user("c" * 40), assistant("d" * 40), user("e" * 40)]  # 14 tokens each


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("漢字", 2), ("漢字abcd", 3), ("안녕", 2), ("éééé", 1)],
)
def test_four_characters_or_one_cjk_character_count_as_a_token(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_what_fits_is_sent_whole_after_the_system_prompt() -> None:
    assert fit(TALK, system_prompt="Be kind.", budget_tokens=1000) == [Turn("system", "Be kind."), *TALK]


def test_an_empty_system_prompt_is_left_out() -> None:
    assert fit(TALK, system_prompt="", budget_tokens=1000) == TALK


def test_the_newest_turns_are_kept() -> None:
    assert fit(TALK, system_prompt="", budget_tokens=14 * 3) == TALK[2:]


def test_the_budget_includes_the_system_prompt() -> None:
    assert fit(TALK, system_prompt="x", budget_tokens=14 * 3)[1:] == TALK[4:]


def test_an_assistant_turn_never_comes_first() -> None:
    assert fit(TALK, system_prompt="", budget_tokens=14 * 4) == TALK[2:]


def test_the_last_user_turn_is_kept_whole_whatever_its_length() -> None:
    assert fit([*TALK, user("x" * 10_000)], system_prompt="", budget_tokens=10) == [user("x" * 10_000)]


def test_a_reply_after_the_last_user_turn_is_kept_with_it() -> None:
    assert fit(TALK[:2], system_prompt="", budget_tokens=1) == TALK[:2]


def test_nothing_older_jumps_over_a_turn_that_does_not_fit() -> None:
    turns = [user("hi"), user("x" * 10_000), user("last")]
    assert fit(turns, system_prompt="", budget_tokens=100) == [user("last")]


def test_empty_turns_are_left_out() -> None:
    assert fit([user("a"), assistant(" \n"), user("b")], system_prompt="", budget_tokens=100) == [user("a"), user("b")]


def test_without_a_user_turn_only_the_system_prompt_is_sent() -> None:
    assert fit([assistant("Welcome")], system_prompt="x", budget_tokens=100) == [Turn("system", "x")]


@given(
    st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), st.text(max_size=60))),
    st.integers(0, 200),
)
def test_the_rules_hold_for_every_conversation(turns: list[Turn], budget: int) -> None:
    kept = fit(turns, system_prompt="", budget_tokens=budget)
    spoken = [turn for turn in turns if turn.content.strip()]
    users = [turn for turn in spoken if turn.role == "user"]
    assert kept == spoken[len(spoken) - len(kept) :] or not users
    assert [turn for turn in kept if turn.role == "user"][-1:] == users[-1:]
    assert not kept or kept[0].role == "user"
    if sum(turn.role == "user" for turn in kept) > 1:
        assert sum(estimate_tokens(turn.content) + 4 for turn in kept) <= budget
