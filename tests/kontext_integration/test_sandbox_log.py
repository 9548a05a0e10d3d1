from __future__ import annotations

import asyncio
import json

import pytest

from kontext_integration.sandbox.log import KINDS, Log, shorten


def outcomes(log: Log, number: int = 0) -> list[str]:
    return [entry.outcome for entry in log.after(number)]


def filled(entries: int, limit: int = 500) -> Log:
    log = Log(limit=limit)
    for number in range(1, entries + 1):
        log.add("preload", "POST /preload", str(number))
    return log


def test_entries_are_numbered_and_kept_in_order() -> None:
    log = filled(3)
    assert [(entry.number, entry.outcome) for entry in log.after()] == [(1, "1"), (2, "2"), (3, "3")]
    assert outcomes(log, 2) == ["3"]


def test_only_the_newest_entries_are_kept() -> None:
    assert outcomes(filled(5, limit=2)) == ["4", "5"]


def test_a_number_from_before_a_restart_counts_as_none() -> None:
    assert outcomes(filled(2), 900) == ["1", "2"]


def test_after_a_clearing_the_numbers_go_on() -> None:
    log = filled(2)
    log.clear()
    log.add("init", "POST /init", "new")
    assert [(entry.number, entry.outcome) for entry in log.after(2)] == [(3, "new")]


async def test_news_is_waited_for() -> None:
    log = filled(1)
    assert [entry.number for entry in await log.news(0)] == [1]
    waiting = asyncio.create_task(log.news(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    log.add("init", "POST /init", "new")
    assert [entry.outcome for entry in await asyncio.wait_for(waiting, 10)] == ["new"]


async def test_every_reader_hears_the_news() -> None:
    log = Log()
    readers = [asyncio.create_task(log.news(0)) for _ in range(3)]
    await asyncio.sleep(0)
    log.add("init", "POST /init", "new")
    assert [len(await reader) for reader in readers] == [1, 1, 1]


def test_an_entry_goes_to_the_page_as_json() -> None:
    log = Log()
    log.add("preload", "POST /preload", "no", status=400, latency_ms=16001, ids="bid 1")
    (entry,) = log.after()
    fields = json.loads(json.dumps(entry.fields))
    assert (fields["refused"], fields["latency"], fields["ids"], fields["kind"]) == (
        True,
        "16,001 ms",
        "bid 1",
        "preload",
    )


def test_what_has_no_status_is_not_refused() -> None:
    log = Log()
    log.add("message", "frame → host", "")
    assert [(entry.is_refused, entry.latency) for entry in log.after()] == [(False, "")]


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        ({}, ""),
        ({"bid": "11111111-1111-4111-8111-111111111111", "message": "u1"}, "bid 11111111… · message u1"),
        ({"bid": "", "message": "12345678"}, "message 12345678"),
        ({"message": "a\nb\0c"}, "message a?b?c"),
    ],
)
def test_ids_are_shortened_and_printable(ids: dict[str, str], shown: str) -> None:
    assert shorten(**ids) == shown


def test_every_kind_has_a_title() -> None:
    assert all(KINDS.values())
