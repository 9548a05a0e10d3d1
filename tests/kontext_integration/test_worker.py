"""The worker over records in memory: how often it loads and saves, and what conflicts do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kontext_integration.client import AdClient
from kontext_integration.entities import Configuration, Options
from kontext_integration.ports import Browser, Record
from kontext_integration.session import Session
from kontext_integration.state import Effect, SessionState
from kontext_integration.tasks import Tasks
from kontext_integration.worker import MAX_CONFLICTS, TooManyConflictsError, Worker
from tests.kontext_integration.fakes import AdServer, RecordedSleep, assistant, user

INSTALL_ID = "01890000-0000-7000-8000-000000000001"


class MemoryRecords:
    """One record; counts what is asked of it, and lets somebody else win as often as the test says."""

    def __init__(self) -> None:
        state = SessionState(Configuration("t", "user-1", "conv-1", ad_server_url="http://ads.test"), INSTALL_ID)
        self.newest: Record | None = Record(1, "conv-1", 1, 1, state.to_dict())
        self.conflicts = 0
        self.loads = self.saves = 0

    async def load(self, conversation_id: str) -> Record | None:
        self.loads += 1
        return self.newest

    async def save(self, record: Record, state: SessionState, effects: Sequence[Effect]) -> Record | None:
        assert self.newest is not None
        if self.conflicts:
            self.conflicts -= 1
            self.newest = replace(self.newest, version=self.newest.version + 1)
        if record.version != self.newest.version:
            return None
        self.saves += 1
        self.newest = replace(record, version=record.version + 1, state=state.to_dict())
        return self.newest

    async def browser(self, user_id: str) -> Browser:
        return Browser(INSTALL_ID, {}, {}, opted_out=False, forwarded={})

    def effective(self, options: Options, browser: Browser) -> Options:
        return options


async def publish(config: Configuration, effects: Sequence[Effect]) -> None:
    """Nobody listens."""


@pytest.fixture
def records() -> MemoryRecords:
    return MemoryRecords()


@pytest.fixture
def worker(records: MemoryRecords) -> Worker:
    sleep = RecordedSleep()
    return Worker(records, AdClient(AdServer().transport(), sleep), publish, Tasks(), sleep)


def session_of(records: MemoryRecords, worker: Worker) -> Session:
    assert records.newest is not None
    return Session(records.newest, worker)


async def test_a_message_costs_one_save_and_no_load_right_after_opening(records: MemoryRecords, worker: Worker) -> None:
    await session_of(records, worker).add_message(assistant(1))
    assert (records.loads, records.saves) == (0, 1)


async def test_a_repeated_message_costs_a_look_and_no_write(records: MemoryRecords, worker: Worker) -> None:
    session = session_of(records, worker)
    await session.add_message(assistant(1))
    await session.add_message(assistant(1))
    assert (records.loads, records.saves) == (1, 1)


async def test_a_conflict_is_answered_with_the_newest_state(records: MemoryRecords, worker: Worker) -> None:
    records.conflicts = 2
    await session_of(records, worker).add_message(assistant(1))
    assert (records.loads, records.saves) == (2, 1)


async def test_endless_conflicts_are_given_up(records: MemoryRecords, worker: Worker) -> None:
    records.conflicts = MAX_CONFLICTS
    assert records.newest is not None
    with pytest.raises(TooManyConflictsError):
        await worker.apply(records.newest, lambda state: state.add_message(user(1)))
    await worker.tasks.idle()
    assert records.saves == 0


async def test_endless_conflicts_do_not_reach_the_chat(
    records: MemoryRecords, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    records.conflicts = MAX_CONFLICTS
    await session_of(records, worker).add_message(user(1))
    assert "add_message failed: TooManyConflictsError" in caplog.text


async def test_a_record_that_was_started_over_takes_nothing_from_before(records: MemoryRecords, worker: Worker) -> None:
    old = session_of(records, worker)
    assert records.newest is not None
    records.newest = replace(records.newest, generation=2, version=5)
    await old.add_message(user(1))
    await worker.tasks.idle()
    assert records.saves == 0


async def test_the_state_does_not_grow_with_the_conversation(records: MemoryRecords, worker: Worker) -> None:
    session = session_of(records, worker)
    sizes: list[int] = []
    for number in range(40):
        await session.add_message(user(number))
        await session.add_message(assistant(number))
        await worker.tasks.idle()
        sizes.append(_size(records.newest))
    assert max(sizes[25:]) < sizes[20] * 1.05


def _size(record: Record | None) -> int:
    return len(str(record.state)) if record else 0


async def test_a_failing_database_is_logged_without_words(
    records: MemoryRecords, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*given: Any) -> Record | None:
        raise RuntimeError("a private text")

    broken: Any = records
    broken.save = fail
    await session_of(records, worker).add_message(user(1))
    assert "add_message failed: RuntimeError" in caplog.text
    assert "a private text" not in caplog.text
