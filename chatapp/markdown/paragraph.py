"""Paragraphs. A long one is cut into runs at a blank where nothing inline is open; each run is a piece, sent once."""

from __future__ import annotations

import re

from .blocks import Anchor, Block
from .lines import BLANKS, classify
from .parser import inline
from .table import Table, alignments, may_be_delimiters

RUN_CHARS, RUN_STEP, RUN_MAX_CHARS = 1_000, 100, 4_000

_CUT = re.compile(r"[ \t\n](?=[^ \t\n])")
_BREAKS = {" ": " ", "\t": " ", "\n": "<br>\n"}


class Paragraph(Block):
    """Text until a blank line or another block.

    `_body`: the complete lines of the open run. `_whole_line`: its last line was not cut. `_tried`: where to look for
    the next cut.
    """

    wrapper = "span"

    def __init__(self) -> None:
        super().__init__()
        self._body = ""
        self._whole_line = True
        self._tried = RUN_CHARS

    def offer(self, line: str, complete: bool) -> bool | None:
        if not complete and self._may_be_head() and may_be_delimiters(line):
            return None
        mark = classify(line, complete)
        if mark is None:
            return None
        interrupts = not mark.empty and (not mark.ordered or int(mark.marker[:-1]) == 1)
        goes_on = mark.kind in ("text", "indented") or (mark.kind == "item" and not interrupts)
        self._whole_line = self._whole_line or goes_on
        return goes_on

    def commit(self, line: str) -> None:
        self._body += line.lstrip(BLANKS) + "\n"
        self.partial = ""
        self._cut()

    def grow(self, line: str) -> None:
        self.partial = line.lstrip(BLANKS)
        self._cut()

    def append(self, text: str) -> str | None:
        if len(self._body) + len(self.partial) + len(text) > RUN_CHARS:
            return None
        return super().append(text)

    def table_after(self, line: str) -> Table | None:
        """The table that the last line and the complete line `line` begin; the last line then leaves the paragraph."""
        aligns = alignments(self._last_line(), line) if self._may_be_head() else None
        if aligns is None:
            return None
        head, self._body = self._last_line(), self._body[: -len(self._last_line()) - 1]
        return Table(head, aligns)

    @property
    def is_empty(self) -> bool:
        return not self._body.strip() and not self.pieces

    def tail(self, anchor: Anchor | None) -> str:
        tag = "span" if self.split else "p"
        content = inline(self._visible() if anchor else self._body.rstrip(BLANKS + "\n"), growing=bool(anchor))
        self.quick = "tail" if content.settled and self.partial and not self.partial.startswith("|") else ""
        return f"<{tag}{anchor.tail if anchor else ''}>{content.html}</{tag}>"

    def _visible(self) -> str:
        """The text without a last line that may become the head of a table."""
        last = self.partial or self._last_line()
        if last.startswith("|") and self._whole_line:
            return (self._body if self.partial else self._body[: -len(last) - 1]).rstrip(BLANKS + "\n")
        return self._body + self.partial if self.partial else self._body.rstrip(BLANKS + "\n")

    def _last_line(self) -> str:
        return self._body[:-1].rpartition("\n")[2]

    def _may_be_head(self) -> bool:
        return self._whole_line and "|" in self._last_line()

    def _cut(self) -> None:
        while (position := self._find_cut(self._body + self.partial)) is not None:
            last_line = len(self._body) if self.partial else self._body.rfind("\n", 0, -1) + 1
            self._whole_line = self._whole_line and position < last_line
            self._cut_at(position)

    def _find_cut(self, text: str) -> int | None:
        """Where the run ends: at the first settled blank; when it gets too long, anywhere.

        What has been decided must not depend on what follows, or the HTML would depend on how the reply was cut.
        """
        while match := _CUT.search(text, self._tried, RUN_MAX_CHARS + 1):
            if inline(text[: match.start()], growing=True).settled:
                return match.start()
            self._tried = match.start() + RUN_STEP
        if len(text) <= RUN_MAX_CHARS:
            return None
        blanks = [match.start() for match in _CUT.finditer(text, RUN_CHARS, RUN_MAX_CHARS + 1)]
        return blanks[-1] if blanks else RUN_MAX_CHARS

    def _cut_at(self, position: int) -> None:
        text = self._body + self.partial
        blank = text[position] if text[position] in _BREAKS else ""
        run = inline(text[:position].rstrip(BLANKS), growing=False).html
        self.pieces.append(f"<span>{run}{_BREAKS.get(blank, '')}</span>")
        self.split, self.head, self.foot, self._tried = True, "<p>", "</p>", RUN_CHARS
        start = position + len(blank)
        self.partial = self.partial[max(start - len(self._body), 0) :]
        self._body = self._body[start:]
