"""Half-open inline Markdown at the end of a growing text, made presentable. Never used for the final HTML.

Two halves: `trim` hides what cannot be shown yet (a link without its address, a trailing back-slash) by cutting the
text, and `close_open`, a rule of the inline parser, ends emphasis that has begun and not ended.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.rules_inline.state_inline import Delimiter

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

OPEN_CHARS = 1_000
"""How long after its beginning an unfinished emphasis or code span is still taken for one; then it is plain text."""
_OPEN_BRACKET_CHARS = 300
_OPEN_MARKERS = 12
_LOOK_BACK_CHARS = 2_000

_TOKEN = re.compile(r"\\[\s\S]|`+|!\[|(?<![A-Za-z0-9_)\]])\[|\]")
_TARGET = re.compile(
    r"""\(\s*(?:<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)"""
)
_HALF_TARGET = re.compile(r"""\(\s*\S*(?:\s+["'(][^\n]*)?\s*$""")
_TRAILING = re.compile(r"(?:\\|&#?[A-Za-z0-9]{0,31}|[*_~]+|(?<!\S)!)$")
_AUTOLINK = re.compile(r"<(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$)")


def trim(text: str) -> str:
    """`text` without the constructs that its end leaves half-open; an open code span is closed."""
    return text[:-_LOOK_BACK_CHARS] + _Scan(text[-_LOOK_BACK_CHARS:]).result()


class _Scan:
    """One pass over the text that remembers the brackets that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.brackets: list[tuple[int, bool]] = []
        self.settled_to = 0

    def result(self) -> str:
        position = 0
        while match := _TOKEN.search(self.text, position):
            kind = match[0][-1] if match[0][0] != "\\" else "\\"
            if kind == "`":
                end = _code_end(self.text, match.end(), len(match[0]))
                if end < 0 and len(self.text) - match.start() <= OPEN_CHARS:
                    return self._without_brackets(match.start()) + _closed_code(self.text[match.start() :], match[0])
                self.settled_to = position = max(end, match.end())
            elif kind == "]" and self.brackets:
                start, image = self.brackets.pop()
                position = self._close_bracket(match.end())
                if position < 0:
                    return self._half_link(start, image, match.start())
            else:
                position = match.end()
                if kind == "[":
                    self.brackets.append((match.start(), len(match[0]) == 2))
                elif kind == "\\":
                    self.settled_to = position
        return self._trailing(self._without_brackets(len(self.text)))

    def _close_bracket(self, end: int) -> int:
        """Where to go on after a `]`; -1 when its target is still to come."""
        if end == len(self.text):
            return -1
        if self.text[end] != "(":
            return end
        if target := _TARGET.match(self.text, end):
            self.settled_to = target.end()
            return target.end()
        return -1 if _HALF_TARGET.match(self.text, end) else end

    def _half_link(self, start: int, image: bool, end: int) -> str:
        if image:
            return self._trailing(self._without_brackets(start))
        self.brackets.append((start, False))
        return self._trailing(self._without_brackets(end))

    def _without_brackets(self, end: int) -> str:
        """The text up to `end` without the brackets that are open there; an open image goes with its text."""
        parts, position, dropped = [], 0, 0
        for start, image in self.brackets:
            if len(self.text) - start > _OPEN_BRACKET_CHARS:
                continue
            parts.append(self.text[position:start])
            position = start + 1
            dropped += start < self.settled_to
            if image:
                end = position
                break
        self.settled_to -= dropped
        return "".join([*parts, self.text[position:end]])

    def _trailing(self, text: str) -> str:
        """`text` without what hangs at its end, as far as that is not part of something complete."""
        head, tail = text[: self.settled_to], text[self.settled_to :]
        return head + _AUTOLINK.sub("", _TRAILING.sub("", tail))


def _code_end(text: str, start: int, length: int) -> int:
    match = re.compile(rf"(?<!`)`{{{length}}}(?!`)").search(text, start)
    return match.end() if match else -1


def _closed_code(code: str, ticks: str) -> str:
    body = code[len(ticks) :].rstrip("`")
    return ticks + body + ticks if body.strip() else ""


def close_open(state: StateInline) -> None:
    """Parser rule after `balance_pairs`: pairs each emphasis that is open at the end with an end of its own."""
    if not state.env.get("growing"):
        return
    for opener in reversed(_openers(state)):
        token = state.push("text", "", 0)
        token.content = state.tokens[opener.token].content
        opener.end = len(state.delimiters)
        state.delimiters.append(
            Delimiter(opener.marker, opener.length, len(state.tokens) - 1, end=-1, open=False, close=True)
        )
        state.env["repaired"] = True


def _openers(state: StateInline) -> list[Delimiter]:
    found, paired_to = [], -1
    for index, delimiter in enumerate(state.delimiters):
        paired_to = max(paired_to, delimiter.end)
        inside_word = delimiter.close and delimiter.length == 1
        if index > paired_to and delimiter.open and delimiter.end < 0 and not inside_word:
            found.append(delimiter)
    first = _first_token(state)
    return [opener for opener in found[-_OPEN_MARKERS:] if opener.token >= first]


def _first_token(state: StateInline) -> int:
    """The first token of the text's last `OPEN_CHARS` characters."""
    room, index = OPEN_CHARS, len(state.tokens)
    while index and (room := room - len(state.tokens[index - 1].content)) >= 0:
        index -= 1
    return index
