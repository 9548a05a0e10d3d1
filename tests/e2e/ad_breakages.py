"""The ways in which an ad server breaks, as the bytes that it sends."""

from __future__ import annotations

import asyncio
import gzip
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.broken_ads import BrokenAds

HUGE = 50_000_000
CHUNK = 65_536
SESSION = str(uuid.uuid4())

Pieces = AsyncIterator[bytes]
Breakage = Callable[["BrokenAds"], Pieces]


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer. Header names are written with underscores."""
    given = {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(**headers: str) -> bytes:
    """The head of an answer whose length nobody tells."""
    return answer(**headers).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def fill(**more: object) -> bytes:
    """The JSON of an ad for the slot of the chat."""
    bid = {"bidId": str(uuid.uuid4()), "code": "inlineAd"}
    return json.dumps({"sessionId": SESSION, "bids": [bid], **more}, ensure_ascii=False).encode()


def says(*pieces: bytes) -> Breakage:
    """These bytes, and the connection is closed."""

    async def speak(ads: BrokenAds) -> Pieces:
        for piece in pieces:
            yield piece

    return speak


def for_ever(head: bytes, piece: bytes, times: int | None = None, pause_s: float = 0.0) -> Breakage:
    """A beginning, and then the same again and again; `times`: so often, None: without end."""

    async def speak(ads: BrokenAds) -> Pieces:
        yield head
        for _ in repeat(None) if times is None else repeat(None, times):
            await asyncio.sleep(pause_s)
            yield piece

    return speak


async def hang(ads: BrokenAds) -> Pieces:
    await asyncio.Event().wait()
    yield b""


async def reset(ads: BrokenAds) -> Pieces:
    """The connection breaks off, without a goodbye."""
    yield answer(fill())[:-9]
    raise ConnectionResetError


async def to_itself(ads: BrokenAds) -> Pieces:
    yield answer(status="307 Temporary Redirect", Location=f"{ads.url}/preload")


async def to_another_host(ads: BrokenAds) -> Pieces:
    """Each of the two hosts sends to the other one."""
    ads.turns += 1
    host = (ads.elsewhere, ads.url)[ads.turns % 2 - 1]
    yield answer(status="308 Permanent Redirect", Location=f"{host}/preload")


async def unpacks(ads: BrokenAds) -> Pieces:
    """A small answer that unpacks to a huge one."""
    yield answer(gzip.compress(b" " * HUGE, 1), Content_Encoding="gzip")


DRIP_S = 1.0
TIMES = HUGE // CHUNK
WAYS: Mapping[str, Breakage] = {
    "hang": hang,
    "drip of headers": for_ever(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x", pause_s=DRIP_S),
    "drip of a body": for_ever(answer(Content_Length="1000000"), b" ", pause_s=DRIP_S),
    "500": says(answer(fill(), status="500 Internal Server Error")),
    "503": says(answer(b"<html>Back soon</html>", status="503 Service Unavailable", Retry_After="86400")),
    "403 that says permanent": says(answer(b'{"permanent": true, "errCode": "geo"}', status="403 Forbidden")),
    "429": says(answer(status="429 Too Many Requests")),
    "429 with Retry-After": says(answer(status="429 Too Many Requests", Retry_After="86400")),
    "no JSON": says(answer(b'{"sessionId": ')),
    "an error page": says(answer(b"<html>Sorry</html>", Content_Type="text/html")),
    "nothing": says(answer()),
    "a list": says(answer(b"[" + fill() + b"]")),
    "wrong types": says(answer(fill(sessionId=7, skip="yes", enabled=0, preloadTimeout="soon"))),
    "bids that are none": says(answer(fill(bids=[{"bidId": "../../etc", "code": 7}], preloadTimeout=-1))),
    "deep JSON": says(answer(b'{"bids":' + b"[" * 100_000)),
    "utf-16": says(answer(fill().decode().encode("utf-16"), Content_Type="application/json; charset=utf-16")),
    "koi8-r": says(
        answer(fill(skipCode="реклама").decode().encode("koi8-r"), Content_Type="application/json; charset=koi8-r")
    ),
    "invalid utf-8": says(answer(fill(skipCode="").replace(b'""', b'"\xff\xfe"'))),
    "50 MB": for_ever(answer(Content_Length=str(HUGE)), b" " * CHUNK, TIMES),
    "50 MB in chunks": for_ever(chunked(), chunk(b" " * CHUNK), TIMES),
    "50 MB of tiny chunks": for_ever(chunked(), chunk(b" ") * (CHUNK // 6), HUGE // CHUNK),
    "50 MB unpacked": unpacks,
    "50 MB of an error": for_ever(answer(status="500 No", Content_Length=str(HUGE)), b" " * CHUNK, TIMES),
    "endless headers": for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 1000),
    "redirects to itself": to_itself,
    "redirects to another host": to_another_host,
    "a redirect to nowhere": says(answer(status="302 Found", Location="gopher://nowhere.invalid")),
    "cut in the middle": says(answer(fill(), Content_Length="1000")),
    "cut in a chunk": says(chunked() + chunk(fill())[:-20]),
    "reset": reset,
    "garbage": says(bytes(range(256)) * 100),
    "closed at once": says(),
}
"""How it breaks while it listens. `REFUSED` is the way of one that does not."""
REFUSED = "refused"
