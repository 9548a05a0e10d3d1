"""What the demo answers: a prepared text that fits the words of the message. Pure, but for reading the texts once.

Each file of `demo_texts` is one topic: a line of keywords, paragraphs that can open a reply, then `##` sections. A
reply is one opening and the sections whose words fit the message best, those not shown yet before the others.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chatapp.engines import Turn

FIRST_WORDS: Final = (
    "**This is a demo reply.** No model is connected, so what follows is a prepared text; `/help` says more.\n\n"
)
LAST_WORDS: Final = "\n\n*A demo reply: a prepared text, not a model's answer.*"

_TEXTS: Final = Path(__file__).parent / "demo_texts"
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_SECTIONS_PER_REPLY: Final = 2
_QUOTED_WORDS: Final = 3
_READ_CHARACTERS: Final = 2000  # of a message: enough to see what it is about, whatever was pasted below
_SHORT_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Topic:
    """One file of texts. `sections` begin with their `##` heading."""

    keywords: frozenset[str]
    stems: tuple[str, ...]
    openings: tuple[str, ...]
    sections: tuple[str, ...]


def compose(turns: Sequence[Turn]) -> str:
    """The reply to the last user turn, as Markdown. The same turns always get the same reply."""
    message = next((turn.content for turn in reversed(turns) if turn.role == "user"), "")
    shown = "".join(turn.content for turn in turns if turn.role == "assistant")
    body = _body(turns, message, shown)
    return body + LAST_WORDS if shown else FIRST_WORDS + body


def wants(message: str, word: str) -> bool:
    """Whether the message holds the special word `/word`."""
    return re.search(rf"(?<!\S)/{word}\b", message) is not None


def _body(turns: Sequence[Turn], message: str, shown: str) -> str:
    for word in ("help", "long"):
        if wants(message, word):
            return _text(f"_{word}")
    message = message[:_READ_CHARACTERS]
    topic = _topic_of(turns)
    order = zlib.crc32(message.encode())
    openings = [text for text in topic.openings if text not in shown] or topic.openings
    opening = openings[order % len(openings)].replace("{words}", _quoted(message))
    return "\n\n".join([opening, *_choose(topic.sections, message, shown, order)])


def _topic_of(turns: Sequence[Turn]) -> Topic:
    """The topic of the last user turn; a short one without a topic ("and in winter?") goes on with the one before."""
    asked = [_words(turn.content[:_READ_CHARACTERS]) for turn in turns if turn.role == "user"]
    for words in reversed(asked):
        scores = [_score(words, topic) for topic in _topics()]
        if any(scores):
            return _topics()[scores.index(max(scores))]
        if len(words) > _SHORT_WORDS:
            break
    says_something = asked and not _stop_words().issuperset(asked[-1])
    return _topic("_general" if says_something else "_greeting")


def _score(words: Sequence[str], topic: Topic) -> float:
    """How well `words` fit: 3 for a keyword, 1 for a longer word that begins with one; early words count a bit more."""
    score = 0.0
    for position, word in enumerate(words):
        if word in topic.keywords:
            score += 3 - position / 1000
        elif word.startswith(topic.stems):
            score += 1 - position / 1000
    return score


def _choose(sections: Sequence[str], message: str, shown: str, order: int) -> list[str]:
    """The sections of a reply in the order of the file: new ones first, then by fit, then by the message's number."""
    asked = set(_words(message)) - _stop_words()

    def rank(index: int) -> tuple[bool, int, int]:
        section = sections[index]
        heading = section.partition("\n")[0]
        fit = len(asked.intersection(_words(section))) + 3 * len(asked.intersection(_words(heading)))
        return heading in shown, -fit, (index + order) % len(sections)

    return [sections[index] for index in sorted(sorted(range(len(sections)), key=rank)[:_SECTIONS_PER_REPLY])]


def _quoted(message: str) -> str:
    """Up to three words of the message that say what it is about, in bold; letters only, so nothing to escape."""
    words = dict.fromkeys(word for word in _WORD.findall(message) if _stop_words().isdisjoint(_words(word)))
    chosen = sorted(words, key=len, reverse=True)[:_QUOTED_WORDS]
    return ", ".join(f"**{word[:40]}**" for word in words if word in chosen)


def _words(text: str) -> list[str]:
    """The words of a text in lower case, without the `s` of a plural."""
    return [word.removesuffix("s") for word in _WORD.findall(text.lower())]


@cache
def _stop_words() -> frozenset[str]:
    """Words that say nothing about a topic."""
    return frozenset(_words((_TEXTS / "_stop_words.txt").read_text(encoding="utf-8")))


def _text(name: str) -> str:
    return (_TEXTS / f"{name}.md").read_text(encoding="utf-8").strip()


@cache
def _topic(name: str) -> Topic:
    keywords, _, text = _text(name).partition("\n")
    first, *sections = re.split(r"\n\n(?=## )", text.strip())
    listed = _words(keywords.removeprefix("keywords:"))
    return Topic(
        keywords=frozenset(listed),
        stems=tuple(word for word in listed if len(word) >= 4),
        openings=tuple(first.split("\n\n")),
        sections=tuple(sections),
    )


@cache
def _topics() -> tuple[Topic, ...]:
    names = sorted(path.stem for path in _TEXTS.glob("[!_]*.md"))
    return tuple(_topic(name) for name in [*names, "_greeting"])
