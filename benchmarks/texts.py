"""What the fake model says: the same tokens in every run, for several shapes of a reply."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, islice
from random import Random

FIRST, LAST = "Begin", " End."
"""The first token, by which a reader knows that the reply has begun, and the last one."""

_TOKEN = re.compile(r"\n+|[ ]*\w{1,7}|[ ]*[^\w\s]+|[ ]+")
_WORDS = re.findall(
    r"\w+",
    "the of and a to in is it you that was for on are with as his they be at one have this from or had by hot but "
    "some what there we can out other were all your when up use word how said an each she which do their time if "
    "will way about many then them would write like so these her long make thing see him two has look more day",
)


@cache
def tokens(kind: str, count: int) -> tuple[str, ...]:
    """`count` (at least 2) tokens of a reply of this kind, one of `KINDS`."""
    text = _TOKEN.findall
    body = chain.from_iterable(text(part) for part in KINDS[kind](Random(kind)))
    return (FIRST, *islice(body, count - 2), LAST)


def _words(random: Random, count: int) -> str:
    return " ".join(random.choice(_WORDS) for _ in range(count))


def _sentence(random: Random) -> str:
    return f"{_words(random, random.randint(6, 16)).capitalize()}. "


def _paragraphs(random: Random) -> Iterator[str]:
    while True:
        yield "".join(_sentence(random) for _ in range(5)) + "\n\n"


def _paragraph(random: Random) -> Iterator[str]:
    while True:
        yield " " + _sentence(random)


def _list(random: Random) -> Iterator[str]:
    yield " here:\n\n"
    while True:
        yield f"- **{_words(random, 2)}**: {_words(random, 8)}\n"


def _code(random: Random) -> Iterator[str]:
    yield " here:\n\n```python\n"
    while True:
        name, argument, value = (random.choice(_WORDS) for _ in range(3))
        yield f'def {name}_{value}({argument}):\n    # {_words(random, 5)}\n    return {argument} + "{value}"\n\n\n'


def _table(random: Random) -> Iterator[str]:
    yield " here:\n\n| name | what it is | price |\n| --- | --- | ---: |\n"
    while True:
        yield f"| {_words(random, 1)} | {_words(random, 4)} | {random.randint(1, 999)} |\n"


def _mixed(random: Random) -> Iterator[str]:
    """An answer as models give it: some prose, a list, a heading, a bit of code."""
    yield f" with {_words(random, 6)}. {_sentence(random)}\n\n"
    while True:
        yield f"The **{_words(random, 2)}** is `{_words(random, 1)}`. {_sentence(random)}\n\n"
        yield from (f"{n}. **{_words(random, 2)}**: {_words(random, 9)}\n" for n in range(1, 4))
        yield f"\n## {_words(random, 3).capitalize()}\n\n{_sentence(random)}{_sentence(random)}\n\n"
        yield f"```python\nfor {_words(random, 1)} in range(10):\n    print({random.randint(1, 99)})\n```\n\n"


KINDS: dict[str, Callable[[Random], Iterator[str]]] = {
    "mixed": _mixed,
    "paragraphs": _paragraphs,
    "paragraph": _paragraph,
    "list": _list,
    "code": _code,
    "table": _table,
}
