"""The browser relay: a request waits for a page, and comes back with what the page says."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client
from pytest_django import Settings

from kontext_integration import relay_rows
from kontext_integration.models import AdRelay
from kontext_integration.opening import Sessions
from kontext_integration.relay import BrowserRelay, Patience, render_relay
from kontext_integration.signals import relay_waiting
from kontext_integration.transport import HttpTransport, Reply, Request, Unreachable
from tests.waiting import until

from .fakes import AdServer
from .host import KONTEXT
from .relay_page import Page
from .relay_steps import ANSWER, NEVER, WORDS, asked, nothing_waits, posting, taken

pytest_plugins = ["tests.kontext_integration.relay_fixtures"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]
pytestmark += [pytest.mark.usefixtures("relayed")]


# --- Who answers --------------------------------------------------------------------------------------------------


async def test_what_the_page_hands_back_is_the_answer(idle_page: Page) -> None:
    task = posting()
    request = await taken(idle_page)
    assert await idle_page.hand_back(request, "status=200", ANSWER.body) == 204
    assert await task == ANSWER
    assert await nothing_waits()


async def test_the_answer_wakes_whoever_waits_in_this_process(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(first_pause=NEVER)))
    await idle_page.hand_back(await taken(idle_page), "status=200", ANSWER.body)
    assert await task == ANSWER


async def test_the_answer_may_come_in_another_thread(idle_page: Page) -> None:
    task = posting(BrowserRelay(Patience(first_pause=NEVER)))
    request = await taken(idle_page)

    def hand_back() -> None:
        address = f"{request['answer_url']}?status=204"
        Client().post(address, b"", content_type="application/octet-stream", headers={"X-Person": "user-1"})
        connection.close()

    thread = threading.Thread(target=hand_back)
    thread.start()
    assert await task == Reply(204, b"")
    thread.join()


async def test_another_process_may_serve_the_page(idle_page: Page) -> None:
    task = posting()
    await taken(idle_page)
    row = await AdRelay.objects.aget()
    await sync_to_async(relay_rows.answer)("user-1", row.pk, ANSWER)
    assert await task == ANSWER


async def test_of_two_pages_one_sends_it(server: AdServer) -> None:
    async with server.http() as http, Page(http).open() as first, Page(http).open() as second:
        request = Request("http://ads.test/preload", b"{}", {}, 5_000, "user-1", "conv-1")
        await BrowserRelay().post(request)
        assert len(first.taken) + len(second.taken) == 1
        assert len(server.seen) == 1


async def test_the_page_of_another_person_gets_nothing(idle_page: Page) -> None:
    task = posting()
    await until(AdRelay.objects.aexists)
    assert await Page(person="user-2").take() == []
    await idle_page.hand_back(await taken(idle_page), "status=204")
    await task


async def test_two_requests_at_once_do_not_mix(idle_page: Page) -> None:
    transport = BrowserRelay()
    first, second = posting(transport), posting(transport)
    await until(lambda: len(idle_page.called) == 2)
    requests = await idle_page.take()
    for number, request in enumerate(requests):
        await idle_page.hand_back(request, f"status={500 + number}")
    assert {(await first).status, (await second).status} == {500, 501}


# --- Pages are called ---------------------------------------------------------------------------------------------


async def test_every_attempt_calls_the_pages_of_its_conversation(idle_page: Page) -> None:
    for _ in range(2):
        await BrowserRelay(Patience(taken_within=200)).post(asked())
    assert idle_page.called == [{"conversation_id": "conv-1", "user_id": "user-1"}] * 2


@pytest.mark.parametrize("misbehaviour", ["raises", "hangs"])
async def test_a_host_that_cannot_call_its_pages_hangs_nothing(idle_page: Page, misbehaviour: str) -> None:
    async def call(**given: Any) -> None:
        if misbehaviour == "raises":
            raise RuntimeError(WORDS)
        await asyncio.Event().wait()

    relay_waiting.connect(call)
    try:
        answer = await asyncio.wait_for(BrowserRelay(Patience(taken_within=300)).post(asked()), 5)
    finally:
        relay_waiting.disconnect(call)
    assert answer == Unreachable("No page took the request")
    assert await nothing_waits()


def test_what_calls_a_page_is_an_unseen_element() -> None:
    assert render_relay() == "<kontext-relay hidden></kontext-relay>"


def test_with_the_other_transport_there_is_nothing_to_call_for(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT | {"TRANSPORT": "server"}
    assert render_relay() == ""


@pytest.mark.parametrize(("transport", "kind"), [("browser", BrowserRelay), ("server", HttpTransport)])
async def test_the_setting_chooses_the_transport(transport: str, kind: type, settings: Settings) -> None:
    settings.KONTEXT = KONTEXT | {"TRANSPORT": transport}
    assert isinstance(Sessions().worker().client._transport, kind)
