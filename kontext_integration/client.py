"""The four endpoints of the ad server (protocol 2): build, send, repeat, and turn what came back into a result value.

Nothing here raises, except that a cancellation passes through and leaves no trace.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import wire
from .addresses import Endpoint, endpoint
from .outcomes import InitAnswer, InitIgnored, PreloadOutcome
from .retry import INIT_TIMEOUT_MS, REPORT_TIMEOUT_MS, backoff_ms, should_retry
from .transport import Reply, Request, Transport, Unreachable

if TYPE_CHECKING:
    from .entities import Configuration, Options
    from .state import PreloadStart

logger = logging.getLogger("kontext_integration")

Sleep = Callable[[float], Awaitable[None]]


class AdClient:
    """Talks to the ad server. `sleep` takes seconds and is how a backoff waits."""

    def __init__(self, transport: Transport, sleep: Sleep = asyncio.sleep) -> None:
        self._transport = transport
        self._sleep = sleep

    async def init(self, config: Configuration, *, install_id: str, forwarded: Mapping[str, str]) -> InitAnswer:
        """`POST /init` with retries (protocol 2.3). `forwarded` are headers about the user's browser."""
        body = wire.init_request(config, install_id=install_id)
        headers = wire.init_headers(config)
        answer = await self._persist(_request(config, "init", body, headers, INIT_TIMEOUT_MS, forwarded))
        if isinstance(answer, Unreachable):
            return InitIgnored(report=answer.detail)
        return wire.decode_init(answer.status, answer.body)

    async def preload(
        self,
        config: Configuration,
        start: PreloadStart,
        *,
        options: Options,
        install_id: str,
        device: Mapping[str, Any],
        forwarded: Mapping[str, str],
    ) -> PreloadOutcome:
        """`POST /preload` with retries (protocol 2.4); the body is built once. An outcome for every answer and none."""
        body = wire.preload_request(
            config,
            options=options,
            install_id=install_id,
            session_id=start.session_id,
            messages=start.messages,
            device=device,
        )
        headers = wire.preload_headers(config, disabled=start.track_only)
        answer = await self._persist(_request(config, "preload", body, headers, start.timeout_ms, forwarded))
        if isinstance(answer, Unreachable):
            return wire.request_failed(answer.detail)
        codes = config.enabled_placement_codes
        return wire.decide_preload(answer.status, answer.body, codes=codes, track_only=start.track_only)

    async def report_error(
        self, config: Configuration, *, install_id: str, error: str, stack: str, bid_id: str | None = None
    ) -> None:
        """`POST /error`, once; whatever happens is swallowed (protocol 2.5)."""
        body = wire.error_request(config, install_id=install_id, error=error, stack=stack, bid_id=bid_id)
        await self._post(_request(config, "error", body, wire.report_headers(), REPORT_TIMEOUT_MS))

    async def report_debug(
        self, config: Configuration, *, install_id: str, session_id: str | None, name: str, data: object
    ) -> None:
        """`POST /debug`, once; whatever happens is swallowed (protocol 2.6)."""
        body = wire.debug_request(config, install_id=install_id, session_id=session_id, name=name, data=data)
        await self._post(_request(config, "debug", body, wire.report_headers(), REPORT_TIMEOUT_MS))

    async def _persist(self, request: Request) -> Reply | Unreachable:
        retries = 0
        while True:
            answer = await self._post(request)
            if not should_retry(answer.status if isinstance(answer, Reply) else None, retries):
                return answer
            retries += 1
            await self._sleep(backoff_ms(retries) / 1000)

    async def _post(self, request: Request) -> Reply | Unreachable:
        answer = await self._transport.post(request)
        logger.debug(
            "%s: %s", urlsplit(request.url).path, answer.status if isinstance(answer, Reply) else answer.detail
        )
        return answer


def _request(
    config: Configuration,
    name: Endpoint,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    timeout_ms: int,
    forwarded: Mapping[str, str] | None = None,
) -> Request:
    """The body becomes bytes once; retries send the same (protocol 2.4)."""
    url = endpoint(config.ad_server_url, name)
    return Request(url, wire.encode(body), headers, timeout_ms, config.user_id, config.conversation_id, forwarded or {})
