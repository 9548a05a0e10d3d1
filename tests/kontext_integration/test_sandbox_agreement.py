"""Two readings of the protocol meet: the SDK's client talks to the sandbox over a real connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from kontext_integration.client import AdClient
from kontext_integration.device import device
from kontext_integration.entities import App, Character, Configuration, Message, Options, Regulatory
from kontext_integration.outcomes import InitApplied, PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing
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

    async def say(self, content: str, *, options: Options = FULL, track_only: bool = False) -> Any:
        messages = (
            Message("u1", "user", "Hi", NOW),
            Message("a1", "assistant", "Hello!", NOW),
            Message("u2", "user", content, NOW),
        )
        return await self.client.preload(
            self.config,
            PreloadStart(1, track_only, messages, None, options, 16_000),
            options=options,
            install_id=INSTALL_ID,
            device=device({}, {"user_agent": FORWARDED["User-Agent"]}),
            forwarded=FORWARDED,
        )

    def statuses(self) -> list[int]:
        return [visit.status for visit in self.sandbox.store.visits]


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async def at_once(seconds: float) -> None:
        pass

    async with running_sandbox() as sandbox, new_http_client() as http:
        config = Configuration(
            "sandbox",
            "user-1",
            "conv-1",
            ad_server_url=str(sandbox.client.make_url("/")),
            character=Character("luna", "Luna", "https://example.com/luna.png", greeting="Hi there!", tags=()),
            app=App("chat.example.com", "1.4.0"),
        )
        yield Publisher(sandbox, AdClient(HttpTransport(http), at_once), config)


async def test_init_is_understood(publisher: Publisher) -> None:
    answer = await publisher.client.init(publisher.config, install_id=INSTALL_ID, forwarded=FORWARDED)
    assert answer == InitApplied(enabled=True, preload_timeout_ms=16_000, report_errors=True, report_debug=True)


async def test_reports_are_understood(publisher: Publisher) -> None:
    await publisher.client.report_error(publisher.config, install_id=INSTALL_ID, error="Timed out", stack="Init.fetch")
    await publisher.client.report_debug(
        publisher.config, install_id=INSTALL_ID, session_id=None, name="Session: bid-assigned", data={"messageId": "a1"}
    )
    assert publisher.statuses() == [200, 200]


@pytest.mark.parametrize("options", [Options(), FULL], ids=["bare", "full"])
async def test_a_preload_is_understood_and_filled(publisher: Publisher, options: Options) -> None:
    outcome = await publisher.say("A trip to Rome", options=options)
    assert isinstance(outcome, PreloadFilled)
    assert [(bid.code, bid.revenue, bid.creative_type) for bid in outcome.bids] == [("inlineAd", 0.0, "display")]


@pytest.mark.parametrize("word", ["#late", "#noframe", "#errorframe"])
async def test_words_that_fill(publisher: Publisher, word: str) -> None:
    assert isinstance(await publisher.say(word), PreloadFilled)


@pytest.mark.parametrize(
    ("word", "skip_code"),
    [
        ("#nofill", "unfilled_bid"),
        ("#foreign", "unfilled_bid"),
        ("#204", "unfilled_bid"),
        ("#skip", "ad_skipped"),
        ("#ivt", "ivt_blocked"),
    ],
)
async def test_words_that_do_not_fill(publisher: Publisher, word: str, skip_code: str) -> None:
    outcome = await publisher.say(word)
    assert isinstance(outcome, PreloadNoFill)
    assert outcome.skip_code == skip_code


@pytest.mark.parametrize(
    ("word", "err_code", "disables", "requests"),
    [
        ("#error", "generation_failed", False, 1),
        ("#disable", "geo_disabled", True, 1),
        ("#403", "unknown", False, 1),
        ("#500", "unknown", False, 1),
        ("#429", "request_failed", False, 4),
        ("#empty", "request_failed", False, 1),
        ("#malformed", "request_failed", False, 1),
        ("#badbid", "request_failed", False, 1),
    ],
)
async def test_words_that_fail(publisher: Publisher, word: str, err_code: str, disables: bool, requests: int) -> None:
    outcome = await publisher.say(word)
    assert isinstance(outcome, PreloadFailed)
    assert (outcome.err_code, outcome.disables) == (err_code, disables)
    assert len(publisher.statuses()) == requests


async def test_a_track_only_turn_is_a_skip(publisher: Publisher) -> None:
    outcome = await publisher.say("A trip to Rome", track_only=True)
    assert isinstance(outcome, PreloadNoFill)
    assert outcome.skip_code == "ads_disabled"


async def test_a_track_only_turn_discards_what_it_wins(publisher: Publisher) -> None:
    assert isinstance(await publisher.say("#paid", track_only=True), PreloadNothing)
