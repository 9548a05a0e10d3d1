"""The house ads: read once from `catalogue.toml`, which holds their texts; their drawings are in `art/`.

Any of them can be shown in any format: the page of a format is in `templates/formats/`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One text of an ad, shown when the newest message holds the most words of `when`; the first is for everybody."""

    text: str
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Creative:
    """One house ad. Its drawing is `art/<name>.svg`."""

    name: str
    brand: str
    topic: str
    call: str
    """The call to action, a short imperative."""
    words: frozenset[str]
    """Lowercase singular words that speak for this creative; none: it is the general one."""
    lines: tuple[Line, ...]


def _creative(entry: dict[str, Any]) -> Creative:
    lines = tuple(Line(line["text"], tuple(line.get("when", "").split())) for line in entry["line"])
    words = frozenset(entry.get("words", "").split())
    return Creative(entry["name"], entry["brand"], entry["topic"], entry["call"], words, lines)


def _load() -> tuple[Creative, ...]:
    with Path(__file__).with_name("catalogue.toml").open("rb") as file:
        return tuple(_creative(entry) for entry in tomllib.load(file)["creative"])


CREATIVES = _load()
TOPICAL = tuple(creative for creative in CREATIVES if creative.words)
GENERAL = next(creative for creative in CREATIVES if not creative.words)
