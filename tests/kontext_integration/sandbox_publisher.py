"""A publisher's client that talks to a running sandbox over a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx

from kontext_integration.client import AdClient
from kontext_integration.device import device
from kontext_integration.entities import App, Character, Configuration, Message, Options, Regulatory
from kontext_integration.state import PreloadStart
from kontext_integration.transport import HttpTransport, new_http_client

from .sandbox_client import Sandbox, running_sandbox

INSTALL_ID = "01890000-0000-7000-8000-000000000001"
NOW = datetime(2026, 1, 15, 10, 30, 0, 123000, tzinfo=UTC)
FORWARDED = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)", "X-Forwarded-For": "203.0.113.9"}
FULL = Options(
    variant_id="variant-A",
    regulatory=Regulatory(gdpr=1, gdpr_consent="CPXx", coppa=0, gpp="DBAA", gpp_sid=(), us_privacy="1YNN"),
    user_email="user@example.com",
)


class Publisher(NamedTuple):
    sandbox: Sandbox
    client: AdClient
    config: Configuration

    async def say(
        self, content: str, *, options: Options = FULL, track_only: bool = False, timeout_ms: int = 16_000
    ) -> Any:
        messages = (
            Message("u1", "user", "Hi", NOW),
            Message("a1", "assistant", "Hello!", NOW),
            Message("u2", "user", content, NOW),
        )
        return await self.client.preload(
            self.config,
            PreloadStart(1, track_only, messages, None, options, timeout_ms),
            options=options,
            install_id=INSTALL_ID,
            device=device({}, {"user_agent": FORWARDED["User-Agent"]}),
            forwarded=FORWARDED,
        )

    def statuses(self) -> list[int | None]:
        return [status for kind in ("init", "preload", "report") for status, _ in self.sandbox.told(kind)]


@asynccontextmanager
async def publishing(sleep: Callable[[float], Awaitable[None]] | None = None) -> AsyncIterator[Publisher]:
    """`sleep` is the sandbox's; the client repeats at once."""

    async def at_once(seconds: float) -> None:
        pass

    without_tls = httpx.AsyncHTTPTransport(verify=False)
    async with running_sandbox(sleep) as sandbox, new_http_client(without_tls) as http:
        config = Configuration(
            "sandbox",
            "user-1",
            "conv-1",
            ad_server_url=str(sandbox.client.make_url("/")),
            character=Character("luna", "Luna", "https://example.com/luna.png", greeting="Hi there!", tags=()),
            app=App("chat.example.com", "1.4.0"),
        )
        yield Publisher(sandbox, AdClient(HttpTransport(http), at_once), config)
