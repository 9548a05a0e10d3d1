"""Stand-ins at the edges of the chat."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import ClassVar

from chatapp.engines import Turn

Step = str | Exception | asyncio.Event


class ScriptedEngine:
    """Says what the test has written: text is said, an event is waited for, an exception is raised."""

    is_demo = False
    scripts: ClassVar[deque[Sequence[Step]]] = deque()
    asked: ClassVar[list[list[Turn]]] = []
    closed: ClassVar[int] = 0

    def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        type(self).asked.append(list(turns))
        script = self.scripts.popleft() if self.scripts else ["Hello", " there."]
        return self._say(script)

    async def _say(self, script: Sequence[Step]) -> AsyncGenerator[str, None]:
        try:
            for step in script:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            type(self).closed += 1

    async def aclose(self) -> None:
        """Nothing is open."""

    @classmethod
    def reset(cls) -> None:
        cls.scripts.clear()
        cls.asked.clear()
        cls.closed = 0
