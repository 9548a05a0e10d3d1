"""Protocol 4 under every order of events: ten thousand lives, lived by the real session and by an independent model."""

from __future__ import annotations

import pytest

from . import lives
from .twins import live

LIVES = 10_000
BATCH = 500


@pytest.mark.parametrize("first", range(0, LIVES, BATCH), ids=lambda first: f"lives from {first}")
def test_4_a_session_lives_as_the_protocol_says(first):
    for seed in range(first, first + BATCH):
        life = lives.new_life(seed)
        if lives.failure_of(live, life):
            short = lives.shortest(live, life)
            steps = "\n".join(f"    {step}," for step in short)
            raise AssertionError(f"life {seed} fails; live([\n{steps}\n])") from lives.failure_of(live, short)
