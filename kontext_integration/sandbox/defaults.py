"""What holds for every turn whose message has no word for it: from the command line, later from the control page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from .grammar import MAX_DELAY_MS, Slot, Spoken
from .inits import INITS, INITS_BY_NAME, Init
from .words import GROUPS, find_words

WORD_FIELDS: dict[str, Slot] = {"outcome": "answer", "format": "format", "frame": "frame", "modal": "modal"}
"""The fields that hold a word, and the slot that it must be of."""


@dataclass(frozen=True, slots=True)
class Defaults:
    words: Mapping[Slot, Spoken] = field(default_factory=dict)
    latency_ms: int = 0
    """The wait before an answer to /preload."""
    fill_rate: float = 1.0
    """The share of turns that are filled, from 0 to 1, when no word says which."""
    init: Init = INITS[0]
    """The answer to /init."""

    @property
    def fields(self) -> dict[str, str]:
        """As `read_defaults` takes them."""
        words = {name: self.words[slot].text if slot in self.words else "" for name, slot in WORD_FIELDS.items()}
        return words | {"latency_ms": str(self.latency_ms), "fill_rate": f"{self.fill_rate:g}", "init": self.init.name}


def read_defaults(fields: Mapping[str, str]) -> Defaults:
    """Defaults from texts; one that is missing or blank is not set. Raises `ValueError` with what is wrong.

    The hash of a word may be left out, because a shell takes it for the beginning of a comment.
    """
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    unknown = sorted(given.keys() - Defaults().fields.keys())
    if unknown:
        raise ValueError(f"{unknown[0][:60]!r} is not a field")
    return Defaults(
        words={slot: _word(name, slot, given[name]) for name, slot in WORD_FIELDS.items() if name in given},
        latency_ms=int(_number("latency_ms", given.get("latency_ms", "0"), MAX_DELAY_MS)),
        fill_rate=_number("fill_rate", given.get("fill_rate", "1"), 1),
        init=_init(given.get("init", INITS[0].name)),
    )


def choices(slot: Slot) -> dict[str, list[str]]:
    """What to choose from for a slot, as `read_defaults` takes it: by group, parameters filled in."""
    groups: dict[str, list[str]] = {}
    for group in GROUPS:
        if group.slot == slot:
            texts = ([f"{word.key}{example}" for example in word.examples] or [word.text] for word in group.words)
            groups[group.title] = [text for every in texts for text in every]
    return groups


def _word(name: str, slot: Slot, text: str) -> Spoken:
    found = find_words(f"#{text.removeprefix('#')}").get(slot)
    if found is None or found.text.casefold() != f"#{text.removeprefix('#')}".casefold():
        raise ValueError(f"{name}: {text[:60]!r} is no such word")
    return found


def _number(name: str, text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= most:
        raise ValueError(f"{name} must be a number from 0 to {most:g}")
    return number


def _init(name: str) -> Init:
    if name.lower() not in INITS_BY_NAME:
        raise ValueError(f"init must be one of {', '.join(INITS_BY_NAME)}")
    return INITS_BY_NAME[name.lower()]
