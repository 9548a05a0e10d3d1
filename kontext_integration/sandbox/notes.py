"""What frames and modals tell about the messages they sent and heard: checked, cut, and no more than can be read."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .log import Log, shorten

MAX_NOTES = 50
"""Of one report."""
MAX_BYTES = 32_000
_LONGEST_SUMMARY = 160
_TYPE = re.compile(r"[\w.-]{1,60}", re.ASCII)
_DIRECTIONS = {"sent": "{page} → host", "heard": "host → {page}"}
_PAGES = ("frame", "modal")


@dataclass(frozen=True, slots=True)
class Note:
    what: str
    summary: str


class Intake:
    """Takes at most `per_second` notes into the log, on average; `clock` gives seconds."""

    def __init__(self, log: Log, *, per_second: float = 50, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._per_second = per_second
        self._clock = clock
        self._left = per_second
        self._at = clock()

    def take(self, raw: bytes) -> bool:
        """Writes a report of a page into the log; False when it is none. What is too much is only counted."""
        report = _report(raw)
        if report is None:
            return False
        notes = list(_notes(report))
        allowed = self._allowed(len(notes))
        ids = shorten(bid=str(report.get("bid", "")), code=str(report.get("code", "")))
        for note in notes[:allowed]:
            self._log.add("message", note.what, note.summary, ids=ids)
        missed = len(notes) - allowed + _count(report.get("missed"))
        if missed and allowed:
            self._log.add("message", report["page"], f"{missed:,} more messages, too many to list", ids=ids)
        return True

    def _allowed(self, wanted: int) -> int:
        now = self._clock()
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        allowed = min(wanted, int(self._left))
        self._left -= allowed
        return allowed


def _report(raw: bytes) -> dict[str, Any] | None:
    try:
        report = json.loads(raw) if len(raw) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) and report.get("page") in _PAGES else None


def _notes(report: dict[str, Any]) -> Iterator[Note]:
    messages = report.get("messages")
    for message in messages[:MAX_NOTES] if isinstance(messages, list) else []:
        if not isinstance(message, dict):
            continue
        direction, kind, summary = (message.get(name) for name in ("direction", "type", "summary"))
        where = _DIRECTIONS.get(direction, "") if isinstance(direction, str) else ""
        if where and isinstance(kind, str) and _TYPE.fullmatch(kind):
            where = where.format(page=report["page"])
            yield Note(f"{where} {kind}", _printable(summary) if isinstance(summary, str) else "")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST_SUMMARY])


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000 else 0
