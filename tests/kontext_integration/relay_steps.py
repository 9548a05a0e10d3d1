"""The words of the tests of the browser relay: what is asked, what waits, what a page takes."""

from __future__ import annotations

import asyncio
from typing import Any

from kontext_integration.models import AdRelay
from kontext_integration.relay import BrowserRelay
from kontext_integration.transport import Reply, Request, Unreachable
from tests.waiting import until

from .relay_page import Page

WORDS = "words that nobody else may see"
ANSWER = Reply(200, b'{"a":1}')
NEVER = 3_600_000


def asked(timeout_ms: int = 5_000) -> Request:
    return Request("http://ads.test/preload", WORDS.encode(), {}, timeout_ms, "user-1", "conv-1")


def posting(transport: BrowserRelay | None = None, request: Request | None = None) -> asyncio.Task[Any]:
    async def in_time() -> Reply | Unreachable:
        async with asyncio.timeout(10):
            return await (transport or BrowserRelay()).post(request or asked())

    return asyncio.create_task(in_time())


async def taken(page: Page) -> dict[str, Any]:
    """What the page took, as soon as something waits."""
    await until(AdRelay.objects.filter(claim=None).aexists)
    [request] = await page.take()
    return request


async def nothing_waits() -> bool:
    return not await AdRelay.objects.aexists()
