"""`/readyz`: do the database, the cache and the channel layer answer?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from chatapp import broadcasts
from chatapp.models import Conversation

logger = logging.getLogger(__name__)
PATIENCE_S = 3.0


async def _database() -> None:
    await Conversation.objects.aexists()


async def _cache() -> None:
    await cache.aset("readyz", "ok", 10)
    if await cache.aget("readyz") != "ok":
        raise ConnectionError


async def _channel_layer() -> None:
    layer = broadcasts.layer()
    channel = await layer.new_channel()
    await layer.send(channel, {"type": "readyz"})
    await layer.receive(channel)


CHECKS: dict[str, Callable[[], Awaitable[None]]] = {
    "database": _database,
    "cache": _cache,
    "channel layer": _channel_layer,
}


@require_GET
async def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything the chat needs answers, else 503; a line for each part."""
    lines = {name: await _answers(name, check) for name, check in CHECKS.items()}
    text = "".join(f"{name}: {'ok' if ok else 'no answer'}\n" for name, ok in lines.items())
    return HttpResponse(text, content_type="text/plain", status=200 if all(lines.values()) else 503)


async def _answers(name: str, check: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await check()
    except Exception:
        logger.exception("Not ready: %s", name)
        return False
    return True
