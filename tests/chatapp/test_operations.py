"""Limits, turns, logs and metrics, where the chat meets them."""

from __future__ import annotations

import asyncio

import pytest
from pytest_django import Settings

from chatapp import limits, live, logs, metrics, privacy, replies
from chatapp.asgi import application
from chatapp.engines import EngineTimeout
from chatapp.models import Conversation, Role, State
from tests.assertions import socket_of, visible
from tests.conftest import ALICE, BOB, client_of, cookie_of
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]
HTMX = {"HX-Request": "true"}


def value(name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


async def said_until(tab: object, words: str) -> str:
    async with asyncio.timeout(10):
        while words not in (said := visible(await tab.receive_from(timeout=10))):  # type: ignore[attr-defined]
            pass
    return said


async def test_a_reply_waits_for_its_turn_and_the_person_is_told_the_place(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"CONCURRENT_REPLIES": 1}
    theirs = await Conversation.objects.acreate(owner=BOB, title="Wine")
    before = await theirs.messages.acreate(position=1, role=Role.USER, text="Well?")
    tab = socket_of(theirs, cookie=cookie_of(BOB), query=f"after={before.pk}")
    assert (await tab.connect())[0]
    go_on = asyncio.Event()
    ScriptedEngine.scripts.extend([["First", go_on], ["Second"]])
    await client_of(ALICE).post("/", {"text": "Hi"})
    await until(lambda: ScriptedEngine.asked)
    await client_of(BOB).post(f"/c/{theirs.pk}/", {"text": "Hi"})
    assert "You are number 1 in line." in await said_until(tab, "in line")
    assert len(ScriptedEngine.asked) == 1
    go_on.set()
    await until(theirs.messages.filter(role=Role.ASSISTANT, state=State.COMPLETE).aexists)
    await tab.disconnect()


async def test_a_page_that_comes_while_a_reply_waits_is_told_the_place_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "PLACE_REPEAT_S", 0.05)
    settings.CHAT = settings.CHAT | {"CONCURRENT_REPLIES": 1}
    go_on = asyncio.Event()
    ScriptedEngine.scripts.extend([["First", go_on], ["Second"]])
    await client_of(ALICE).post("/", {"text": "Hi"})
    await until(lambda: ScriptedEngine.asked)
    await client_of(BOB).post("/", {"text": "Hi"}, headers=HTMX)
    theirs = await Conversation.objects.aget(owner=BOB)
    await until(lambda: any(reply._told_place for reply in live._replies.values()))
    tab = socket_of(theirs, cookie=cookie_of(BOB))
    assert (await tab.connect())[0]
    assert "You are number 1 in line." in await said_until(tab, "in line")
    go_on.set()
    await until(theirs.messages.filter(role=Role.ASSISTANT, state=State.COMPLETE).aexists)
    await tab.disconnect()


async def test_stop_ends_a_reply_that_still_waits(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"CONCURRENT_REPLIES": 1}
    ScriptedEngine.scripts.append(["First", asyncio.Event()])
    await client_of(ALICE).post("/", {"text": "Hi"})
    await until(lambda: ScriptedEngine.asked)
    await client_of(BOB).post("/", {"text": "Hi"}, headers=HTMX)
    theirs = await Conversation.objects.aget(owner=BOB)
    await client_of(BOB).post(f"/c/{theirs.pk}/stop/", headers=HTMX)
    await until(theirs.messages.filter(state=State.STOPPED).aexists)
    assert len(ScriptedEngine.asked) == 1


async def test_a_writer_whose_reply_was_deleted_elsewhere_stops(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Half", asyncio.Event()])
    await client_of(ALICE).post(f"/c/{conversation.pk}/", {"text": "And wine?"})
    await until(lambda: any(reply.text for reply in live._replies.values()))
    await asyncio.to_thread(privacy._delete, conversation.pk)
    await until(lambda: not live._replies)
    assert ScriptedEngine.closed == 1


async def test_a_flood_of_sockets_is_told_to_try_later(settings: Settings, conversation: Conversation) -> None:
    limits.forget_all()
    settings.CHAT = settings.CHAT | {"RATE_LIMITS": True, "LIMIT_SOCKETS_PERSON": "1/minute"}
    first, second = (socket_of(conversation, cookie=cookie_of(ALICE)) for _ in range(2))
    assert (await first.connect())[0]
    assert (await second.connect())[0]
    assert (await second.receive_output())["code"] == 1013
    await first.disconnect()


async def test_open_sockets_are_counted(conversation: Conversation) -> None:
    before = value("chat_sockets_open")
    tab, stranger = socket_of(conversation, cookie=cookie_of(ALICE)), socket_of(conversation)
    await tab.connect()
    await stranger.connect()
    await until(lambda: value("chat_sockets_open") == before + 1)
    await tab.disconnect()
    await stranger.disconnect()
    assert value("chat_sockets_open") == before


async def test_a_turn_is_counted_and_timed(conversation: Conversation) -> None:
    turns, first = value("chat_turns_total", outcome="complete", error=""), value("chat_first_token_seconds_count")
    await client_of(ALICE).post(f"/c/{conversation.pk}/", {"text": "And wine?"})
    await until(lambda: value("chat_turns_total", outcome="complete", error="") == turns + 1)
    assert value("chat_first_token_seconds_count") == first + 1


async def test_what_a_reply_logs_names_its_turn(conversation: Conversation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(named := logs.NameTheContext())
    ScriptedEngine.scripts.append([EngineTimeout()])
    try:
        await client_of(ALICE).post(f"/c/{conversation.pk}/", {"text": "And wine?"})
        await until(conversation.messages.filter(state=State.FAILED).aexists)
    finally:
        caplog.handler.removeFilter(named)
    reply = await conversation.messages.alast()
    assert reply
    lines = [record for record in caplog.records if "ended early" in record.message]
    assert [vars(record)["turn_id"] for record in lines] == [str(reply.pk)]


async def test_a_body_beyond_all_reason_does_not_reach_django() -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def send(event: dict[str, object]) -> None:
        sent.append(event)

    scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": ""}
    headers = [(b"host", b"testserver"), (b"content-type", b"application/x-www-form-urlencoded")]
    await application(scope | {"headers": headers, "client": ("127.0.0.1", 1), "http_version": "1.1"}, receive, send)
    assert sent[0]["status"] == 413
