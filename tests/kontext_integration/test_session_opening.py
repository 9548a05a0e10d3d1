"""Protocol 4.9: one session for a conversation, opened once and kept by every process."""

from __future__ import annotations

import asyncio

import pytest
from django.test import override_settings

from kontext_integration.entities import Character
from kontext_integration.models import AdSession
from kontext_integration.session import NoSession

from .fakes import SESSION_ID, AdServer, Heard, Process, assistant, filled, user
from .rows import slots

pytestmark = pytest.mark.django_db(transaction=True)


async def test_4_9_opening_sends_init_exactly_once_per_record(process: Process, server: AdServer) -> None:
    for _ in range(3):
        await process.get()
    await asyncio.gather(*(process.get() for _ in range(5)))
    await process.idle()
    assert [seen.body["userId"] for seen in server.to("/init")] == ["user-1"]
    assert set(server.to("/init")[0].body) == {"publisherToken", "userId", "installId", "sdk"}


async def test_4_10_two_processes_that_open_at_once_share_one_record_and_one_init() -> None:
    server = AdServer()
    one, two = Process(server), Process(server)
    await asyncio.gather(one.get(), two.get())
    await one.idle()
    await two.idle()
    assert len(server.to("/init")) == 1
    assert await AdSession.objects.acount() == 1


async def test_4_9_another_user_gets_a_new_session_and_nothing_of_the_old_one(
    process: Process, server: AdServer
) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    other = await process.get(user_id="user-2")
    await other.add_message(user(2))
    await process.idle()
    assert [seen.body["userId"] for seen in server.to("/init")] == ["user-1", "user-2"]
    assert [message["id"] for message in server.to("/preload")[1].body["messages"]] == ["u2"]
    assert "sessionId" not in server.to("/preload")[1].body
    assert await slots() == []


async def test_4_9_another_character_starts_over_with_the_messages_so_far(process: Process, server: AdServer) -> None:
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    luna = await process.get(character=Character("c1", "Luna", "https://example.com/luna.png"))
    await luna.add_message(user(2))
    await process.idle()
    newest = server.to("/preload")[-1].body
    assert len(server.to("/init")) == 2
    assert newest["character"]["name"] == "Luna"
    assert [message["id"] for message in newest["messages"]] == ["u1", "u2"]
    assert "sessionId" not in newest


async def test_4_9_a_handle_of_the_session_before_does_nothing_any_more(process: Process, server: AdServer) -> None:
    old = await process.get()
    await process.get(user_id="user-2")
    await old.add_message(user(1))
    await process.idle()
    assert server.to("/preload") == []


async def test_4_9_a_record_that_cannot_be_read_is_started_over(process: Process, server: AdServer) -> None:
    await process.get()
    await process.idle()
    await AdSession.objects.aupdate(state={"broken": True})
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert len(server.to("/init")) == 2
    assert len(server.to("/preload")) == 1


async def test_4_9_after_destroy_the_next_call_opens_a_new_session(process: Process, server: AdServer) -> None:
    session = await process.get()
    await server.arrival("/init")
    await session.destroy()
    await (await process.get()).add_message(user(1))
    await process.idle()
    assert len(server.to("/init")) == 2
    assert len(server.to("/preload")) == 1


async def test_ads_that_are_off_send_and_store_nothing(process: Process, server: AdServer) -> None:
    with override_settings(KONTEXT={"PUBLISHER_TOKEN": ""}):
        session = await process.get()
        await session.add_message(user(1))
        await session.update_options(variant_id="A")
        await session.destroy()
    assert isinstance(session, NoSession)
    assert server.seen == []
    assert await AdSession.objects.acount() == 0


async def test_a_broken_setting_turns_ads_off_and_is_logged(process: Process, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(KONTEXT={"PUBLISHER_TOKEN": "secret", "NO_SUCH_KEY": 1}):
        session = await process.get()
    assert isinstance(session, NoSession)
    assert "get_session failed: TypeError" in caplog.text


async def test_4_9_another_conversation_has_a_session_of_its_own(process: Process, server: AdServer) -> None:
    await (await process.get("conv-1")).add_message(user(1))
    await process.idle()
    await (await process.get("conv-2")).add_message(user(2))
    await process.idle()
    assert [seen.body["conversationId"] for seen in server.to("/preload")] == ["conv-1", "conv-2"]
    assert [message["id"] for message in server.to("/preload")[1].body["messages"]] == ["u2"]
    assert "sessionId" not in server.to("/preload")[1].body
    assert len(server.to("/init")) == 2


async def test_4_9_a_session_that_was_lost_is_opened_anew(process: Process, server: AdServer) -> None:
    await process.get()
    await process.idle()
    await AdSession.objects.all().adelete()
    await process.get()
    await process.idle()
    assert len(server.to("/init")) == 2


async def test_4_10_after_a_restart_a_session_goes_on_where_it_stood(server: AdServer) -> None:
    first, second = Process(server), Process(server)
    server.script("/preload", filled())
    await (await first.get()).add_message(user(1))
    await first.idle()
    await first.die()
    session = await second.get()
    await session.add_message(assistant(1))
    await session.add_message(user(2))
    await second.idle()
    assert [slot.message_id for slot in await slots()] == ["a1"]
    assert [message["id"] for message in server.to("/preload")[1].body["messages"]] == ["u1", "a1", "u2"]
    assert server.to("/preload")[1].body["sessionId"] == SESSION_ID
    assert len(server.to("/init")) == 1


async def test_4_10_a_preload_that_died_with_its_process_is_replaced_by_the_next(
    server: AdServer, heard: Heard
) -> None:
    first, second = Process(server), Process(server)
    server.hold("/preload", filled())
    await (await first.get()).add_message(user(1))
    await server.arrival("/preload")
    await first.die()
    server.script("/preload", filled())
    session = await second.get()
    await session.add_message(user(2))
    await session.add_message(assistant(2))
    await second.idle()
    assert [name for name, _ in heard] == ["ad.filled", "slot_filled"]
    assert [slot.message_id for slot in await slots()] == ["a2"]
