"""The words of the tests of consent first: a site that wants it, a page that tells, a message that waits."""

from __future__ import annotations

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.test import RequestFactory
from pytest_django import Settings

from kontext_integration.browsers import record_browser
from kontext_integration.gate import FIRST_PAUSE_MS
from tests.waiting import until

from .fakes import Heard, Process, user
from .host import KONTEXT

FIRST_PAUSE_S = FIRST_PAUSE_MS / 1000
ANSWER = {"gdpr": 1, "gdprConsent": "CPX"}
SITE = {**KONTEXT, "AD_SERVER_URL": "http://ads.test", "CONSENT_FIRST": True}


def configure(settings: Settings, **changes: Any) -> None:
    settings.KONTEXT = {**settings.KONTEXT, **changes}


async def page_says(consent: dict[str, Any] | None = None, **facts: Any) -> None:
    """A report of the person's page."""
    report = facts if consent is None else {**facts, "consent": consent}
    request = RequestFactory().get("/", headers={"User-Agent": "Mozilla/5.0"})
    await sync_to_async(record_browser)(user_id="user-1", facts=report, request=request)


async def waiting_message(process: Process, number: int = 1) -> tuple[Any, asyncio.Event]:
    """The session, and what ends the first wait of everything that waits for a signal."""
    pause = process.sleep.hold(FIRST_PAUSE_S)
    session = await process.get()
    await session.add_message(user(number))
    # Both /init and /preload.
    await until(lambda: process.sleep.seconds.count(FIRST_PAUSE_S) == 2)
    return session, pause


def names(heard: Heard) -> list[str]:
    return [name for name, _ in heard]
