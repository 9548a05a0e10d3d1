"""The offline engine: prepared replies at a human pace, for a first run, for tests and for showing the chat.

Each reply says that it is a demo. Words in the message try things out: `/help`, `/long`, `/slow`, `/fail`.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from chatapp.conf import get_settings
from chatapp.engines.demo_replies import compose, wants
from chatapp.engines.errors import EngineInterrupted

if TYPE_CHECKING:
    from chatapp.engines import Turn

_WORD: Final = re.compile(r"\s*\S+")
_FIRST_WORD_S: Final = 0.2
_SLOW_FIRST_WORD_S: Final = 5.0
_SLOW_WORDS_PER_SECOND: Final = 2.0
_FAIL_AFTER: Final = 0.4  # of the words


class DemoEngine:
    """`words_per_second`: `CHAT["DEMO_WORDS_PER_SECOND"]` when it is not given. `sleep` takes seconds."""

    is_demo = True

    def __init__(
        self, *, words_per_second: float | None = None, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._words_per_second = words_per_second or get_settings().demo_words_per_second
        self._sleep = sleep

    async def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        message = next((turn.content for turn in reversed(turns) if turn.role == "user"), "")
        words = _WORD.findall(compose(turns))
        if fails := wants(message, "fail"):
            words = words[: max(1, int(len(words) * _FAIL_AFTER))]
        for word, pause in zip(words, self._pauses(message), strict=False):
            await self._sleep(pause)
            yield word
        if fails:
            raise EngineInterrupted("the demo's /fail")

    async def aclose(self) -> None:
        """Nothing is held."""

    def _pauses(self, message: str) -> Iterator[float]:
        """The seconds before each word, for ever: around the pace, never the same, always alike for a message."""
        slow = wants(message, "slow")
        yield _SLOW_FIRST_WORD_S if slow else _FIRST_WORD_S
        pause = 1 / (_SLOW_WORDS_PER_SECOND if slow else self._words_per_second)
        state = zlib.crc32(message.encode())
        while True:
            state = (state * 1_103_515_245 + 12_345) % 2**31
            yield pause * (0.6 + 0.8 * state / 2**31)
