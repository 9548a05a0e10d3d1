"""What one line of Markdown begins, told from as little of it as possible.

A reply arrives in pieces, so every rule here works on the beginning of a line: `classify` answers with a kind as soon
as no continuation of the line can change it, and with None before that. The page shows nothing of a line of which the
kind is not known, so no lone `-`, `1.`, `#` or back-tick ever flashes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["blank", "text", "indented", "heading", "rule", "fence", "quote", "item"]

TAB = 4
BLANKS = " \t"

_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_ORDERED = re.compile(r"\d{1,9}[.)]")
_NUMBER = re.compile(r"\d{1,9}[.)]?")
_MARKERS = re.compile(r"(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))[ \t]*)+")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line begins: `marker` is the fence's back-ticks, the list's `-` or `12.`; `empty`: nothing follows it."""

    kind: Kind
    marker: str = ""
    empty: bool = False

    @property
    def family(self) -> str:
        """What the items of one list have in common: `-`, `*`, `+`, `.` or `)`."""
        return self.marker[-1:]

    @property
    def ordered(self) -> bool:
        return self.marker[:1].isdigit()


TEXT = Mark("text")
_BLANK, _INDENTED, _HEADING_MARK, _QUOTE, _RULE = (
    Mark("blank"),
    Mark("indented"),
    Mark("heading"),
    Mark("quote"),
    Mark("rule"),
)


def columns(line: str) -> int:
    """How far a line is indented, tabs expanded."""
    if line[:1] not in BLANKS:
        return 0
    return len(line[: len(line) - len(line.lstrip(BLANKS))].expandtabs(TAB))


def dedent(line: str, width: int) -> tuple[int, str]:
    """(characters to skip, blanks to keep instead) so that `width` columns of the indent are gone."""
    skip = len(line) - len(line.lstrip(BLANKS))
    return skip, line[:skip].expandtabs(TAB)[width:]


def classify(line: str, complete: bool) -> Mark | None:
    """What `line` (without its newline) begins. `complete`: the newline came. None: cannot be told yet."""
    text = line.lstrip(BLANKS)
    if not text:
        return _BLANK if complete else None
    if columns(line) >= TAB:
        return _INDENTED
    rule = _RULES.get(text[0])
    return rule(text, complete) if rule else TEXT


def _quote(text: str, complete: bool) -> Mark | None:
    return _QUOTE


def _heading(text: str, complete: bool) -> Mark | None:
    if not complete and len(text) <= 6 and not text.strip("#"):
        return None
    return _HEADING_MARK if _HEADING.match(text) else TEXT


def _fence(text: str, complete: bool) -> Mark | None:
    info = text.lstrip(text[0])
    length = len(text) - len(info)
    if length < 3:
        return TEXT if info or complete else None
    if text[0] == "`" and "`" in info:
        return TEXT
    return Mark("fence", text[:length]) if complete else None


def _bullet_or_rule(text: str, complete: bool) -> Mark | None:
    first = text[0]
    if first != "+" and not text.strip(first + BLANKS):
        if not complete:
            return None
        if text.count(first) >= 3:
            return _RULE
    if first == "_":
        return TEXT
    return _item(text, first, complete)


def _ordered(text: str, complete: bool) -> Mark | None:
    if not complete and _NUMBER.fullmatch(text):
        return None
    match = _ORDERED.match(text)
    return _item(text, match[0], complete) if match else TEXT


def _item(text: str, marker: str, complete: bool) -> Mark | None:
    rest = text[len(marker) :]
    if rest[:1] not in ("", *BLANKS):
        return TEXT
    empty = not rest.strip(BLANKS)
    return None if empty and not complete else Mark("item", marker, empty)


_RULES: dict[str, Callable[[str, bool], Mark | None]] = {
    **dict.fromkeys("-*_+", _bullet_or_rule),
    **dict.fromkeys("`~", _fence),
    **dict.fromkeys("0123456789", _ordered),
    "#": _heading,
    ">": _quote,
}


def innermost(line: str) -> str:
    """The line without the quote and list markers that it begins with."""
    match = _MARKERS.match(line)
    return line[match.end() :] if match else line


def is_undecided(line: str) -> bool:
    """Whether the innermost thing that a line in progress begins cannot be told yet."""
    return classify(line, complete=False) is None or classify(innermost(line).lstrip(BLANKS), complete=False) is None


def may_close(line: str, fence: str) -> bool:
    """Whether a line in progress may yet turn out to be the end of the code that `fence` opened."""
    text = line.strip(BLANKS)
    return columns(line) < TAB and not text.strip(fence[0])


def closes(line: str, fence: str) -> bool:
    """Whether a complete line ends the code that `fence` opened."""
    return may_close(line, fence) and len(line.strip(BLANKS)) >= len(fence)
