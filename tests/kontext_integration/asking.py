"""A client of the ad server, and what it is asked to send."""

from __future__ import annotations

from datetime import UTC, datetime

from kontext_integration.client import AdClient
from kontext_integration.entities import Configuration, Message, Options
from kontext_integration.outcomes import InitAnswer, PreloadOutcome
from kontext_integration.state import PreloadStart

from .builders import INSTALL_ID
from .fakes import AdServer, RecordedSleep

CONFIG = Configuration("tok", "user-1", "conv-1", ad_server_url="http://ads.test/base/")
MESSAGE = Message("u1", "user", "Hi", datetime(2024, 1, 15, 10, 30, 0, 123456, tzinfo=UTC))


def client_of(server: AdServer, sleep: RecordedSleep | None = None) -> AdClient:
    return AdClient(server.transport(), sleep or RecordedSleep())


async def init(client: AdClient, config: Configuration = CONFIG) -> InitAnswer:
    return await client.init(config, install_id=INSTALL_ID, forwarded={"X-Forwarded-For": "203.0.113.9"})


async def preload(client: AdClient, timeout_ms: int = 16_000, *, track_only: bool = False) -> PreloadOutcome:
    return await client.preload(
        CONFIG,
        PreloadStart(1, track_only, (MESSAGE,), None, Options(), timeout_ms),
        options=Options(),
        install_id=INSTALL_ID,
        device={},
        forwarded={"User-Agent": "Moz"},
    )
