"""The top-level blocks of a reply. Each takes lines while they belong to it, and knows its HTML at any moment.

A block that can grow long is a frame around *pieces* (items, rows, chunks): all but the last are final, and only the
last one, the tail, is rendered again as it grows. The tail alone carries a DOM id.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Literal, NamedTuple

from .lines import BLANKS
from .parser import inline
from .renderer import heading_tag
from .sanitise import escape

INERT = re.compile("[^\\\\`*_\\[\\]<>&!~|#\x00-\x1f\x7f-\xa0\ud800-\udfff\ufffe\uffff]+")
"""Text that in the middle of a line has no meaning in Markdown."""
_LINE_END_OR_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Anchor(NamedTuple):
    """Id attributes: of the tail, and of the element inside of it that the text goes on in, if that is another one."""

    tail: str
    cursor: str


class Block(ABC):
    """`split`: the tail is a piece inside the frame; otherwise the block's own element is the tail.

    `quick`: what can be appended to the tail of the page, as of the last `tail`: plain text, a line's code, or nothing;
    `deep`: not to the tail itself but to the element with the cursor in it.
    """

    wrapper = "div"
    head = foot = ""
    split = False
    done = False

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.partial = ""
        self.quick: Literal["", "text", "code"] = ""
        self.deep = False

    def offer(self, line: str, complete: bool) -> bool | None:
        """Whether `line`, of which at least the beginning is known, goes on with this block; None: not known yet."""
        return False

    def begin(self, line: str) -> None:  # noqa: B027 - most blocks have no use for it
        """Sees the beginning of the block's first line, which then grows and is committed like any other."""

    @abstractmethod
    def commit(self, line: str) -> None:
        """Takes a complete line that was offered (or begins the block)."""

    def grow(self, line: str) -> None:
        """Takes the beginning of such a line, longer at each call, before it is committed."""
        self.partial = line

    def append(self, text: str) -> str | None:
        """The HTML by which the tail on the page grows when `text` follows; None: it must be rendered again."""
        if self.quick == "text":
            fits = INERT.fullmatch(text) and "://" not in self.partial[-2:] + text
        else:
            fits = self.quick == "code" and not _LINE_END_OR_UNSAFE.search(text)
        if not fits:
            return None
        self.partial += text
        return escape(text)

    @abstractmethod
    def tail(self, anchor: Anchor | None) -> str:
        """The element of the open piece, as it grows with the ids `anchor`, or as it stays."""

    def finish(self) -> None:
        """Nothing more will come: the tail becomes the last piece."""
        self.pieces.append(self.tail(None))

    def html(self, tail: str = "") -> str:
        """The whole block: finished, or with its growing tail."""
        return f"{self.head}{''.join(self.pieces)}{tail}{self.foot}"


class Heading(Block):
    """One line after number signs."""

    _START = re.compile(r"[ \t]*(#+)[ \t]*")
    _END = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")

    def commit(self, line: str) -> None:
        self.partial, self.done = line, True

    def tail(self, anchor: Anchor | None) -> str:
        match = self._START.match(self.partial)
        level, start = (len(match[1]), match.end()) if match else (1, 0)
        text = self._END.sub("", self.partial[start:])
        content = inline(text if anchor else text.strip(BLANKS), growing=bool(anchor))
        self.quick = "text" if content.settled and text == self.partial[start:] != "" else ""
        return f"<{heading_tag(level)}{anchor.tail if anchor else ''}>{content.html}</{heading_tag(level)}>"


class Rule(Block):
    """A line across."""

    done = True

    def commit(self, line: str) -> None:
        """Nothing to keep."""

    def tail(self, anchor: Anchor | None) -> str:
        return f"<hr{anchor.tail if anchor else ''}>"
