from __future__ import annotations

from collections.abc import Sequence

import pytest

from chatapp.engines import EngineInterrupted, Turn
from chatapp.engines.demo import DemoEngine
from chatapp.engines.demo_replies import compose


class Clock:
    """A sleep that takes no time and keeps how long it was asked for."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def reply(clock: Clock, *turns: Turn, words_per_second: float = 18) -> list[str]:
    engine = DemoEngine(words_per_second=words_per_second, sleep=clock.sleep)
    return [piece async for piece in engine.stream(turns)]


def user(text: str) -> Turn:
    return Turn("user", text)


async def test_the_pieces_are_the_whole_reply_word_by_word() -> None:
    pieces = await reply(Clock(), user("Plan a weekend in Lisbon"))
    assert "".join(pieces) == compose([user("Plan a weekend in Lisbon")])
    assert all(len(piece.split()) == 1 for piece in pieces)


async def test_the_first_word_comes_within_300_ms() -> None:
    clock = Clock()
    await reply(clock, user("hello"))
    assert clock.slept[0] <= 0.3


async def test_the_pace_is_kept_with_slight_variation() -> None:
    clock = Clock()
    pieces = await reply(clock, user("Plan a weekend in Lisbon"), words_per_second=20)
    assert sum(clock.slept) == pytest.approx(len(pieces) / 20, rel=0.1)
    assert len(set(clock.slept)) > 20
    assert max(clock.slept[1:]) <= 1.5 / 20


async def test_the_same_message_gets_the_same_reply_at_the_same_pace() -> None:
    one, other = Clock(), Clock()
    assert await reply(one, user("my dog barks")) == await reply(other, user("my dog barks"))
    assert one.slept == other.slept


async def test_fail_breaks_off_in_mid_reply() -> None:
    pieces: list[str] = []
    with pytest.raises(EngineInterrupted):  # noqa: PT012 (what came before the error matters as well)
        async for piece in DemoEngine(sleep=Clock().sleep).stream([user("a story, please /fail")]):
            pieces.append(piece)
    whole = compose([user("a story, please /fail")])
    assert whole.startswith("".join(pieces))
    assert 0 < len("".join(pieces)) < len(whole) - 100


async def test_slow_begins_late_and_comes_slowly() -> None:
    clock = Clock()
    await reply(clock, user("/slow hello"))
    assert clock.slept[0] >= 2
    assert min(clock.slept[1:]) > 0.2


async def test_a_special_word_within_another_word_is_not_special() -> None:
    assert await reply(Clock(), user("see http://x.test/fail and /failure"))


@pytest.mark.parametrize("turns", [[], [Turn("system", "Be kind.")], [user("")]])
async def test_there_is_always_a_reply(turns: Sequence[Turn]) -> None:
    assert await reply(Clock(), *turns)


async def test_the_demo_can_be_closed() -> None:
    engine = DemoEngine()
    assert engine.is_demo
    await engine.aclose()
