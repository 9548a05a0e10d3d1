"""The newest things that happened, in memory and bounded: requests, pages, frame messages. Never a message's text."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["init", "preload", "report", "page", "message", "control"]
KINDS: dict[Kind, str] = {
    "init": "Inits",
    "preload": "Preloads",
    "report": "Reports",
    "page": "Pages",
    "message": "Frame messages",
    "control": "Control",
}
_SHOWN_OF_AN_ID = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `ids` are shortened; `status` and `latency_ms` are None where there is none (yet)."""

    number: int
    at: datetime
    kind: Kind
    what: str
    outcome: str
    status: int | None
    latency_ms: int | None
    ids: str

    @property
    def time(self) -> str:
        return f"{self.at:%H:%M:%S}"

    @property
    def latency(self) -> str:
        return "" if self.latency_ms is None else f"{self.latency_ms:,} ms"

    @property
    def is_refused(self) -> bool:
        return self.status is not None and self.status >= 400

    @property
    def fields(self) -> dict[str, object]:
        """As the start page's script takes it."""
        shown = {"time": self.time, "latency": self.latency, "refused": self.is_refused}
        return asdict(self) | {"at": self.at.isoformat()} | shown


class Log:
    """`limit` is the number of entries kept; the oldest go first."""

    def __init__(self, *, limit: int = 500) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._last = 0
        self._changed = asyncio.Event()

    def add(
        self,
        kind: Kind,
        what: str,
        outcome: str,
        *,
        status: int | None = None,
        latency_ms: int | None = None,
        ids: str = "",
    ) -> None:
        self._last += 1
        now = datetime.now().astimezone()
        self._entries.append(Entry(self._last, now, kind, what, outcome, status, latency_ms, ids))
        self._changed.set()
        self._changed = asyncio.Event()

    def clear(self) -> None:
        self._entries.clear()

    def after(self, number: int = 0) -> list[Entry]:
        """The entries after this number that are kept, oldest first. A number from before a restart counts as none."""
        since = number if number <= self._last else 0
        return [entry for entry in self._entries if entry.number > since]

    async def news(self, number: int) -> list[Entry]:
        """As `after`, but waits until there is one."""
        while not (entries := self.after(number)):
            await self._changed.wait()
        return entries


def shorten(**ids: str) -> str:
    """`bid 1111… · message u1` for ids by what they are of; their ends say nothing to a person."""
    shown = (f"{name} {_short(value)}" for name, value in ids.items() if value)
    return " · ".join(shown)


def _short(value: str) -> str:
    printable = "".join(letter if letter.isprintable() else "?" for letter in value[: _SHOWN_OF_AN_ID + 1])
    return printable if len(printable) <= _SHOWN_OF_AN_ID else f"{printable[:_SHOWN_OF_AN_ID]}…"
