from __future__ import annotations

import pytest

from kontext_integration.sandbox.words import WORDS, find_word


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.text)
def test_every_word_finds_itself_and_says_what_it_does(word: object) -> None:
    entry = find_word(f"Plan a trip {getattr(word, 'text')}.")  # noqa: B009
    assert entry is word


@pytest.mark.parametrize("message", ["", "skip", "#", "#skipped", "# skip"])
def test_what_only_looks_like_a_word_is_none(message: str) -> None:
    assert find_word(message) is None


def test_the_first_word_wins_over_later_and_unknown_ones() -> None:
    found = find_word("#hello #Late and then #500")
    assert found is not None
    assert found.text == "#late"
