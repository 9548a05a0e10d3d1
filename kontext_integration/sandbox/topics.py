"""Which house ad suits a conversation: words are counted, the newest message the most."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .creatives import GENERAL, TOPICAL, Creative

WINDOW = 6
"""How many of the last messages count."""
LAST_WEIGHT = 3
"""How much more the last one counts."""


def choose(contents: Sequence[str]) -> Creative:
    """The creative for messages with these texts, oldest first; the general one when no topic's word is in them."""
    weights: dict[str, int] = {}
    for distance, content in enumerate(reversed(contents[-WINDOW:])):
        for word in words_of(content):
            weights[word] = weights.get(word, 0) + (LAST_WEIGHT if distance == 0 else 1)
    best = max(TOPICAL, key=lambda creative: _score(creative, weights))
    return best if _score(best, weights) else GENERAL


def words_of(content: str) -> set[str]:
    """The lowercase words of a text, each also without a plural's s: a set, so that repeating one does not shout."""
    words = set(re.findall(r"\w+", content.lower()))
    return words | {word[:-1] for word in words if word.endswith("s")}


def _score(creative: Creative, weights: dict[str, int]) -> int:
    return sum(weights.get(word, 0) for word in creative.words)
