"""Random lives of a session. A life is a list of steps: plain tuples that mean something in every situation.

So each part of a life is a life too, and one that fails can be made short.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple


class Step(NamedTuple):
    what: str
    process: int
    """Which of the two processes does it."""
    back: int
    """What it is about: 0 is the newest."""
    choice: int


Life = list[Step]

WEIGHTS = {
    "user": 16, "assistant": 18, "debounce": 22, "fill": 20, "ending": 16, "create": 12, "remove": 6, "again": 4,
    "options": 4, "init": 2, "restart": 6, "typing": 2, "burst": 2, "scroll": 1, "fatal": 0.5, "init_fatal": 0.2,
    "destroy": 0.5,
}  # fmt: skip

TURNS = [
    ["user", "debounce", "fill", "assistant"],
    ["user", "debounce", "assistant", "fill"],
    ["user", "assistant", "debounce", "fill"],
]
"""What a life mostly is made of, mostly complete."""
LONG = 0.1
"""So many lives have more messages and ads than a session keeps."""


def new_life(seed: int) -> Life:
    dice = random.Random(seed)
    names, length = ["init"] if dice.random() < 0.5 else [], dice.choice([5, 10, 20, 40])
    while len(names) < length:
        names += _turn(dice) if dice.random() < 0.3 else dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
    if dice.random() < LONG:
        names = ["burst", "burst", "burst", *names[::2], "scroll", *names[1::2], "scroll"]
    back = dice.choices([0, 1, 2, 5, 40], [80, 12, 5, 2, 1], k=len(names))
    moves = dice.choices([0, 1], [4, 1], k=len(names))
    processes = [moved % 2 for moved in accumulate(moves)]
    choices = [dice.randrange(1000) for _ in names]
    return [Step(*step) for step in zip(names, processes, back, choices, strict=True)]


def _turn(dice: random.Random) -> list[str]:
    steps = [name for name in dice.choice(TURNS) if dice.random() < 0.8]
    return steps if dice.random() < 0.7 else [name.replace("fill", "ending") for name in steps]


def failure_of(live: Callable[[Life], None], life: Life) -> Exception | None:
    try:
        live(life)
    except Exception as error:
        return error
    return None


def shortest(live: Callable[[Life], None], life: Life) -> Life:
    """A part of a life that fails too, from which no step can be taken away."""
    size = len(life)
    while size:
        parts = [life[:at] + life[at + size :] for at in range(0, len(life), size)]
        shorter = next((part for part in parts if failure_of(live, part)), None)
        if shorter is None:
            size //= 2
        else:
            life, size = shorter, min(size, len(shorter))
    return life
