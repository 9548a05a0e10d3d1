"""What a reader's page holds of a reply, and the htmx swaps that bring it up to date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .blocks import Anchor

if TYPE_CHECKING:
    from .blocks import Block


@dataclass(frozen=True, slots=True)
class Swap:
    """One htmx out-of-band swap: `html` goes to the element with the id `target`.

    `outerHTML`: `html` is exactly one element, the new one; else it is what to insert. `wrapper` is the tag that may
    hold `html` while it is parsed (a `<tr>` needs a `tbody`).
    """

    where: Literal["outerHTML", "beforebegin", "beforeend"]
    target: str
    html: str
    wrapper: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """How many finished blocks; of the open one, whether it was split, how many pieces, and its tail's HTML."""

    closed: int = 0
    block: Block | None = None
    split: bool = False
    pieces: int = 0
    tail: str = ""


class Page:
    """The body's DOM id is `{prefix}-body`, that of its one open element `{prefix}-tail`.

    Where text goes on in an element deep inside the open one, that has the id `{prefix}-cursor`.
    """

    def __init__(self, prefix: str) -> None:
        self._body, self._tail = f"{prefix}-body", f"{prefix}-tail"
        self._cursor = f"{prefix}-cursor"
        self.anchor = Anchor(f' id="{self._tail}"', f' id="{self._cursor}"')
        self._seen = _Seen()

    def appended(self, html: str, block: Block | None) -> list[Swap]:
        """Text that went to the end of the open element."""
        target = self._cursor if block and block.deep else self._tail
        return [Swap("beforeend", target, html, "span")] if html else []

    def swaps(self, closed: list[str], block: Block | None) -> list[Swap]:
        """From what the page holds to the finished blocks `closed` and the open `block`."""
        seen = self._seen
        tail = block.tail(self.anchor) if block else ""
        self._seen = _Seen(len(closed), block, block.split, len(block.pieces), tail) if block else _Seen(len(closed))
        new = closed[seen.closed :]
        changes: list[Swap] = []
        if block and seen.block is block:
            changes = self._whole(seen, block.html(tail)) if not seen.split else self._pieces(seen, block, tail)
        elif block:
            new.append(block.html(tail))
        if seen.block and seen.block is not block:
            last = new.pop(0)
            changes = self._whole(seen, last) if not seen.split else self._pieces(seen, seen.block)
        return [*changes, Swap("beforeend", self._body, "".join(new), "div")] if new else changes

    def _whole(self, seen: _Seen, html: str) -> list[Swap]:
        return [] if html == seen.tail else [Swap("outerHTML", self._tail, html, "div")]

    def _pieces(self, seen: _Seen, block: Block, tail: str = "") -> list[Swap]:
        """The pieces since `seen`, and in the tail's place the new tail, or the last piece when there is none."""
        new = block.pieces[seen.pieces :]
        tail = tail or new.pop()
        swaps = [Swap("beforebegin", self._tail, "".join(new), block.wrapper)] if new else []
        return swaps if tail == seen.tail else [*swaps, Swap("outerHTML", self._tail, tail, block.wrapper)]
