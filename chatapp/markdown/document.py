"""A reply's Markdown, rendered while it grows: finished blocks are sent once, only the open one again.

What is on the page is always a function of the text so far, never of how it was cut into tokens. So a reader who
comes later takes `html()` and then the same swaps as everyone else, and `render` of the whole gives the same bytes.
"""

from __future__ import annotations

import re

from .blocks import Block, Heading, Rule
from .codeblock import Fence, IndentedCode
from .containers import ItemList, Quote
from .lines import Mark, classify
from .page import Page, Swap
from .paragraph import Paragraph

_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PLAIN_BLOCKS: dict[str, type[Heading | Rule | Quote | IndentedCode]] = {
    "heading": Heading,
    "rule": Rule,
    "quote": Quote,
    "indented": IndentedCode,
}


class Document:
    """`prefix`: the body that holds the blocks has the DOM id `{prefix}-body`, its open element `{prefix}-tail`.

    Text may go on in an element deep inside the open one, which then is `{prefix}-cursor`.
    """

    def __init__(self, prefix: str) -> None:
        self._page = Page(prefix)
        self._parts: list[str] = []
        self._closed: list[str] = []
        self._open: Block | None = None
        self._line = ""  # the line in progress, while it is not known to what block it belongs
        self._begun = False  # that is known: the open block holds the line
        self._ends_in_return = False
        self._is_closed = False
        self._stale = False  # the tail on the page differs from ours by more than `_appended`
        self._appended: list[str] = []

    @property
    def text(self) -> str:
        r"""All that was fed, with `\n` for line ends and U+FFFD for characters that no database or page accepts."""
        return "".join(self._parts)

    def feed(self, text: str) -> None:
        """Takes the next part of the reply. Raises `ValueError` after `close`."""
        if self._is_closed:
            raise ValueError("the reply is closed")
        if self._begun and not self._stale and self._open and (html := self._open.append(text)) is not None:
            self._parts.append(text)
            self._appended.append(html)
        elif text:
            self._take(self._normalised(text))

    def close(self) -> None:
        """The reply is complete: nothing is half-open any more, and nothing on the page has the tail's id."""
        if self._is_closed:
            return
        if self._begun or self._line:
            self._complete("")
        self._finish()
        self._is_closed = self._stale = True

    def html(self) -> str:
        """The inner HTML of the body now, the open element included."""
        block = self._open
        return "".join(self._closed) + (block.html(block.tail(self._page.anchor)) if block else "")

    def take_swaps(self) -> list[Swap]:
        """What changed on the page since the last call; to be applied in this order."""
        html, self._appended = "".join(self._appended), []
        if not self._stale:
            return self._page.appended(html, self._open)
        self._stale = False
        return self._page.swaps(self._closed, self._open)

    # Lines

    def _normalised(self, text: str) -> str:
        if self._ends_in_return:
            text = text.removeprefix("\n")
        self._ends_in_return = text.endswith("\r")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = _UNWANTED.sub("\ufffd", text)
        self._parts.append(text)
        return text

    def _take(self, text: str) -> None:
        self._stale = True
        *complete, partial = text.split("\n")
        for line in complete:
            self._complete(line)
        if not partial:
            return
        if self._begun and self._open:
            self._open.grow(self._open.partial + partial)
            return
        self._line += partial
        if self._route(self._line, complete=False) and self._open:
            self._begun = True
            self._open.grow(self._line)

    def _complete(self, rest: str) -> None:
        line = self._open.partial + rest if self._begun and self._open else self._line + rest
        decided = self._begun or self._route(line, complete=True)
        self._line, self._begun = "", False
        if decided and self._open:
            self._open.commit(line)
            if self._open.done:
                self._finish()

    def _route(self, line: str, complete: bool) -> bool:
        """Finds or opens the block that the line belongs to. False: not known yet, or a blank line that is no one's."""
        if complete and isinstance(self._open, Paragraph) and (table := self._open.table_after(line)):
            if not self._open.is_empty:
                self._finish()
            self._open = table  # in the place of the paragraph, on the page too, when nothing is left of that one
            return True
        goes_on = self._open.offer(line, complete) if self._open else False
        if goes_on is not False:
            return goes_on is True
        self._finish()
        mark = classify(line, complete)
        if mark is None or mark.kind == "blank":
            return False
        self._open = _block(mark, line)
        self._open.begin(line)
        return True

    # Blocks

    def _finish(self) -> None:
        if self._open:
            self._open.finish()
            self._closed.append(self._open.html())
            self._open = None


def _block(mark: Mark, line: str) -> Block:
    """The block that a line begins."""
    if mark.kind == "fence":
        return Fence(mark.marker, line)
    if mark.kind == "item":
        return ItemList(mark)
    return _PLAIN_BLOCKS.get(mark.kind, Paragraph)()


def render(text: str) -> str:
    """The final HTML of a reply: the same bytes as of a `Document` that was fed the text in any parts, and closed."""
    document = Document("")
    document.feed(text)
    document.close()
    return document.html()
