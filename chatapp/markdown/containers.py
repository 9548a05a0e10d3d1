"""Blocks that hold blocks: lists and quotes. What stands in a piece of theirs is a `Flow`."""

from __future__ import annotations

import re

from .blocks import Anchor, Block
from .flow import Flow
from .lines import BLANKS, TAB, Mark, classify, columns, dedent
from .parser import Inline


class _Container(Block):
    def _note(self, content: Inline, deep: bool) -> None:
        self.quick = ("code" if content.code else "text") if content.settled else ""
        self.deep = deep


class Quote(_Container):
    """Lines after `>`. When they become many, a piece is what stands between two blank lines."""

    head, foot = "<blockquote>", "</blockquote>"
    _MARK = re.compile(r"[ \t]{0,3}>[ \t]?")

    def __init__(self) -> None:
        super().__init__()
        self._flow = Flow()

    def offer(self, line: str, complete: bool) -> bool | None:
        mark = classify(line, complete)
        if mark is None:
            return None
        return mark.kind == "quote" or (mark.kind in ("text", "indented") and self._flow.lazy)

    def commit(self, line: str) -> None:
        self.partial, line = "", self._MARK.sub("", line, count=1)
        if self._flow.is_full(line):
            self.split = True
            self.finish()
            self._flow = Flow()
        self._flow.commit(line)

    def tail(self, anchor: Anchor | None) -> str:
        partial = self._MARK.sub("", self.partial, count=1)
        content = self._flow.html(partial, compact=False, growing=bool(anchor), cursor=anchor.cursor if anchor else "")
        self._note(content, deep=True)
        tag = "div" if self.split else "blockquote"
        return f"<{tag}{anchor.tail if anchor else ''}>{content.html}</{tag}>"

    def html(self, tail: str = "") -> str:
        return super().html(tail) if self.split else "".join([*self.pieces, tail])


class ItemList(_Container):
    """Items of one family; each item is a piece. Whether its paragraphs stand apart is decided item by item."""

    wrapper = "ul"
    split = True

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        number = int(mark.marker[:-1]) if mark.ordered else 1
        start = f' start="{number}"' if number != 1 else ""
        self.head, self.foot = (f"<ol{start}>", "</ol>") if mark.ordered else ("<ul>", "</ul>")
        self._first = mark
        self._flow = Flow()
        self._width, self._skip, self._keep = 0, 0, ""

    def begin(self, line: str) -> None:
        self._begin_item(line, self._first.marker)

    def offer(self, line: str, complete: bool) -> bool | None:
        if not line.strip(BLANKS):
            self._skip, self._keep = len(line), ""
            return True if complete else None
        if columns(line) < self._width:
            return self._offer_outside(line, complete)
        self._skip, self._keep = dedent(line, self._width)
        return True

    def _offer_outside(self, line: str, complete: bool) -> bool | None:
        """A line that is not indented as far as the item's content."""
        mark = classify(line, complete)
        if mark is None:
            return None
        if mark.kind == "item" and mark.ordered == self._first.ordered and mark.family == self._first.family:
            self.finish()
            self._begin_item(line, mark.marker)
            return True
        if mark.kind == "item" and self._first.ordered and columns(line) >= 2:
            self._width = columns(line)  # models often indent a list inside a numbered item by too little
        elif mark.kind not in ("text", "indented") or not self._flow.lazy:
            return False
        self._skip, self._keep = dedent(line, self._width)
        return True

    def _begin_item(self, line: str, marker: str) -> None:
        self._flow = Flow()
        after = line.index(marker) + len(marker)
        content = after + len(line[after:]) - len(line[after:].lstrip(BLANKS))
        lead, mark_end = line[:content].expandtabs(TAB), len(line[:after].expandtabs(TAB))
        beside = 0 < len(lead) - mark_end <= TAB and content < len(line)
        self._width = len(lead) if beside else mark_end + 1
        self._skip, self._keep = content, lead[self._width :]

    def _content(self, line: str) -> str:
        return self._keep + line[self._skip :]

    def commit(self, line: str) -> None:
        self._flow.commit(self._content(line))
        self.partial = ""

    def tail(self, anchor: Anchor | None) -> str:
        partial = self._content(self.partial) if self.partial else ""
        content = self._flow.html(partial, compact=True, growing=bool(anchor), cursor=anchor.cursor if anchor else "")
        self._note(content, deep=content.deep)
        return f"<li{anchor.tail if anchor else ''}>{content.html}</li>"
