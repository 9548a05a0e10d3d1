"""What an OpenAI-compatible endpoint says in answer to a chat completion: bytes in, text out. Pure.

Endpoints differ: some send no `[DONE]`, some send usage without choices, some put an `error` object into the stream,
some answer a request for a stream with one JSON document. Two readers with the same two methods cover them.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, Protocol

from chatapp.engines.errors import (
    EngineError,
    EngineInterrupted,
    EngineMalformed,
    EngineUnavailable,
    error_for_status,
)
from chatapp.engines.sse import MAX_EVENT_BYTES, EventDecoder, EventTooLargeError

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_STATUS_OF_ERROR: Final = {
    401: re.compile("api_?key|auth|permission", re.IGNORECASE),
    429: re.compile("rate_?limit|quota|too_?many", re.IGNORECASE),
    400: re.compile("invalid|bad_?request|not_?found|context_length|content_(filter|policy)", re.IGNORECASE),
}


class CompletionReader(Protocol):
    finished: bool
    """Whether nothing that follows belongs to the reply: reading may stop."""

    def feed(self, chunk: bytes) -> str:
        """The text that `chunk` completes; empty when there is none. Never raises: a fault ends the reply, and
        `finish` raises it, so that the text before it is not lost."""
        ...

    def finish(self) -> str:
        """The rest of the text, after the last chunk. Raises `EngineError` when the reply is not complete."""
        ...


def reader_for(content_type: str) -> CompletionReader:
    """The reader for an answer with this Content-Type. Raises `EngineMalformed` for a page of HTML."""
    media_type = content_type.partition(";")[0].strip().lower()
    if "html" in media_type:
        raise EngineMalformed("HTML instead of events")
    if "json" in media_type:
        return DocumentReader()
    return StreamReader(declared=media_type == "text/event-stream")


class StreamReader:
    """Reads server-sent events. `declared`: whether the answer is labelled as such."""

    def __init__(self, *, declared: bool = True) -> None:
        self.finished = False
        self._fault: EngineError | None = None
        self._is_event_stream = declared
        self._decoder = EventDecoder()

    def feed(self, chunk: bytes) -> str:
        text = ""
        try:
            for event in self._decoder.feed(chunk):
                self._is_event_stream = True
                text += self._read(event.data)
                if self.finished:
                    break
        except EventTooLargeError as error:
            self._end(EngineMalformed(str(error)))
        except EngineError as error:
            self._end(error)
        return text

    def finish(self) -> str:
        if self._fault:
            raise self._fault
        if not self._is_event_stream:
            raise EngineMalformed("not an event stream")
        if not self.finished:
            raise EngineInterrupted("the stream ended without a finish")
        return ""

    def _end(self, fault: EngineError) -> None:
        self.finished, self._fault = True, fault

    def _read(self, data: str) -> str:
        if data == "[DONE]":
            self.finished = True
            return ""
        choice = _first_choice(_parse(data))
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        if finish_reason := choice.get("finish_reason"):
            self.finished = True
            if finish_reason == "error":
                self._fault = EngineUnavailable("finish_reason error")
        return text if isinstance(text, str) else ""


class DocumentReader:
    """Reads one JSON document: how some endpoints answer a request for a stream."""

    def __init__(self, *, max_bytes: int = MAX_EVENT_BYTES) -> None:
        self.finished = False
        self._max_bytes = max_bytes
        self._body = bytearray()

    def feed(self, chunk: bytes) -> str:
        self._body += chunk
        self.finished = len(self._body) > self._max_bytes
        return ""

    def finish(self) -> str:
        if self.finished:
            raise EngineMalformed(f"more than {self._max_bytes} bytes")
        message = _first_choice(_parse(self._body)).get("message")
        text = message.get("content") if isinstance(message, dict) else None
        if not isinstance(text, str):
            raise EngineMalformed("a document without a message")
        return text


def describe_error(error: object) -> str:
    """The type and code of an endpoint's `error`. Its message is left out: it may quote the person or the key."""
    if not isinstance(error, dict):
        return ""
    names = (str(error.get(key)) for key in ("type", "code") if error.get(key))
    return " ".join(name for name in names if _IDENTIFIER.fullmatch(name))


def _parse(document: str | bytearray) -> dict[str, Any]:
    try:
        payload = json.loads(document)
    except (ValueError, RecursionError):
        raise EngineMalformed("not JSON") from None
    if not isinstance(payload, dict):
        raise EngineMalformed("not a JSON object")
    return payload


def _first_choice(payload: dict[str, Any]) -> dict[str, Any]:
    """The first of `choices`, `{}` when there are none (usage, keep-alive). Raises what an `error` stands for."""
    choices = payload.get("choices")
    error = payload.get("error") or (payload if payload.get("object") == "error" else None)
    if error:
        raise _error_in_stream(error)
    if not choices:
        return {}
    if not (isinstance(choices, list) and isinstance(choices[0], dict)):
        raise EngineMalformed("choices of another shape")
    return choices[0]


def _error_in_stream(error: object) -> EngineError:
    detail = f"error in the stream: {describe_error(error)}"
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and 400 <= code < 600:
        return error_for_status(code, detail)
    status = next((status for status, names in _STATUS_OF_ERROR.items() if names.search(detail)), 500)
    return error_for_status(status, detail)
