"""The top-level blocks of a reply. Each takes lines while they belong to it, and knows its HTML at any moment.

A block that can grow long is a frame around *pieces* (items, rows, chunks): all but the last are final, and only the
last one, the tail, is rendered again as it grows. The tail alone carries a DOM id.
"""

from __future__ import annotations

import re

from .flow import Flow
from .lines import BLANKS, TAB, Mark, classify, columns, dedent
from .parser import inline
from .renderer import heading_tag

INERT = re.compile("[^\\\\`*_\\[\\]<>&!~|#\x00-\x1f\x7f-\xa0\ud800-\udfff\ufffe\uffff]+")
"""Text that in the middle of a line has no meaning in Markdown and needs no escaping."""


class Block:
    """`split`: the tail is a piece inside the frame; otherwise the block's own element is the tail."""

    wrapper = "div"
    head = foot = ""
    split = False
    done = False

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.partial = ""
        self.quick = False

    def offer(self, line: str, complete: bool) -> bool | None:
        """Whether `line`, of which at least the beginning is known, goes on with this block; None: not known yet."""
        return False

    def begin(self, line: str) -> None:
        """Sees the beginning of the block's first line, which then grows and is committed like any other."""

    def commit(self, line: str) -> None:
        """Takes a complete line that was offered (or begins the block)."""
        raise NotImplementedError

    def grow(self, line: str) -> None:
        """Takes the beginning of such a line, longer at each call, before it is committed."""
        self.partial = line

    def append(self, text: str) -> str | None:
        """The HTML by which the tail on the page grows when `text` follows; None: it must be rendered again."""
        if not self.quick or not INERT.fullmatch(text) or "://" in self.partial[-2:] + text:
            return None
        self.partial += text
        return text

    def tail(self, attribute: str = "", *, growing: bool) -> str:
        """The element of the open piece; `attribute` is its id, if it needs one."""
        raise NotImplementedError

    def finish(self) -> None:
        """Nothing more will come: the tail becomes the last piece."""
        self.pieces.append(self.tail(growing=False))

    def html(self, tail: str = "") -> str:
        """The whole block: finished, or with its growing tail."""
        return f"{self.head}{''.join(self.pieces)}{tail}{self.foot}"


class Heading(Block):
    """One line after number signs."""

    _START = re.compile(r"[ \t]*(#+)[ \t]*")
    _END = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")

    def commit(self, line: str) -> None:
        self.partial, self.done = line, True

    def tail(self, attribute: str = "", *, growing: bool) -> str:
        match = self._START.match(self.partial)
        level, start = (len(match[1]), match.end()) if match else (1, 0)
        text = self._END.sub("", self.partial[start:])
        content = inline(text if growing else text.strip(BLANKS), growing=growing)
        self.quick = content.settled and self.partial.endswith(text) and bool(text)
        return f"<{heading_tag(level)}{attribute}>{content.html}</{heading_tag(level)}>"


class Rule(Block):
    """A line across."""

    done = True

    def commit(self, line: str) -> None:
        """Nothing to keep."""

    def tail(self, attribute: str = "", *, growing: bool) -> str:
        return f"<hr{attribute}>"


class Quote(Block):
    """Lines after `>`."""

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
        self._flow.commit(self._MARK.sub("", line, count=1))
        self.partial = ""

    def tail(self, attribute: str = "", *, growing: bool) -> str:
        partial = self._MARK.sub("", self.partial, count=1)
        content = self._flow.html(partial, growing=growing, compact=False)
        return f"<blockquote{attribute}>{content.html}</blockquote>"


class ItemList(Block):
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

    def tail(self, attribute: str = "", *, growing: bool) -> str:
        partial = self._content(self.partial) if self.partial else ""
        content = self._flow.html(partial, growing=growing, compact=True)
        self.quick = content.settled
        return f"<li{attribute}>{content.html}</li>"
