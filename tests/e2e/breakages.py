"""The ways in which a model endpoint breaks, each with what must come of it for the person."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.e2e.broken_model import DONE, FINISH, Call, How, token
from tests.e2e.servers import event

SAID = "Half of it, marigold ünd 漢字 🌿, "
"""What was said before a breakage. Its flower is looked for in the log."""
HUGE = 50 * 1024 * 1024
LONG = ("ä" * 49 + " ") * 1000 + "x" * 48_000
"""One token of a hundred kilobytes and more."""

BUSY = "very busy right now"
FAULT = "has a fault at the moment"
LATE = "took too long to answer"
LOST = "connection to the assistant was lost"
NOTHING = "answered with nothing"
SET_UP = "not set up correctly"
TOO_MUCH = "could not take this message"
UNREADABLE = "could not be read"


@dataclass(frozen=True)
class Case:
    """`how` it breaks, answer by answer; `text`: what is kept of the reply, to the character; `told`: of the sentence
    that the person reads, "" when nothing is wrong with the reply."""

    how: tuple[How, ...]
    text: str = ""
    told: str = ""

    @property
    def state(self) -> str:
        if not self.told:
            return "complete"
        return "interrupted" if self.text else "failed"


# Before the first word


async def silent(call: Call) -> None:
    await call.closed.wait()


async def silent_after_the_head(call: Call) -> None:
    await call.head()
    await call.closed.wait()


async def slow_head(call: Call) -> None:
    await call.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    await call.drip(itertools.repeat(b"x"), 0.2)


async def dropped(call: Call) -> None:
    call.writer.transport.abort()


async def another_protocol(call: Call) -> None:
    await call.raw(b"220 mail.test ESMTP ready\r\n")


async def endless_head(call: Call) -> None:
    await call.raw(b"HTTP/1.1 200 OK\r\n", *[b"X-More: " + b"x" * 1000 + b"\r\n"] * 1000)


async def round_in_circles(call: Call) -> None:
    await call.head("307 Temporary Redirect", Location="/v1/chat/completions")
    await call.end()


def status(line: str, **headers: str) -> How:
    async def answer(call: Call) -> None:
        await call.head(line, "application/json", **headers)
        error = {"message": f"You said: {call.question}", "type": "marigold in a sentence"}
        await call.send(json.dumps({"error": error}).encode())
        await call.raw(b"0\r\n\r\n")

    return answer


async def error_without_end(call: Call) -> None:
    await call.head("500 Internal Server Error", "text/plain")
    await call.drip(itertools.repeat(b"1000\r\n" + b"x" * 4096 + b"\r\n"), 0.01)


# Answers that are no reply


def body(*pieces: bytes, content_type: str = "text/event-stream", **headers: str) -> How:
    """An answer that is complete as HTTP, whatever it says."""

    async def answer(call: Call) -> None:
        await call.head(content_type=content_type, **headers)
        await call.send(*pieces)
        await call.raw(b"0\r\n\r\n")

    return answer


def huge(piece: bytes, content_type: str = "text/event-stream") -> How:
    return body(*[piece * (65_536 // len(piece))] * (HUGE // 65_536), content_type=content_type)


async def signs_of_life(call: Call) -> None:
    await call.head()
    await call.drip(itertools.repeat(b"8\r\n: ping\n\n\r\n"), 0.5)


async def signs_of_life_in_mid_reply(call: Call) -> None:
    await call.head()
    await call.say(SAID)
    await call.drip(itertools.repeat(b"8\r\n: ping\n\n\r\n"), 0.5)


# In mid-reply


def after_words(act: Callable[[Call], object] | None = None, *pieces: bytes) -> How:
    """It says its half, then `pieces`, and then `act` ends the connection; without one the answer ends as HTTP does."""

    async def answer(call: Call) -> None:
        await call.head()
        await call.say(SAID)
        await call.send(*pieces)
        if act is None:
            await call.raw(b"0\r\n\r\n")
        else:
            await asyncio.sleep(0.2)  # what was said shall have arrived: a reset takes back what has not
            act(call)

    return answer


async def stall(call: Call) -> None:
    await call.head()
    await call.say(SAID)
    await call.closed.wait()


def closed(call: Call) -> None:
    call.writer.write_eof()


def reset(call: Call) -> None:
    raw: socket.socket = call.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.writer.transport.abort()


def bad_chunk(call: Call) -> None:
    call.writer.write(b"not a length\r\n")


INSIDE = 'data: {"choices":[{"delta":{"content":"漢'.encode()[:-1]


# Strange, and yet a reply


async def byte_by_byte(call: Call) -> None:
    await call.head()
    for byte in token(SAID) + FINISH:
        await call.send(bytes([byte]))
        await asyncio.sleep(0.001)
    await call.closed.wait()


async def cut_in_a_character(call: Call) -> None:
    whole = event_of("漢")
    middle = whole.index("漢".encode()) + 1
    await call.head()
    await call.send(whole[:middle])
    await asyncio.sleep(0.5)
    await call.send(whole[middle:])
    await call.end()


def event_of(text: str) -> bytes:
    """A token whose text is on the wire as it is, not as escapes."""
    return b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode()


def escaped(text: str) -> bytes:
    return b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % text.encode("ascii")


EVENTS = event_of(SAID) + FINISH + DONE

CASES: Mapping[str, Case] = {
    "keep-alive comments only": Case((signs_of_life,), told=LATE),
    "keep-alive comments in mid-reply": Case((signs_of_life_in_mid_reply,), SAID, LATE),
    "a head that drips for ever": Case((slow_head,), told=LATE),
    "silent before the head": Case((silent,), told=LATE),
    "silent after the head": Case((silent_after_the_head,), told=LATE),
    "a stall in mid-reply": Case((stall,), SAID, LATE),
    "50 MB of lines": Case((huge(b"line\n"),), told=UNREADABLE),
    "50 MB of blank lines": Case((huge(b"\n"),), told=UNREADABLE),
    "50 MB in one line": Case((huge(b"x"),), told=UNREADABLE),
    "50 MB of text": Case((huge(b"words\n", "text/plain"),), told=UNREADABLE),
    "50 MB of JSON": Case((huge(b"[", "application/json"),), told=UNREADABLE),
    "50 MB, packed": Case((body(gzip.compress(b"x" * HUGE), Content_Encoding="gzip"),), told=UNREADABLE),
    "tokens of 100 kB": Case((body(event_of(LONG), event_of(" and "), event_of(LONG), FINISH),), f"{LONG} and {LONG}"),
    "empty tokens by the thousand": Case((body(*[token("")] * 5000, EVENTS),), SAID),
    "empty tokens and nothing else": Case((body(*[token("")] * 5000, FINISH),), told=NOTHING),
    "dropped again and again": Case((dropped, dropped), told=FAULT),
    "dropped once": Case((dropped, body(EVENTS)), SAID),
    "another protocol": Case((another_protocol,), told=UNREADABLE),
    "a head without end": Case((endless_head,), told=UNREADABLE),
    "500": Case((status("500 Internal Server Error"),), told=FAULT),
    "503": Case((status("503 Service Unavailable"),), told=FAULT),
    "500 without end": Case((error_without_end,), told=FAULT),
    "401": Case((status("401 Unauthorized"),), told=SET_UP),
    "404": Case((status("404 Not Found"),), told=SET_UP),
    "413": Case((status("413 Content Too Large"),), told=TOO_MUCH),
    "429": Case((status("429 Too Many Requests", Retry_After="7"),), told=BUSY),
    "a redirect to itself": Case((round_in_circles,), told=SET_UP),
    "204": Case((status("204 No Content"),), told=UNREADABLE),
    "a page to log in": Case((body(b"<!doctype html><p>marigold", content_type="text/html"),), told=UNREADABLE),
    "an event that is no JSON": Case((after_words(None, b"data: {marigold\n\n"),), SAID, UNREADABLE),
    "an event of another shape": Case((after_words(None, event({"choices": [["marigold"]]})),), SAID, UNREADABLE),
    "an error in the stream": Case(
        (after_words(None, event({"error": {"code": 429, "message": "marigold"}})),), SAID, BUSY
    ),
    "no end": Case((after_words(),), SAID, LOST),
    "closed": Case((after_words(closed),), SAID, LOST),
    "reset": Case((after_words(reset),), SAID, LOST),
    "closed within a character": Case((after_words(closed, INSIDE),), SAID, LOST),
    "ended within a character": Case((after_words(None, INSIDE),), SAID, LOST),
    "a chunk without a length": Case((after_words(bad_chunk),), SAID, LATE),
    "byte by byte": Case((byte_by_byte,), SAID),
    "a segment that ends within a character": Case((cut_in_a_character,), "漢"),
    "declared as Latin-1": Case((body(EVENTS, content_type="text/event-stream; charset=latin-1"),), SAID),
    "declared as UTF-16": Case((body(EVENTS, content_type="text/event-stream; charset=utf-16"),), SAID),
    "declared as nothing that exists": Case((body(EVENTS, content_type="text/event-stream; charset=x-no"),), SAID),
    "sent as Latin-1": Case((body(event_of("f?r").replace(b"?", b"\xfc"), EVENTS),), f"f\ufffdr{SAID}"),
    "sent as UTF-16": Case((body(EVENTS.decode().encode("utf-16")),), told=LOST),
    "CRLF": Case((body(EVENTS.replace(b"\n", b"\r\n")),), SAID),
    "CR": Case((body(EVENTS.replace(b"\n", b"\r")),), SAID),
    "a NUL and half a character": Case((body(escaped(r"a\u0000b\ud800c"), EVENTS),), f"ab\ufffdc{SAID}"),
    "a character in two tokens": Case((body(escaped(r"\ud83c"), escaped(r"\udf3f"), EVENTS),), f"🌿{SAID}"),
    "text after the end": Case((body(EVENTS, event_of("and more"), b"marigold"),), SAID),
}
