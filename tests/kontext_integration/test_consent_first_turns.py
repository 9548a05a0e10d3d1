"""Consent first over several turns: what is overtaken, ended, taken back or answered later (protocol 4, 7.2)."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from pytest_django import Settings

from kontext_integration.entities import Regulatory

from .consenting import ANSWER, SITE, configure, names, page_says, waiting_message
from .fakes import BID_ID, AdServer, Heard, Process, assistant, filled, user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]


@pytest.fixture(autouse=True)
def consent_first(settings: Settings) -> None:
    settings.KONTEXT = SITE


async def test_a_turn_that_is_overtaken_while_it_waits_has_no_outcome(
    process: Process, server: AdServer, heard: Heard
) -> None:
    session, pause = await waiting_message(process)
    await session.add_message(user(2))
    await page_says(ANSWER)
    pause.set()
    await process.idle()
    assert [[message["id"] for message in seen.body["messages"]] for seen in server.to("/preload")] == [["u1", "u2"]]
    assert names(heard) == ["ad.no-fill"]


async def test_a_session_that_ends_while_it_waits_sends_nothing(
    process: Process, server: AdServer, heard: Heard
) -> None:
    session, pause = await waiting_message(process)
    await session.destroy()
    await page_says(ANSWER)
    pause.set()
    await process.idle()
    assert (server.seen, heard) == ([], [])


async def test_another_process_may_overtake_what_waits_in_this_one(
    process: Process, server: AdServer, heard: Heard
) -> None:
    other = Process(server)
    _, pause = await waiting_message(process)
    await page_says(ANSWER)
    session = await other.get()
    await session.add_message(user(2))
    await other.idle()
    pause.set()
    await process.idle()
    assert [[message["id"] for message in seen.body["messages"]] for seen in server.to("/preload")] == [["u1", "u2"]]
    assert names(heard) == ["ad.no-fill"]


async def test_a_session_that_another_process_destroyed_sends_nothing(process: Process, server: AdServer) -> None:
    _, pause = await waiting_message(process)
    session = await Process(server).sessions.find("conv-1")
    await session.destroy()
    await page_says(ANSWER)
    pause.set()
    await process.idle()
    assert server.seen == []


async def test_nothing_is_reported_before_anything_was_sent(process: Process, server: AdServer) -> None:
    session = await process.get()
    await session.report_fault(bid_id=BID_ID, error="TypeError: x", where="Ad.receive")
    await process.idle()
    assert server.seen == []


async def test_what_the_publisher_said_before_counts_without_any_wait(
    process: Process, server: AdServer, settings: Settings
) -> None:
    configure(settings, CONSENT_TIMEOUT_MS=0)
    session = await process.get()
    await session.update_options(regulatory=Regulatory(gdpr=0))
    await session.add_message(user(1))
    await process.idle()
    assert (len(server.to("/init")), len(server.to("/preload"))) == (1, 1)


async def test_consent_that_comes_later_starts_the_next_turn_and_the_init_that_was_given_up(
    process: Process, server: AdServer, heard: Heard
) -> None:
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    await page_says(ANSWER)
    for number in (2, 3):
        await session.add_message(user(number))
        await process.idle()
    assert (len(server.to("/init")), len(server.to("/preload"))) == (1, 2)
    assert names(heard) == ["ad.no-fill"] * 3


async def test_consent_that_is_taken_back_altogether_holds_the_next_turn(process: Process, server: AdServer) -> None:
    await page_says(ANSWER)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    await page_says({})
    await session.add_message(user(2))
    await process.idle()
    assert len(server.to("/preload")) == 1


async def test_another_browser_of_the_person_is_asked_again(process: Process, server: AdServer) -> None:
    await page_says(ANSWER, installId="01890000-0000-7000-8000-00000000000a")
    await page_says(installId="01890000-0000-7000-8000-00000000000b", darkMode=True)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.seen == []


async def test_the_ad_comes_as_always_once_there_was_a_signal(process: Process, server: AdServer, heard: Heard) -> None:
    server.script("/preload", filled())
    session, pause = await waiting_message(process)
    await session.add_message(assistant(1))
    await page_says(ANSWER)
    pause.set()
    await process.idle()
    assert names(heard) == ["ad.filled", "slot_filled"]


async def test_turned_off_a_turn_looks_each_thing_up_once_and_waits_for_its_debounce_only(
    process: Process, settings: Settings
) -> None:
    configure(settings, CONSENT_FIRST=False)
    await process.get()
    await process.idle()
    session = await process.get()
    looked: list[str] = []

    def note(execute: Any, sql: str, *given: Any) -> Any:
        if sql.startswith("SELECT"):
            looked.append(sql)
        return execute(sql, *given)

    wrappers = await sync_to_async(lambda: connection.execute_wrappers)()
    wrappers.append(note)
    await session.add_message(user(1))
    await process.idle()
    wrappers.remove(note)
    assert sum("adbrowser" in sql for sql in looked) == 1
    # To begin and to settle.
    assert sum("adsession" in sql for sql in looked) == 2
    assert process.sleep.seconds == [0.01]
