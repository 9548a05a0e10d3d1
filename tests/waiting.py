"""Waiting for a condition instead of sleeping for a guess."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_S = 30


async def until(condition: Callable[[], T | Awaitable[T]]) -> T:
    """The first true value of `condition`. Raises `TimeoutError` after thirty seconds."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            value = condition()
            if inspect.isawaitable(value):
                value = await value
            if value:
                return value  # type: ignore[return-value]
            await asyncio.sleep(0.002)
