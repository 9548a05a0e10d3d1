from __future__ import annotations

import pytest

from kontext_integration.sandbox.topics import choose


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("Plan a weekend in Rome for us, by train if possible", "slowline"),
        ("What can I cook for dinner with two tomatoes?", "thyme"),
        ("Why does this Python function raise an exception?", "lantern"),
        ("A workout plan for my first marathon", "gentle-mile"),
        ("How do I budget with a small salary and a loan?", "pebble"),
        ("My balcony plants need more soil", "sill"),
        ("Which chords fit a sad guitar song?", "humbird"),
        ("Recommend a novel by a good author", "dogear"),
        ("My puppy chews the leash", "biscuit"),
        ("Which lamp suits a small living room?", "lamplight"),
        ("Explain the Spanish verb ser and its grammar", "small-talk"),
        ("Which aperture for a portrait photo?", "golden-hour"),
        ("I cannot sleep, I am so stressed", "nightjar"),
        ("What is the capital of Peru?", "kettle"),
        ("", "kettle"),
        ("今日はいい天気ですね", "kettle"),
    ],
)
def test_the_topic_chooses_the_creative(content: str, name: str) -> None:
    assert choose([content]).name == name


def test_the_newest_message_counts_most() -> None:
    assert choose(["A recipe for pasta, please", "Boil the pasta.", "Now teach me a guitar chord"]).name == "humbird"


def test_a_neutral_last_message_keeps_the_topic() -> None:
    assert choose(["A recipe for pasta, please", "Boil it in salted water.", "And then?"]).name == "thyme"


def test_old_messages_are_forgotten() -> None:
    assert choose(["A recipe for pasta", *["Go on"] * 6]).name == "kettle"


def test_repeating_a_word_does_not_shout() -> None:
    assert choose(["guitar guitar guitar guitar, or cook dinner from a recipe"]).name == "thyme"
