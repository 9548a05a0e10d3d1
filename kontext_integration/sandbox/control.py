"""Who decides what a turn becomes: a word in the message, else the defaults, else chance by the fill rate."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .defaults import Defaults
from .grammar import SLOTS, Slot, Spoken
from .inits import INITS_BY_NAME, Init
from .turns import Turn
from .words import find_words

_TRACK_ONLY = {"bids": [], "skip": True, "skipCode": "ads_disabled"}
_NO_FILL: Mapping[str, object] = {"bids": []}


class Control:
    """`seed` makes chance the same in every run; `initial` is what `reset` goes back to."""

    def __init__(self, initial: Defaults | None = None, *, seed: int | None = None) -> None:
        self._initial = initial or Defaults()
        self._seed = seed
        self._going = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """As at the start: also not paused, and chance begins anew."""
        self.defaults = self._initial
        self._chance = random.Random(self._seed)  # noqa: S311  a lottery without a prize
        self._next_init: Init | None = None
        self._going.set()

    @property
    def paused(self) -> bool:
        return not self._going.is_set()

    def pause(self) -> None:
        """From now on nothing is answered, until `resume`."""
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    async def going(self) -> None:
        """Returns at once, or when the pause is over."""
        await self._going.wait()

    def init(self) -> Init:
        """The answer to an /init: what a message asked for since the last one, else the default."""
        wanted, self._next_init = self._next_init, None
        return wanted or self.defaults.init

    def turn(self, message: str, *, track_only: bool) -> Turn:
        """What a preload that ends with `message` is answered with."""
        spoken = find_words(message)
        if "init" in spoken:
            self._next_init = INITS_BY_NAME[spoken["init"].parameter.lower()]
        chosen = {**self.defaults.words, **spoken}
        turn = Turn(delay_s=self.defaults.latency_ms / 1000, words=_texts(chosen))
        for slot in SLOTS:
            if slot in chosen:
                changes: dict[str, Any] = dict(chosen[slot].changes)
                turn = replace(turn, **changes)
        return turn if "answer" in chosen else self._undecided(turn, track_only)

    def _undecided(self, turn: Turn, track_only: bool) -> Turn:
        if track_only:
            return replace(turn, reply=_TRACK_ONLY, words=("track only", *turn.words))
        if self._chance.random() < self.defaults.fill_rate:
            return turn
        return replace(turn, reply=_NO_FILL, words=("by chance", *turn.words))


def _texts(chosen: Mapping[Slot, Spoken]) -> tuple[str, ...]:
    return tuple(chosen[slot].text for slot in reversed(SLOTS) if slot in chosen)
