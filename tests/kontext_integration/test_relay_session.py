"""A session whose requests are sent by pages: the same rules, the same events."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from kontext_integration.events import AdError
from kontext_integration.models import AdEvent, AdRelay
from kontext_integration.opening import Sessions
from kontext_integration.relay import BrowserRelay, Patience
from tests.waiting import until

from .fakes import AdServer, RecordedSleep, assistant, filled, skipped, user
from .relay_page import Page
from .relay_steps import nothing_waits, taken
from .rows import event_names, slots

pytest_plugins = ["tests.kontext_integration.relay_fixtures"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]
pytestmark += [pytest.mark.usefixtures("relayed")]


async def get(sessions: Sessions) -> Any:
    return await sessions.get(conversation_id="conv-1", user_id="user-1")


async def idle(sessions: Sessions) -> None:
    async with asyncio.timeout(20):
        await sessions.worker().tasks.idle()


async def test_a_turn_ends_with_an_ad_though_this_server_spoke_to_nobody(server: AdServer, busy_page: Page) -> None:
    server.script("/preload", filled())
    sessions = Sessions(BrowserRelay(), RecordedSleep())
    session = await get(sessions)
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await idle(sessions)
    assert [slot.message_id for slot in await slots()] == ["a1"]
    assert {request["url"] for request in busy_page.taken} == {"http://ads.test/init", "http://ads.test/preload"}
    assert await nothing_waits()


async def test_a_newer_message_takes_back_what_no_page_has_sent_yet(server: AdServer, idle_page: Page) -> None:
    sessions = Sessions(BrowserRelay(), RecordedSleep())
    session = await get(sessions)
    await idle_page.hand_back(await taken(idle_page), "status=204")
    await session.add_message(user(1))
    await until(AdRelay.objects.filter(body__contains='"id":"u1"').aexists)
    await session.add_message(user(2))
    await until(AdRelay.objects.filter(body__contains='"id":"u2"').aexists)
    [request] = await idle_page.take()
    assert '"id":"u2"' in request["body"]
    await idle_page.hand_back(request, "status=204")
    await idle(sessions)
    assert await event_names() == ["ad.no-fill"]


async def test_without_a_page_the_turn_has_an_error_and_the_chat_does_not_wait(server: AdServer) -> None:
    sessions = Sessions(BrowserRelay(Patience(taken_within=60)), RecordedSleep())
    session = await get(sessions)
    await asyncio.wait_for(session.add_message(user(1)), 3)
    await idle(sessions)
    event = await AdEvent.objects.aget()
    assert (event.name, event.payload["err_code"]) == (AdError.name, "request_failed")
    assert await nothing_waits()


@pytest.mark.parametrize(
    "body", [b"<html><script>alert(1)</script>", b"[" * 60_000, b'{"sessionId":7}', b"\xff", b'{"bids":"all"}', b"null"]
)
async def test_a_hostile_answer_is_an_error_and_nothing_else(server: AdServer, busy_page: Page, body: bytes) -> None:
    server.script("/preload", httpx.Response(200, content=body))
    sessions = Sessions(BrowserRelay(), RecordedSleep())
    session = await get(sessions)
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await idle(sessions)
    assert await event_names() == ["ad.error"]
    assert await slots() == []


async def test_the_next_turn_is_not_the_worse_for_it(server: AdServer, busy_page: Page) -> None:
    server.script("/preload", httpx.Response(200, content=b"<html>"), skipped())
    sessions = Sessions(BrowserRelay(), RecordedSleep())
    session = await get(sessions)
    for number in (1, 2):
        await session.add_message(user(number))
        await idle(sessions)
    assert await event_names() == ["ad.error", "ad.no-fill"]
