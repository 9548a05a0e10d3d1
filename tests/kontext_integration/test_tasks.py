"""Background work."""

from __future__ import annotations

import asyncio
import contextvars
import gc
from typing import TYPE_CHECKING

from kontext_integration.tasks import Tasks

if TYPE_CHECKING:
    import pytest

REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("REQUEST", default="none")


async def test_a_task_inherits_nothing_of_the_request_that_starts_it() -> None:
    async def look() -> str:
        return REQUEST.get()

    REQUEST.set("the request")
    assert await Tasks().start(look()) == "none"


async def test_a_task_lives_without_anybody_holding_it() -> None:
    tasks, done = Tasks(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()

    tasks.start(work())
    gc.collect()
    await tasks.idle()
    assert done.is_set()


async def test_a_named_task_can_be_cancelled_once_it_is_done_that_is_nothing() -> None:
    tasks = Tasks()
    task = tasks.start(asyncio.Event().wait(), name="waiting")
    tasks.cancel("waiting")
    tasks.cancel("somebody else")
    await tasks.idle()
    assert task.cancelled()
    tasks.cancel("waiting")


async def test_idle_waits_for_the_tasks_of_tasks() -> None:
    tasks, done = Tasks(), []

    async def inner() -> None:
        await asyncio.sleep(0)
        done.append("inner")

    async def outer() -> None:
        await asyncio.sleep(0)
        tasks.start(inner())

    tasks.start(outer())
    await tasks.idle()
    assert done == ["inner"]


async def test_a_failure_is_logged_by_type_and_place_only(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("a private text")

    tasks = Tasks()
    tasks.start(fail())
    await tasks.idle()
    assert "background work failed: ValueError at " in caplog.text
    assert "a private text" not in caplog.text


async def test_the_lane_of_a_conversation_is_one_lock_and_is_forgotten() -> None:
    tasks = Tasks()
    lane = tasks.lane("c")
    assert tasks.lane("c") is lane
    assert tasks.lane("d") is not lane
    del lane
    gc.collect()
    assert len(tasks._lanes) == 0
