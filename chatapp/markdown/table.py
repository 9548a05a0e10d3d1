"""Tables: the head is known when the line of dashes is complete; from then on every row is a piece."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.rules_block.table import escapedSplit

from .blocks import Anchor, Block
from .guard import falls_back_to
from .lines import BLANKS, classify
from .parser import inline
from .renderer import table_frame
from .sanitise import clean_rows, escape

MAX_COLUMNS = 64

_DELIMITERS = re.compile(r" {0,3}[|:-](?:[|:-][|:\- \t]*|(?<=[|:])[ \t][|:\- \t]*)?")
_DELIMITER = re.compile(r":?-+:?")
_ALIGN = {(False, True): ' class="align-right"', (True, True): ' class="align-center"'}


class Table(Block):
    """A head and rows. A row shorter than the head stays short, a longer one is cut."""

    wrapper = "tbody"

    def __init__(self, head: str, aligns: Sequence[str]) -> None:
        super().__init__()
        self._aligns = aligns
        opening, closing = table_frame()
        self._opening, self._closing = opening, f"</tbody>{closing}"
        self._head = f"<thead>{_row(head, cell='th', aligns=aligns)}</thead><tbody>"
        self._row: str | None = None
        self._is_opened = False

    def offer(self, line: str, complete: bool) -> bool | None:
        mark = classify(line, complete)
        if mark is None:
            return None
        if mark.kind not in ("text", "indented"):
            return False
        if self._row is not None:
            self.finish()
        self.split, self.head, self.foot = True, self._opening + self._head, self._closing
        return True

    def commit(self, line: str) -> None:
        if self._is_opened:
            self._row = line
        self._is_opened, self.partial = True, ""

    def tail(self, anchor: Anchor | None) -> str:
        html = f"{self._opening}{self._head}{self._closing}"
        if self.split:
            html = _row(self.partial or self._row or "", aligns=self._aligns, growing=bool(anchor and self.partial))
        return html.replace(">", f"{anchor.tail}>", 1) if anchor else html


def may_be_delimiters(line: str) -> bool:
    """Whether a line, complete or not, consists of nothing but what stands between a table's head and its rows."""
    return _DELIMITERS.fullmatch(line) is not None


def alignments(head: str, delimiters: str) -> list[str] | None:
    """The class attribute of each column; None: these two lines do not begin a table."""
    columns = delimiters.strip(BLANKS).removeprefix("|").removesuffix("|").split("|")
    names = [column.strip(BLANKS) for column in columns]
    if "|" not in head or not may_be_delimiters(delimiters) or len(_cells(head)) != len(names) <= MAX_COLUMNS:
        return None
    if not all(_DELIMITER.fullmatch(name) for name in names):
        return None
    return [_ALIGN.get((name.startswith(":"), name.endswith(":")), "") for name in names]


def _cells(line: str) -> list[str]:
    cells = escapedSplit(line.strip(BLANKS))
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


@falls_back_to(lambda line: f"<tr><td>{escape(line)}</td></tr>")
def _row(line: str, *, aligns: Sequence[str], cell: str = "td", growing: bool = False) -> str:
    cells = [text.strip(BLANKS) for text in _cells(line)][: len(aligns)]
    html = [inline(text, growing=growing and index == len(cells) - 1).html for index, text in enumerate(cells)]
    return clean_rows(
        "<tr>" + "".join(f"<{cell}{align}>{text}</{cell}>" for align, text in zip(aligns, html, strict=False)) + "</tr>"
    )
