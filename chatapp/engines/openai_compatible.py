"""The engine for any OpenAI-compatible endpoint: `POST <base>/chat/completions`, streamed.

httpx runs over aiohttp here: its parser is written in C, and a token costs less than half. What httpx-aiohttp 0.2
raises cannot be told apart (a refused connection, an unknown host and a dropped one are all `ConnectTimeout`), so
`_fault` looks at the aiohttp error behind it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self
from weakref import WeakKeyDictionary

import aiohttp
import httpx
from django.conf import settings
from httpx_aiohttp import HttpxAiohttpClient

from chatapp.conf import get_settings
from chatapp.engines.completion import describe_error, reader_for
from chatapp.engines.errors import (
    EngineError,
    EngineInterrupted,
    EngineMalformed,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    error_for_status,
)

if TYPE_CHECKING:
    from chatapp.engines import Turn

DEFAULT_BASE_URL: Final = "https://api.openai.com/v1"
DEFAULT_MODEL: Final = "gpt-4o-mini"
_ERROR_BODY_BYTES: Final = 64 * 1024
_ERROR_BODY_S: Final = 1.0
_KEEPALIVE_S: Final = 30.0
_PATIENCE_WITHOUT_WORDS: Final = 5
FEW_STREAMS: Final = 10
READS_PER_S: Final = 250
LONGEST_PAUSE_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is. An empty `api_key` sends no Authorization header, as local servers want it."""

    base_url: str = DEFAULT_BASE_URL
    api_key: str = field(default="", repr=False)
    model: str = DEFAULT_MODEL
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 120.0

    @property
    def words_timeout_s(self) -> float:
        """How long signs of life, such as comments or a model's thoughts, are taken for an answer without a word."""
        return self.read_timeout_s * _PATIENCE_WITHOUT_WORDS

    @classmethod
    def from_settings(cls) -> Self:
        chat = get_settings()
        return cls(
            base_url=settings.OPENAI_BASE_URL or DEFAULT_BASE_URL,
            api_key=settings.OPENAI_API_KEY.strip(),
            model=settings.OPENAI_MODEL or DEFAULT_MODEL,
            connect_timeout_s=chat.connect_timeout_ms / 1000,
            read_timeout_s=chat.read_timeout_ms / 1000,
        )

    @property
    def url(self) -> str:
        """The address of a chat completion; a query in the base URL (an API version, say) is kept."""
        base = httpx.URL(self.base_url)
        return str(base.copy_with(path=base.path.rstrip("/") + "/chat/completions"))


class OpenAICompatibleEngine:
    """One client per event loop, shared by all its replies. `endpoint`: the settings' when it is not given."""

    is_demo = False

    def __init__(self, endpoint: Endpoint | None = None) -> None:
        self.endpoint = endpoint or Endpoint.from_settings()
        self._streams = 0
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()

    async def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        response: httpx.Response | None = None
        self._streams += 1
        try:
            async with asyncio.timeout(self.endpoint.words_timeout_s):
                response = await self._post(turns)
            words_by = self._words_by()
            reader = reader_for(response.headers.get("content-type", ""))
            chunks = response.aiter_bytes()
            while chunk := await self._next(chunks, words_by):
                if text := reader.feed(chunk):
                    yield text
                    words_by = self._words_by()
                if reader.finished:
                    break
                if pause := self._pause_s():
                    await asyncio.sleep(pause)
            if text := reader.finish():
                yield text
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, TimeoutError) as error:
            raise _fault(error, answered=response is not None) from None
        finally:
            self._streams -= 1
            if response is not None:
                await response.aclose()

    def _words_by(self) -> float:
        """When, on the loop's clock, the next words must have come."""
        return asyncio.get_running_loop().time() + self.endpoint.words_timeout_s

    async def _next(self, chunks: AsyncIterator[bytes], words_by: float) -> bytes:
        """The next chunk, empty at the end. Raises `TimeoutError` after too much silence, or at `words_by`.

        aiohttp has a clock for silence too, but stops it, and wakes nobody, when it cannot parse how a body goes on.
        """
        silent_until = asyncio.get_running_loop().time() + self.endpoint.read_timeout_s
        async with asyncio.timeout_at(min(silent_until, words_by)):
            return await anext(chunks, b"")

    def _pause_s(self) -> float:
        """How long not to look for more: when many replies stream, several tokens at once cost less than each alone."""
        return min(self._streams / READS_PER_S, LONGEST_PAUSE_S) if self._streams > FEW_STREAMS else 0.0

    async def aclose(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _post(self, turns: Sequence[Turn]) -> httpx.Response:
        """The answer, its body unread. Raises `EngineError` for any status but 200, and what httpx raises."""
        client = self._client()
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        body = {"model": self.endpoint.model, "messages": messages, "stream": True}
        request = client.build_request("POST", self.endpoint.url, json=body)
        try:
            response = await client.send(request, stream=True)
        except httpx.TransportError as error:
            if not _was_dropped(error):
                raise
            # A kept connection that the endpoint had closed meanwhile: no byte came, so once more cannot repeat one.
            response = await client.send(request, stream=True)
        if response.status_code != 200:
            raise await _refusal(response)
        return response

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._new_client()
        return client

    def _new_client(self) -> httpx.AsyncClient:
        # Only "pool" bounds the whole of connecting in this transport, the look-up of the host's name included.
        connect = self.endpoint.connect_timeout_s
        headers = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
        if self.endpoint.api_key:
            headers["Authorization"] = f"Bearer {self.endpoint.api_key}"
        return HttpxAiohttpClient(
            headers=headers,
            timeout=httpx.Timeout(self.endpoint.read_timeout_s, connect=connect, pool=connect),
            # 0 is aiohttp's "no limit": a reply never waits for another one's connection. None would mean 100.
            limits=httpx.Limits(max_connections=0, keepalive_expiry=_KEEPALIVE_S),
        )


async def _refusal(response: httpx.Response) -> EngineError:
    """The error that an answer other than 200 stands for; its body is looked at for a moment, for the log."""
    body = b""
    try:
        with suppress(httpx.HTTPError, aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(_ERROR_BODY_S):
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _ERROR_BODY_BYTES:
                        break
    finally:
        await response.aclose()
    detail = f"HTTP {response.status_code} {_described(body)}".rstrip()
    return error_for_status(response.status_code, detail, retry_after=response.headers.get("retry-after", ""))


def _described(body: bytes) -> str:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return describe_error(document.get("error")) if isinstance(document, dict) else ""


def _was_dropped(error: httpx.TransportError) -> bool:
    cause = error.__cause__
    dropped = isinstance(cause, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError))
    return dropped and not isinstance(cause, aiohttp.ClientConnectorError)


def _fault(error: Exception, *, answered: bool) -> EngineError:
    """What an error of the transport means. `answered`: whether the head of the answer had arrived."""
    cause = (error.__cause__ or error) if isinstance(error, httpx.HTTPError) else error
    detail = type(cause).__name__
    if isinstance(cause, TimeoutError):
        return EngineTimeout(detail)
    if isinstance(error, (httpx.InvalidURL, httpx.UnsupportedProtocol)):
        return EngineRefused(detail)
    if isinstance(cause, aiohttp.ClientConnectorError):
        return EngineRefused(detail)
    if isinstance(cause, (aiohttp.ClientResponseError, httpx.DecodingError)):
        return EngineMalformed(detail)
    return EngineInterrupted(detail) if answered else EngineUnavailable(detail)
