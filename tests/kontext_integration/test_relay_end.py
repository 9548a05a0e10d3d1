"""How a relayed request ends without an answer; and that it leaves nothing behind, however it ends."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest
from django.db import OperationalError

from kontext_integration import relay, relay_rows
from kontext_integration.models import AdRelay
from kontext_integration.relay import BrowserRelay, Patience
from kontext_integration.transport import Reply, Unreachable
from tests.waiting import until

from .relay_page import Page
from .relay_steps import ANSWER, NEVER, WORDS, asked, nothing_waits, posting, taken

pytest_plugins = ["tests.kontext_integration.relay_fixtures"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]
pytestmark += [pytest.mark.usefixtures("relayed")]


# --- No answer ----------------------------------------------------------------------------------------------------


async def test_without_a_page_it_is_given_up_soon() -> None:
    began = time.monotonic()
    assert await BrowserRelay(Patience(taken_within=200)).post(asked()) == Unreachable("No page took the request")
    assert time.monotonic() - began < 3
    assert await nothing_waits()


async def test_2_7_a_page_that_never_answers_has_the_time_of_the_attempt(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(hand_back=10)), asked(timeout_ms=300))
    await taken(idle_page)
    began = time.monotonic()
    assert await task == Unreachable("Timed out after 300 ms")
    assert time.monotonic() - began >= 0.2
    assert await nothing_waits()


async def test_2_7_the_time_of_the_attempt_begins_when_a_page_takes_it(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(taken_within=2_000)), asked(timeout_ms=8_000))
    request = await taken(idle_page)
    await asyncio.sleep(2.1)
    await idle_page.hand_back(request, "status=204")
    assert await task == Reply(204, b"")


async def test_2_7_it_is_noticed_at_once_that_a_page_took_it(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(first_pause=NEVER, hand_back=10)), asked(timeout_ms=50))
    await taken(idle_page)
    assert await task == Unreachable("Timed out after 50 ms")


async def test_an_attempt_has_an_end_whatever_init_asked_for(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(longest_attempt=50, hand_back=10)), asked(timeout_ms=2**31 - 1))
    assert (await taken(idle_page))["timeout_ms"] == 50
    assert await task == Unreachable("Timed out after 50 ms")


def test_no_request_outlives_the_time_after_which_it_counts_as_left_behind() -> None:
    longest = relay.PATIENCE.taken_within + relay.PATIENCE.longest_attempt + relay.PATIENCE.hand_back
    assert longest < relay_rows.STALE_S * 1000


async def test_an_answer_that_is_late_changes_nothing(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(hand_back=10)), asked(timeout_ms=10))
    request = await taken(idle_page)
    assert isinstance(await task, Unreachable)
    assert await idle_page.hand_back(request, "status=200", ANSWER.body) == 204
    assert await nothing_waits()


async def test_a_row_that_somebody_deletes_is_no_answer(idle_page: Page) -> None:
    task = posting()
    await taken(idle_page)
    await AdRelay.objects.all().adelete()
    assert await task == Unreachable("The request was removed")


async def test_a_database_that_fails_is_no_answer_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: Any) -> None:
        raise OperationalError(WORDS)

    monkeypatch.setattr(relay_rows, "put", fail)
    monkeypatch.setattr(relay_rows, "remove", fail)
    assert await BrowserRelay().post(asked()) == Unreachable("OperationalError")


# --- Nothing is left behind ---------------------------------------------------------------------------------------


async def test_2_7_a_cancelled_request_that_waits_is_sent_by_nobody(idle_page: Page) -> None:
    task = posting()
    await until(AdRelay.objects.aexists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await idle_page.take() == []
    assert await nothing_waits()


async def test_2_7_the_answer_to_a_cancelled_request_is_dropped(idle_page: Page) -> None:
    task = posting()
    request = await taken(idle_page)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await idle_page.hand_back(request, "status=200", ANSWER.body) == 204
    assert await nothing_waits()


@pytest.mark.parametrize("turns", range(6))
async def test_2_7_whenever_it_is_cancelled_once_or_twice_no_words_stay(turns: int) -> None:
    task = posting()
    for _ in range(turns):
        await asyncio.sleep(0.002)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(nothing_waits)
    assert relay._bells == {}


async def test_what_a_dead_process_left_can_be_sent_and_hurts_nobody(idle_page: Page) -> None:
    task = posting()
    await until(AdRelay.objects.aexists)
    row = await AdRelay.objects.aget()
    row.pk = "00000000-0000-4000-8000-000000000001"
    await row.asave(force_insert=True)
    for request in await idle_page.take():
        await idle_page.hand_back(request, "status=200", ANSWER.body)
    assert await task == ANSWER
    left = await AdRelay.objects.aget()
    assert (str(left.pk), left.body) == (row.pk, "")


async def test_no_log_has_words_in_it(idle_page: Page, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    task = posting()
    await idle_page.hand_back(await taken(idle_page), "status=200", WORDS.encode())
    await task
    await BrowserRelay(Patience(taken_within=50)).post(asked())
    assert WORDS not in caplog.text
