"""Code as a top-level block, fenced or indented: chunks of lines, each coloured by itself and sent once."""

from __future__ import annotations

from abc import abstractmethod

from .blocks import Anchor, Block
from .highlight import frame, highlight, language_of, starts_chunk
from .lines import BLANKS, TAB, closes, columns, dedent, may_close
from .sanitise import escape


class Code(Block):
    """Chunks of lines. A line in progress is shown without colours, which come with its newline."""

    wrapper = "code"
    split = True

    def __init__(self, language: str = "") -> None:
        super().__init__()
        self.language = language
        self.head, self.foot = frame(language)
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: str) -> None:
        """Takes one more line of code, without its newline."""
        line += "\n"
        if starts_chunk(self._lines, self._size, line):
            self.finish()
            self._lines, self._size = [], 0
        self._lines.append(line)
        self._size += len(line)

    @abstractmethod
    def content(self, line: str) -> str:
        """The line without the indent that is not code."""

    def tail(self, anchor: Anchor | None) -> str:
        code = highlight("".join(self._lines), self.language)
        return f"<span{anchor.tail if anchor else ''}>{code}{escape(self.content(self.partial))}</span>"


class Fence(Code):
    """Code between back-ticks or tildes; the first line names the language."""

    def __init__(self, marker: str, line: str) -> None:
        super().__init__(language_of(line.strip(BLANKS)[len(marker) :]))
        self._marker = marker
        self._indent = columns(line)
        self._opened = self._closing = False
        self.quick = "code"

    def offer(self, line: str, complete: bool) -> bool | None:
        if not complete:
            return None if may_close(line, self._marker) else True
        self._closing = closes(line, self._marker)
        return True

    def commit(self, line: str) -> None:
        self.partial = ""
        if self._opened and not self._closing:
            self.add(self.content(line))
        self._opened, self.done = True, self._closing

    def content(self, line: str) -> str:
        if not self._indent:
            return line
        skip, keep = dedent(line, self._indent)
        return keep + line[skip:]


class IndentedCode(Code):
    """Lines after four blanks; blank lines at the end are not part of it."""

    def __init__(self) -> None:
        super().__init__()
        self._blank_lines = 0

    def offer(self, line: str, complete: bool) -> bool | None:
        if not line.strip(BLANKS):
            return True if complete else None
        return columns(line) >= TAB

    def commit(self, line: str) -> None:
        self.partial = ""
        if not line.strip(BLANKS):
            self._blank_lines += 1
            return
        for blank in [""] * self._blank_lines:
            self.add(blank)
        self._blank_lines = 0
        self.add(self.content(line))

    def content(self, line: str) -> str:
        skip, keep = dedent(line, TAB)
        return keep + line[skip:]

    def tail(self, anchor: Anchor | None) -> str:
        code = highlight("".join(self._lines) + "\n" * (self._blank_lines if self.partial else 0), self.language)
        return f"<span{anchor.tail if anchor else ''}>{code}{escape(self.content(self.partial))}</span>"
