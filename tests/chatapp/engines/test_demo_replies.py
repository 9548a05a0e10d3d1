from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.engines import Turn, demo_replies
from chatapp.engines.demo_replies import FIRST_WORDS, LAST_WORDS, compose, wants


def user(text: str) -> Turn:
    return Turn("user", text)


def answer(text: str) -> str:
    return compose([user(text)])


def later(text: str) -> str:
    return compose([user("hello"), Turn("assistant", answer("hello")), user(text)])


def test_the_first_reply_says_at_its_start_that_it_is_a_demo() -> None:
    assert answer("hello").startswith(FIRST_WORDS)


def test_later_replies_say_it_at_their_end() -> None:
    assert not later("my dog barks").startswith(FIRST_WORDS)
    assert later("my dog barks").endswith(LAST_WORDS)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Plan a weekend in Lisbon", "| Day | Morning |"),
        ("Show me a Python function", "```python"),
        ("A javascript fetch in the browser?", "```javascript"),
        ("Why do my tomato leaves turn yellow?", "## When leaves turn yellow"),
        ("how do I cook a vegetarian dinner", "chickpeas"),
        ("I want to start running five kilometres", "## From the couch to five kilometres"),
        ("how should I use spare money", "## In which order to use spare money"),
        ("which guitar chords first?", "| Chord | Notes |"),
        ("recommend a book for my mood", "## Four books for four moods"),
        ("my puppy comes home this week", "## The first week with a puppy or kitten"),
        ("make my small living room feel larger", "## Making a small room feel larger"),
        ("learn Spanish vocabulary", "## Vocabulary that stays"),
        ("camera settings, aperture and ISO", "| Aperture |"),
        ("chess openings", "## Chess without memorising openings"),
        ("my laptop has become slow", "## When everything has become slow"),
        ("hello", "## Things I can talk about"),
        ("What can you do?", "## Things I can talk about"),
    ],
)
def test_the_reply_fits_the_topic_of_the_message(message: str, expected: str) -> None:
    assert expected in answer(message)


def test_a_message_without_a_topic_gets_a_general_answer_that_quotes_its_words() -> None:
    assert "**quantum**" in answer("What about quantum gravity in {life}?")
    assert "**погодой**" in answer("Как дела с погодой")


def test_a_short_follow_up_stays_with_the_topic_and_shows_something_new() -> None:
    question = user("Plan a weekend in Lisbon")
    first = compose([question])
    second = compose([question, Turn("assistant", first), user("tell me more")])
    first_headings = set(re.findall("^## .*", first, re.MULTILINE))
    second_headings = set(re.findall("^## .*", second, re.MULTILINE))
    assert len(second_headings) == 2
    assert not first_headings & second_headings


def test_every_topic_is_named_in_the_help() -> None:
    texts = Path(demo_replies.__file__).parent / "demo_texts"
    for path in texts.glob("[!_]*.md"):
        name = {"gaming": "games", "tech": "technology"}.get(path.stem, path.stem)
        assert name in answer("/help"), name


def test_the_help_names_every_special_word() -> None:
    for word in ("/help", "/long", "/slow", "/fail"):
        assert f"`{word}`" in answer("/help")


def test_the_long_reply_holds_every_markdown_construct() -> None:
    text = answer("/long")
    for construct in (
        "# A",
        "**bold**",
        "- First",
        "1. Measure",
        "| :---",
        "```python",
        "> A",
        "---",
        "[link](",
        "- smaller",
    ):
        assert construct in text, construct


@pytest.mark.parametrize(
    ("message", "wanted"), [("/fail", True), ("a /fail, b", True), ("a/fail", False), ("/failed", False)]
)
def test_a_special_word_stands_by_itself(message: str, wanted: bool) -> None:
    assert wants(message, "fail") is wanted


@given(st.text(max_size=80))
def test_every_message_gets_the_same_reply_twice(message: str) -> None:
    assert answer(message) == answer(message)
    assert len(answer(message)) > 200
