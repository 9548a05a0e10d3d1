"""What a word is: a hash, a name, sometimes a colon and a parameter, as in `#late` and `#skip:frequency_cap`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Slot = Literal["time", "format", "frame", "modal", "init", "answer"]
"""What a word decides. Of the words of a message the first for each slot counts."""
SLOTS: tuple[Slot, ...] = ("time", "format", "frame", "modal", "init", "answer")
"""In the order in which their changes are made: an answer that never comes is not hastened by a delay."""

Changes = Mapping[str, object]
"""Fields of a `Turn`."""
Reader = Callable[[str], Changes | None]
"""What a parameter changes; None: it cannot be one, and the word is none."""

MAX_DELAY_MS = 120_000
_TOKEN = re.compile(r"#(\w+)(?::([\w-]+))?")
_CODE = re.compile(r"[\w-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Word:
    """`text` is how the word is shown; capitals after a colon stand for the parameter that `read` takes."""

    text: str
    meaning: str
    changes: Changes = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    """The rows of the decision table (protocol 2.4) that it leads to."""
    read: Reader | None = None
    examples: tuple[str, ...] = ()
    """Parameters worth trying: all those that the protocol names, where it names any."""

    @property
    def key(self) -> str:
        """`#skip` and `#skip:CODE` are two words."""
        name, colon, _ = self.text.partition(":")
        return name + colon


@dataclass(frozen=True, slots=True)
class Group:
    """Words of one kind, which stand together wherever words are shown."""

    slot: Slot
    title: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as somebody wrote it."""

    text: str
    word: Word
    parameter: str
    changes: Changes


def tokens(message: str) -> list[tuple[str, str]]:
    """Everything in a message that looks like a word: its key, in lower case, and its parameter as it is written."""
    found = _TOKEN.findall(message)
    return [(f"#{name.lower()}{':' if parameter else ''}", parameter) for name, parameter in found]


def speak(word: Word, parameter: str) -> Spoken | None:
    """The word with its parameter; None when it cannot be one."""
    changes = word.read(parameter) if word.read else {}
    if changes is None:
        return None
    return Spoken(f"{word.key}{parameter}", word, parameter, {**word.changes, **changes})


def takes_code(make: Callable[[str], Changes]) -> Reader:
    """For a skipCode, an errCode or an errorType: letters, digits, hyphens and underscores, at most 60."""
    return lambda parameter: make(parameter) if _CODE.fullmatch(parameter) else None


def takes_number(least: int, most: int, make: Callable[[int], Changes]) -> Reader:
    """For a whole number in decimal digits from `least` to `most`."""

    def read(parameter: str) -> Changes | None:
        if not (parameter.isascii() and parameter.isdigit() and len(parameter) <= len(str(most))):
            return None
        number = int(parameter)
        return make(number) if least <= number <= most else None

    return read
