"""A decoder of server-sent events: bytes in, in whatever pieces they arrive, events out. No network, no clock.

It follows https://html.spec.whatwg.org/multipage/server-sent-events.html without `id` and `retry`, which serve the
reconnecting that a reply never does. Every byte is looked at a fixed number of times, however the pieces fall.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_EVENT_BYTES: Final = 4 * 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    data: str
    name: str = "message"


class EventTooLargeError(ValueError):
    """More came without completing an event than the decoder accepts."""


class EventDecoder:
    """Feed it a stream's bytes in order. `max_bytes` bounds what may come between two events, comments included."""

    def __init__(self, *, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._pieces: list[bytes] = []  # of the line that has not ended; joined once, when it does
        self._pieces_size = 0
        self._data: list[bytes] = []
        self._size = 0  # of the lines since the last event
        self._name = b""
        self._after_cr = False
        self._at_start = True
        self._between_events = False

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that `chunk` completes. An event that never ends is never returned, as the standard wants it."""
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_newlines(chunk)
        if self._between_events and self._is_one_event(chunk):
            self._size = 0
            return [ServerSentEvent(chunk[6:-2].decode("utf-8", "replace"))]
        self._pieces.append(chunk)
        self._pieces_size += len(chunk)
        if b"\n" not in chunk:
            self._check_size(self._size + self._pieces_size)
            return []
        return self._take_lines()

    def _is_one_event(self, chunk: bytes) -> bool:
        """Whether `chunk` is exactly one event of one line: how nearly all of them arrive."""
        size = len(chunk)
        framed = chunk.startswith(b"data: ") and chunk.endswith(b"\n\n") and size <= self._max_bytes
        return framed and chunk.find(b"\n") == size - 2

    def _with_newlines(self, chunk: bytes) -> bytes:
        """`chunk` with every line ended by LF. A CR ends its line at once; an LF that follows it belongs to it."""
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_cr = False
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _take_lines(self) -> list[ServerSentEvent]:
        *lines, rest = b"".join(self._pieces).split(b"\n")
        self._pieces, self._pieces_size = [rest], len(rest)
        if self._at_start:
            self._at_start = False
            lines[0] = lines[0].removeprefix(_BOM)
        events = []
        for line in lines:
            self._size += len(line) or 1
            if line:
                self._take_field(line)
            elif event := self._end_event():
                events.append(event)
                self._size = 0
            self._check_size(self._size)
        self._check_size(self._size + len(rest))
        self._between_events = not (rest or self._data or self._name)
        return events

    def _take_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value

    def _end_event(self) -> ServerSentEvent | None:
        event = None
        if self._data:
            data = b"\n".join(self._data).decode("utf-8", "replace")
            event = ServerSentEvent(data, self._name.decode("utf-8", "replace") or "message")
        self._data, self._name = [], b""
        return event

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            raise EventTooLargeError(f"more than {self._max_bytes} bytes")
