"""Logs that can be followed and that hold no word of a conversation.

Each line names the request and the turn (the reply) that it belongs to. In production a line is one JSON object; in
development it is one for eyes. In production an exception is told by its type and place: its message may quote all.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError

from chatapp.engines.errors import EngineError

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_turn_id: ContextVar[str] = ContextVar("turn_id", default="")
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
TELLS_NO_TEXT = (EngineError, ImproperlyConfigured, InterfaceError, OperationalError, OSError)
"""Exceptions whose message speaks of connections and settings only."""
FRAMES = 20


@contextmanager
def request(given: str = "") -> Iterator[str]:
    """What is logged inside belongs to one request. `given`: the id that a trusted proxy chose; any other form than
    letters, digits and `._-` is replaced. Yields the id."""
    request_id = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    token = _request_id.set(request_id)
    try:
        yield request_id
    finally:
        _request_id.reset(token)


@contextmanager
def turn(reply_id: uuid.UUID | str) -> Iterator[None]:
    """What is logged inside belongs to the writing of one reply."""
    token = _turn_id.set(str(reply_id))
    try:
        yield
    finally:
        _turn_id.reset(token)


class NameTheContext(logging.Filter):
    """Adds `request_id`, `turn_id` and `context`, the two for eyes, to a record."""

    # Held here, for what is logged while the interpreter goes down and empties its modules.
    _known = (("request", _request_id), ("turn", _turn_id))

    def filter(self, record: logging.LogRecord) -> bool:
        known = [(name, variable.get()) for name, variable in self._known]
        record.__dict__.update((f"{name}_id", value) for name, value in known)
        record.context = "".join(f" [{name} {value[:8]}]" for name, value in known if value)
        return True


class JsonLines(logging.Formatter):
    """One JSON object for each record: `time`, `level`, `logger`, `message`, and what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("request_id", "turn_id", "status_code"):
            if value := getattr(record, name, None):
                line[name] = value
        if record.exc_info and record.exc_info[1]:
            line["exception"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def describe(failure: BaseException) -> dict[str, object]:
    """An exception without what it may quote: its type, where it was raised, and its causes' types."""
    chain, seen = [], set()
    cause: BaseException | None = failure
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        chain.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(failure.__traceback__)[-FRAMES:]
    described: dict[str, object] = {
        "type": chain[0],
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if chain[1:]:
        described["causes"] = chain[1:]
    if isinstance(failure, TELLS_NO_TEXT):
        described["message"] = str(failure)
    return described
