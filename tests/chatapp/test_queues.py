"""Who waits how long: the rule by itself, against random arrivals, and with real tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.queues import FairQueue, Turnstile
from tests.waiting import until

ARRIVALS = st.lists(st.sampled_from("abcd"), max_size=30)


def queue_of(owners: str | list[str]) -> FairQueue[str]:
    """Tickets are named after their owner and numbered: a1, a2, b1."""
    queue: FairQueue[str] = FairQueue()
    counts: dict[str, int] = {}
    for owner in owners:
        counts[owner] = counts.get(owner, 0) + 1
        queue.add(owner, f"{owner}{counts[owner]}")
    return queue


def drain(queue: FairQueue[str]) -> list[str]:
    drained = []
    while (ticket := queue.pop()) is not None:
        drained.append(ticket)
    return drained


# The rule


def test_people_take_turns_however_much_one_of_them_asks_for() -> None:
    assert drain(queue_of("aaaabc")) == ["a1", "b1", "c1", "a2", "a3", "a4"]


def test_whoever_comes_later_waits_behind_those_who_were_there() -> None:
    queue = queue_of("aab")
    assert queue.pop() == "a1"
    queue.add("c", "c1")
    assert drain(queue) == ["b1", "a2", "c1"]


def test_a_ticket_that_leaves_makes_nobody_wait_longer() -> None:
    queue = queue_of("abab")
    assert queue.remove("a1")
    assert not queue.remove("a1")
    assert drain(queue) == ["a2", "b1", "b2"]


def test_an_empty_queue_has_no_next() -> None:
    assert queue_of("").pop() is None


def test_a_ticket_waits_once() -> None:
    with pytest.raises(ValueError, match="already"):
        queue_of("a").add("a", "a1")


@given(ARRIVALS)
def test_the_order_that_is_told_is_the_order_that_comes(owners: list[str]) -> None:
    queue = queue_of(owners)
    told = queue.order()
    assert drain(queue) == told
    assert len(queue) == 0


@given(ARRIVALS)
def test_nobody_is_served_twice_while_somebody_waits_for_the_first_time(owners: list[str]) -> None:
    served = [ticket[0] for ticket in drain(queue_of(owners))]
    everybody = set(owners)
    assert set(served[: len(everybody)]) == everybody
    assert sorted(served) == sorted(owners)


@given(ARRIVALS, st.data())
def test_the_tickets_of_one_person_keep_their_order(owners: list[str], data: st.DataObject) -> None:
    queue = queue_of(owners)
    gone = set(data.draw(st.lists(st.sampled_from(queue.order()), unique=True))) if owners else set()
    for ticket in gone:
        assert queue.remove(ticket)
    left = drain(queue)
    assert not gone & set(left)
    for owner in set(owners):
        assert [int(t[1:]) for t in left if t[0] == owner] == sorted(int(t[1:]) for t in left if t[0] == owner)


# With tasks


class Crowd:
    """People who go through a turnstile and stay inside until they are told to go."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.turnstile = Turnstile(lambda: self.limit)
        self.inside: list[str] = []
        self.places: dict[str, list[int]] = {}
        self.go: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str) -> None:
        for name in names:
            self.places[name], self.go[name] = [], asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._visit(name, self.places[name].append))
            await asyncio.sleep(0)

    async def leave(self, name: str) -> None:
        self.go[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def _visit(self, name: str, on_place: Callable[[int], Any]) -> None:
        async with self.turnstile.enter(name[0], on_place):
            self.inside.append(name)
            await self.go[name].wait()
            self.inside.remove(name)


async def test_there_is_no_wait_while_there_is_room() -> None:
    crowd = Crowd(2)
    await crowd.come("a1", "b1")
    assert crowd.inside == ["a1", "b1"]
    assert crowd.places == {"a1": [], "b1": []}


async def test_whoever_waits_is_told_the_place_and_each_step_forward() -> None:
    crowd = Crowd(1)
    await crowd.come("a1", "b1", "c1")
    assert (crowd.places["b1"], crowd.places["c1"]) == ([1], [2])
    await crowd.leave("a1")
    assert crowd.inside == ["b1"]
    assert crowd.places["c1"] == [2, 1]


async def test_a_fair_turn_moves_others_back_and_they_are_told() -> None:
    crowd = Crowd(1)
    await crowd.come("a1", "b1", "b2", "c1")
    assert crowd.places["b2"] == [2, 3]
    assert crowd.places["c1"] == [2]


async def test_never_more_are_inside_than_there_is_room_for() -> None:
    crowd = Crowd(3)
    await crowd.come(*(f"{owner}{n}" for n in range(5) for owner in "abcd"))
    for _ in range(20):
        assert len(crowd.inside) <= 3
        await crowd.leave(crowd.inside[0])
    assert (crowd.turnstile.inside, crowd.turnstile.waiting) == (0, 0)


async def test_whoever_gives_up_leaves_the_line() -> None:
    crowd = Crowd(1)
    await crowd.come("a1", "b1", "c1")
    crowd.tasks["b1"].cancel()
    await asyncio.wait({crowd.tasks["b1"]})
    assert crowd.places["c1"] == [2, 1]
    await crowd.leave("a1")
    assert crowd.inside == ["c1"]


async def test_a_turn_given_to_somebody_who_gives_up_at_that_moment_goes_to_the_next() -> None:
    crowd = Crowd(1)
    await crowd.come("a1", "b1", "c1")
    crowd.go["a1"].set()
    await asyncio.sleep(0)
    assert crowd.turnstile.waiting == 1
    assert crowd.inside == []
    crowd.tasks["b1"].cancel()
    await asyncio.wait({crowd.tasks["b1"]})
    await until(lambda: crowd.inside == ["c1"])
    await crowd.leave("c1")
    assert crowd.turnstile.inside == 0


async def test_a_failure_inside_gives_the_turn_back() -> None:
    turnstile = Turnstile(lambda: 1)
    with pytest.raises(RuntimeError):
        async with turnstile.enter("a", lambda place: None):
            raise RuntimeError
    assert turnstile.inside == 0


async def test_a_place_that_cannot_be_told_costs_nobody_a_turn() -> None:
    turnstile, order = Turnstile(lambda: 1), []

    def fail(place: int) -> None:
        raise RuntimeError

    async def visit(name: str) -> None:
        async with turnstile.enter(name, fail):
            order.append(name)

    async with turnstile.enter("x", fail):
        visits = [asyncio.create_task(visit(name)) for name in "ab"]
        await until(lambda: turnstile.waiting == 2)
    await asyncio.gather(*visits)
    assert order == ["a", "b"]


async def test_a_limit_that_was_raised_counts_from_the_next_arrival() -> None:
    crowd = Crowd(1)
    await crowd.come("a1", "b1")
    crowd.limit = 3
    await crowd.come("c1")
    await until(lambda: sorted(crowd.inside) == ["a1", "b1", "c1"])
