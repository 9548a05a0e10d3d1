"""The load generator, a process of its own: groups of visitors, told what to do by lines of JSON on its standard input.

Each command is answered by one line. Run by `driver.Load`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from time import perf_counter
from typing import Any

from benchmarks.visitors import Bare, Ours, Turn, Visitor

OPEN_AT_ONCE = 4


class Groups:
    """The commands; each takes the name of a group of visitors."""

    def __init__(self) -> None:
        self._groups: dict[str, list[Visitor]] = {}

    async def open(self, group: str, kind: str, url: str, count: int) -> None:
        """Visitors with an open page each."""
        visitors: list[Visitor] = [Bare(url) if kind == "bare" else Ours(url) for _ in range(count)]
        gate = asyncio.Semaphore(OPEN_AT_ONCE)

        async def one(visitor: Visitor) -> None:
            async with gate:
                await visitor.open()

        await asyncio.gather(*(one(visitor) for visitor in visitors))
        self._groups[group] = visitors

    async def paths(self, group: str) -> list[str]:
        return [visitor.path for visitor in self._groups[group] if isinstance(visitor, Ours)]

    async def turn(
        self, group: str, kind: str, tokens: int, rate: int, spread_s: float = 0.0
    ) -> list[dict[str, float]]:
        """One reply for each visitor; they start within `spread_s`."""
        visitors = self._groups[group]

        async def one(number: int, visitor: Visitor) -> Turn:
            await asyncio.sleep(spread_s * number / len(visitors))
            return await visitor.turn(kind, tokens, rate)

        turns = await asyncio.gather(*(one(number, visitor) for number, visitor in enumerate(visitors)))
        return [asdict(turn) for turn in turns]

    async def probe(self, group: str, crowd: str, tokens: int, rate: int, spread_s: float) -> list[dict[str, float]]:
        """Short replies, one after another, for the visitor of `group` while all of `crowd` read a long one."""
        began, length_s = perf_counter(), tokens / rate
        busy = asyncio.create_task(self.turn(crowd, "mixed", tokens, rate, spread_s))
        await asyncio.sleep(spread_s + 0.3)
        turns = []
        while perf_counter() - began < length_s - 0.3:
            turns += await self.turn(group, "mixed", 3, 1000)
            await asyncio.sleep(0.01)
        await busy
        return turns

    async def open_tabs(self, group: str, count: int) -> None:
        """So many idle sockets for each visitor of the chat."""
        await self._each_of_ours(group, lambda visitor: visitor.open_tabs(count))

    async def wake(self, group: str) -> None:
        """Every idle socket hears a short reply."""
        await self._each_of_ours(group, Ours.wake)

    async def _each_of_ours(self, group: str, act: Callable[[Ours], Awaitable[None]]) -> None:
        gate = asyncio.Semaphore(OPEN_AT_ONCE)

        async def one(visitor: Ours) -> None:
            async with gate:
                await act(visitor)

        await asyncio.gather(*(one(found) for found in self._groups[group] if isinstance(found, Ours)))

    async def close(self, group: str) -> None:
        await asyncio.gather(*(visitor.close() for visitor in self._groups.pop(group)))


async def main() -> None:
    groups = Groups()
    while line := await asyncio.to_thread(sys.stdin.readline):
        command: dict[str, Any] = json.loads(line)
        try:
            answer = {"result": await getattr(groups, command.pop("do"))(**command)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
