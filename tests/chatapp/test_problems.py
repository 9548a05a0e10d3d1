from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatapp import problems

CHAT = Path(problems.__file__).parent
CODES = sorted(
    {code for path in CHAT.glob("*.py") for code in re.findall(r'(?:error=|INTERRUPTED, )"(\w+)"', path.read_text())}
)


def test_the_search_finds_the_codes() -> None:
    assert {"lost", "shutdown"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_that_the_chat_stores_has_a_sentence_of_its_own(code: str) -> None:
    assert problems.sentence(code) != problems.sentence("never heard of")


def test_an_unknown_code_is_explained_all_the_same() -> None:
    assert "try again" in problems.sentence("never heard of").lower()
