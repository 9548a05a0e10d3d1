"""Paragraphs. Text before a blank where nothing inline is open is parsed once; what follows cannot change it.

Such *cuts* keep the work for a token small, and from time to time one ends a piece, which is sent once.
"""

from __future__ import annotations

import re

from .blocks import Anchor, Block
from .lines import BLANKS, classify
from .parser import inline
from .table import Table, alignments, may_be_delimiters

CUT_CHARS, CUT_STEP, CUT_MAX_CHARS = 160, 60, 2_000
PIECE_CHARS = 1_000

_BLANK = re.compile(r"[ \t\n](?=[^ \t\n])")
_BREAKS = {" ": " ", "\t": " ", "\n": "<br>\n"}


class Paragraph(Block):
    """Text until a blank line or another block.

    `_done`: the HTML of the text before the last cut, in the open piece. `_body`: the complete lines after it.
    `_starts_line`: the last cut was at the end of a line. `_tried`: where to look for the next one.
    """

    wrapper = "span"

    def __init__(self) -> None:
        super().__init__()
        self._done = self._body = ""
        self._done_chars = 0
        self._starts_line = True
        self._tried = CUT_CHARS

    def offer(self, line: str, complete: bool) -> bool | None:
        if not complete and self._head() and may_be_delimiters(line):
            return None
        mark = classify(line, complete)
        if mark is None:
            return None
        interrupts = not mark.empty and (not mark.ordered or int(mark.marker[:-1]) == 1)
        return mark.kind in ("text", "indented") or (mark.kind == "item" and not interrupts)

    def commit(self, line: str) -> None:
        self._body += line.lstrip(BLANKS) + "\n"
        self.partial = ""
        self._cut()

    def grow(self, line: str) -> None:
        self.partial = line.lstrip(BLANKS)

    def append(self, text: str) -> str | None:
        if self._done_chars + len(self._body) + len(self.partial) + len(text) > PIECE_CHARS:
            return None
        return super().append(text)

    def table_after(self, line: str) -> Table | None:
        """The table that the last line and the complete line `line` begin; the last line then leaves the paragraph."""
        head = self._head()
        aligns = alignments(head, line) if head else None
        if aligns is None:
            return None
        self._body = self._body[: -len(head) - 1]
        return Table(head, aligns)

    @property
    def is_empty(self) -> bool:
        return not (self._done or self._body.strip() or self.pieces)

    def tail(self, anchor: Anchor | None) -> str:
        self._cut()
        tag = "span" if self.split else "p"
        content = inline(self._visible() if anchor else self._body.rstrip(BLANKS + "\n"), growing=bool(anchor))
        self.quick = "text" if content.settled and self.partial and not self.partial.startswith("|") else ""
        return f"<{tag}{anchor.tail if anchor else ''}>{self._done}{content.html}</{tag}>"

    def _visible(self) -> str:
        """The text without a last line that may become the head of a table."""
        text = self._body + self.partial if self.partial else self._body.rstrip(BLANKS + "\n")
        before, newline, last = text.rpartition("\n")
        if last.startswith("|") and (newline or self._starts_line):
            return before.rstrip(BLANKS + "\n")
        return text

    def _head(self) -> str:
        """The last complete line if it may be the head of a table, else ""."""
        _, newline, last = self._body[:-1].rpartition("\n")
        return last if "|" in last and (newline or self._starts_line) else ""

    # Cuts: what has been decided must not depend on what follows, or the HTML would depend on how the reply was cut.

    def _cut(self) -> None:
        while (position := self._find_cut(self._body + self.partial)) is not None:
            self._cut_at(position)

    def _find_cut(self, text: str) -> int | None:
        """The first place where it is safe; when the text gets too long, the last blank or any place."""
        while match := _BLANK.search(text, self._tried, CUT_MAX_CHARS + 1):
            position, self._tried = match.start(), match.end()
            if self._may_cut(text, position):
                if _is_safe(text[:position]):
                    return position
                self._tried = position + CUT_STEP
        if len(text) <= CUT_MAX_CHARS:
            return None
        blanks = [match.start() for match in _BLANK.finditer(text, CUT_CHARS, CUT_MAX_CHARS + 1)]
        return blanks[-1] if blanks else CUT_MAX_CHARS

    def _may_cut(self, text: str, position: int) -> bool:
        """Not in what may yet become the head of a table."""
        start = text.rfind("\n", 0, position) + 1
        if text[position] == "\n" or (start == 0 and not self._starts_line):
            return True
        return position - start >= CUT_CHARS and "|" not in text[start:position]

    def _cut_at(self, position: int) -> None:
        text = self._body + self.partial
        blank = text[position] if text[position] in _BREAKS else ""
        self._done += inline(text[:position].rstrip(BLANKS), growing=False).html + _BREAKS.get(blank, "")
        self._done_chars += position
        start = position + len(blank)
        self.partial = self.partial[max(start - len(self._body), 0) :]
        self._body = self._body[start:]
        self._starts_line, self._tried = blank == "\n", CUT_CHARS
        if self._done_chars >= PIECE_CHARS:
            self.pieces.append(f"<span>{self._done}</span>")
            self.split, self.head, self.foot = True, "<p>", "</p>"
            self._done, self._done_chars = "", 0


def _is_safe(text: str) -> bool:
    """Whether nothing in `text`, after which a blank comes, waits for its end."""
    return text.rfind("[", -300) <= text.rfind("]") and inline(f"{text} ", growing=True).settled
