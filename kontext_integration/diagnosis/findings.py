"""One thing that was found, in plain words, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    """`wrong`: ads will not work like this; `note`: they work, but something is worth knowing."""
    what: str
    """A sentence or two, without the token."""
    fix: str = ""
    """What to do; empty: nothing."""


def ok(what: str) -> Finding:
    return Finding("ok", what)


def note(what: str, fix: str = "") -> Finding:
    return Finding("note", what, fix)


def wrong(what: str, fix: str) -> Finding:
    return Finding("wrong", what, fix)
