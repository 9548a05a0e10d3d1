"""Asks the configured ad server, endpoint by endpoint, and says what it answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import httpx

from ..client import AdClient, Sleep
from ..entities import Message
from ..state import PreloadStart
from .answers import about_init, about_preload, about_report
from .failures import about_failure, is_down
from .findings import Finding, note
from .question import INSTALL_ID, WHO, Question
from .watching import Exchange, WatchedTransport

T = TypeVar("T")

WORDS = "Hello, this is a test of the connection. Please show no ad."


class _Given(Exception):  # noqa: N818 - it is no error
    """The attempts that were wanted are used up."""


async def ask(question: Question, http: httpx.AsyncClient, sleep: Sleep = asyncio.sleep) -> list[Finding]:
    """What each endpoint answered. `http` is that of `transport.new_http_client`; its hooks are taken."""
    return await _Interview(question, http, sleep).run()


class _Interview:
    def __init__(self, question: Question, http: httpx.AsyncClient, sleep: Sleep) -> None:
        self._question = question
        self._watched = WatchedTransport(http, question.timeout_ms)
        self._client = AdClient(self._watched, self._wait)
        self._sleep = sleep
        self._retries = 0

    async def run(self) -> list[Finding]:
        found = await self._ask_init()
        if is_down(self._last):
            return [*found, note("The other endpoints were not asked.")]
        found += await self._ask_preload()
        return [*found, *await self._ask_reports()] if self._question.reports else found

    async def _ask_init(self) -> list[Finding]:
        question = self._question
        work = self._client.init(question.config, install_id=INSTALL_ID, forwarded=question.forwarded)
        answer = await self._try(work)
        return list(self._told("/init", about_init(self._last, answer) if answer else None))

    async def _ask_preload(self) -> list[Finding]:
        question = self._question
        message = Message(WHO, "user", WORDS, datetime.now(UTC))
        work = self._client.preload(
            question.config,
            PreloadStart(1, True, (message,), None, question.options, question.timeout_ms),
            options=question.options,
            install_id=INSTALL_ID,
            device=question.device,
            forwarded=question.forwarded,
        )
        outcome = await self._try(work)
        return list(self._told("/preload", about_preload(self._last, outcome) if outcome else None))

    async def _ask_reports(self) -> list[Finding]:
        config = self._question.config
        await self._client.report_error(config, install_id=INSTALL_ID, error="A test report", stack=WHO)
        error = list(self._told("/error", about_report("/error", self._last)))
        await self._client.report_debug(
            config, install_id=INSTALL_ID, session_id=None, name=f"Session: {WHO}", data=None
        )
        return error + list(self._told("/debug", about_report("/debug", self._last)))

    def _told(self, name: str, answer: Finding | None) -> Iterator[Finding]:
        exchange = self._last
        is_good = exchange.status is not None and 200 <= exchange.status < 300
        yield answer if answer and is_good else about_failure(name, exchange)
        if len(exchange.asked) > 1:
            yield note(
                f"{name} was redirected to {exchange.asked[-1]}.",
                "Put the final address into KONTEXT['AD_SERVER_URL']: a redirect costs time, and may drop the body.",
            )

    async def _try(self, work: Awaitable[T]) -> T | None:
        """The result; None when the wanted attempts ended without an answer."""
        self._retries = 0
        try:
            return await work
        except _Given:
            return None

    async def _wait(self, seconds: float) -> None:
        if self._retries >= self._question.retries:
            raise _Given
        self._retries += 1
        await self._sleep(seconds)

    @property
    def _last(self) -> Exchange:
        return self._watched.exchanges[-1]
