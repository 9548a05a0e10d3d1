"""What stands inside a list item or a quote: lines that already lost the marks and the indent of their container."""

from __future__ import annotations

import re

from .lines import BLANKS, classify, closes, innermost, is_undecided, may_close
from .parser import Inline, flow, inline

_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")


FULL_CHARS, OVERFULL_CHARS = 1_000, 4_000


class Flow:
    """Complete lines, and the beginning of one more.

    `lazy`: a following line may go on with the last paragraph although it lacks the container's marks.
    `simple`: one paragraph and nothing else, which needs no block parser.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lazy = False
        self.simple = True
        self._fence = ""
        self._size = 0

    def commit(self, line: str) -> None:
        """Takes a complete line, without its newline."""
        mark = classify(line, complete=True)
        kind = mark.kind if mark else "text"
        text = innermost(line).strip(BLANKS)
        self.lazy = not self._fence and bool(text) and kind not in ("heading", "rule")
        self._follow_fence(line, text)
        if kind == "blank":
            self.simple = self.simple and not self.lines
        else:
            self.simple = self.simple and kind == "text" and "|" not in line
        self.lines.append(line)
        self._size += len(line)

    def _follow_fence(self, line: str, text: str) -> None:
        if self._fence:
            if closes(line.strip(BLANKS), self._fence):
                self._fence = ""
        elif match := _FENCE.match(text):
            self._fence, self.lazy = match[1] or match[2], False

    def is_full(self, line: str) -> bool:
        """Whether `line`, the next, is a good place to go on in another flow, so that none grows without end."""
        after_blank = bool(self.lines) and not self.lines[-1].strip(BLANKS) and line[:1] not in ("", *BLANKS)
        return not self._fence and self._size >= (FULL_CHARS if after_blank else OVERFULL_CHARS)

    def html(self, partial: str = "", *, growing: bool, compact: bool, cursor: str = "") -> Inline:
        """The content, with `partial` as its last line unless what that begins cannot be told yet."""
        lines = self.lines
        shows_partial = bool(partial) and not self._hides(partial)
        if shows_partial:
            lines = [*lines, partial]
        if growing and (shown := _without_table_head(lines, shows_partial)) is not lines:
            lines, partial, shows_partial = shown, "", False
        if not (self.simple and (not shows_partial or _is_text(partial))):
            source = "\n".join(lines) + "\n" * (not shows_partial)
            return flow(source, growing=growing, compact=compact, cursor=cursor if shows_partial else "")
        text = "\n".join(line.lstrip(BLANKS) for line in lines).lstrip("\n")
        content = inline(text if shows_partial else text.rstrip(BLANKS + "\n"), growing=growing)
        settled = content.settled and shows_partial
        if compact or not text:
            return Inline(content.html, settled)
        return Inline(f"<p{cursor if settled else ''}>{content.html}</p>", settled)

    def _hides(self, partial: str) -> bool:
        if self._fence:
            return may_close(partial.strip(BLANKS), self._fence)
        return is_undecided(partial)


def _without_table_head(lines: list[str], grows: bool) -> list[str]:
    """The lines without the head of a table of which the second line is still to come."""
    rows = [line.lstrip(BLANKS)[:1] == "|" for line in lines[-3:]]
    if rows[-1:] == [True] and rows[-2:-1] != [True]:
        return lines[:-1]
    if grows and rows[-2:] == [True, True] and rows[-3:-2] != [True] and not lines[-1].strip("|:- \t"):
        return lines[:-2]
    return lines


def _is_text(partial: str) -> bool:
    mark = classify(partial, complete=False)
    return mark is not None and mark.kind == "text" and "|" not in partial
