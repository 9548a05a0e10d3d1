"""A reply from its first word to its final state."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from chatapp import broadcasts, conf, live, replies, services, store
from chatapp.engines import EngineRateLimited, EngineTimeout, EngineUnauthorized
from chatapp.models import Conversation, Message, Role, State
from tests.assertions import socket_of, visible
from tests.conftest import ALICE, cookie_of
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]


@pytest.fixture
async def tab(conversation: Conversation) -> Any:
    socket = socket_of(conversation, cookie=cookie_of(ALICE))
    await socket.connect()
    return socket


async def send(conversation: Conversation, text: str = "And wine?") -> Message:
    sent, _ = await services.send_message(
        person=ALICE, conversation=conversation, message_id=uuid.uuid4(), text=text, language="en"
    )
    return sent.reply


async def ended(reply: Message) -> Message:
    await until(lambda: live.find(reply.pk) is None)
    await reply.arefresh_from_db()
    return reply


async def heard(tab: Any, mark: str) -> list[str]:
    frames = []
    while not any(mark in frame for frame in frames):
        frames.append(await tab.receive_from())
    return frames


async def test_a_reply_is_stored_complete(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Try a ", "Frascati."])
    reply = await ended(await send(conversation))
    assert (reply.text, reply.state, reply.error) == ("Try a Frascati.", State.COMPLETE, "")


async def test_the_page_hears_of_the_message_before_its_first_words(conversation: Conversation, tab: Any) -> None:
    reply = await send(conversation)
    frames = await heard(tab, "The reply is complete.")
    assert f'data-message-id="{reply.pk}"' in frames[0]
    assert 'data-state="pending"' in frames[0]
    assert 'data-state="streaming"' in frames[1]
    assert "Hello there." in visible("".join(frames[1:]))


async def test_a_reply_goes_on_when_nobody_listens(conversation: Conversation, tab: Any) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append(["Half", go_on, " done"])
    reply = await send(conversation)
    await tab.disconnect()
    go_on.set()
    assert (await ended(reply)).text == "Half done"


async def test_what_has_streamed_is_saved_while_it_streams(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Half", asyncio.Event()])
    reply = await send(conversation)
    saved = await until(Message.objects.filter(pk=reply.pk, text="Half").afirst)
    assert saved.state == State.STREAMING


async def test_a_finished_block_is_sent_once(conversation: Conversation, tab: Any) -> None:
    steps = [asyncio.Event() for _ in range(3)]
    ScriptedEngine.scripts.append(
        ["First paragraph.\n\n", steps[0], "Second.\n\n", steps[1], "Third", steps[2], " ends."]
    )
    await send(conversation)
    frames = []
    for step in steps:
        frames.append(await tab.receive_from())
        step.set()
    frames += await heard(tab, "The reply is complete.")
    assert sum("First paragraph." in frame for frame in frames) == 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (EngineTimeout(), "timeout"),
        (EngineUnauthorized(), "unauthorized"),
        (EngineRateLimited(), "rate_limited"),
        (ValueError(), "internal"),
    ],
)
async def test_a_failure_before_the_first_word_fails_the_reply(
    conversation: Conversation, failure: Exception, code: str
) -> None:
    ScriptedEngine.scripts.append([failure])
    reply = await ended(await send(conversation))
    assert (reply.state, reply.error, reply.text) == (State.FAILED, code, "")


async def test_a_failure_in_mid_reply_keeps_what_was_written_and_offers_another_try(
    conversation: Conversation, tab: Any
) -> None:
    ScriptedEngine.scripts.append(["Half of", EngineTimeout()])
    reply = await ended(await send(conversation))
    assert (reply.state, reply.error, reply.text) == (State.INTERRUPTED, "timeout", "Half of")
    frames = await heard(tab, 'data-state="interrupted"')
    assert "Half of" in "".join(frames)
    assert "Try again" in frames[-1]


async def test_a_reply_of_nothing_is_a_failure(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append([" ", "\n"])
    assert (await ended(await send(conversation))).error == "empty"


async def test_the_question_is_kept_whatever_happens_to_the_answer(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append([RuntimeError()])
    await ended(await send(conversation, "And wine?"))
    assert await conversation.messages.filter(role=Role.USER, text="And wine?").aexists()


async def test_stop_closes_the_engine_and_keeps_the_text(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Half", asyncio.Event()])
    reply = await send(conversation)
    running = live.find(reply.pk)
    assert running
    await until(lambda: running.text)
    await services.stop_reply(conversation)
    assert ((await ended(reply)).state, reply.text) == (State.STOPPED, "Half")
    assert ScriptedEngine.closed == 1


async def test_stop_before_the_first_word_ends_the_reply_too(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append([asyncio.Event()])
    reply = await send(conversation)
    await services.stop_reply(conversation)
    assert (await ended(reply)).state == State.STOPPED


async def test_stop_from_another_process_reaches_the_writer_through_the_store(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Half", asyncio.Event()])
    reply = await send(conversation)
    await Message.objects.filter(pk=reply.pk).aupdate(stop_requested=True)
    assert (await ended(reply)).state == State.STOPPED


async def test_a_final_state_is_written_once(conversation: Conversation) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append(["Half", go_on, " done"])
    reply = await send(conversation)
    await Message.objects.filter(pk=reply.pk).aupdate(state=State.INTERRUPTED, error="lost")
    go_on.set()
    assert (await ended(reply)).state == State.INTERRUPTED


async def test_an_endless_reply_is_cut(conversation: Conversation, settings: Any) -> None:
    settings.CHAT = settings.CHAT | {"MAX_REPLY_LENGTH": 100}
    assert conf.get_settings().max_reply_length == 100
    ScriptedEngine.scripts.append(["x" * 30] * 1000)
    assert len((await ended(await send(conversation))).text) == 100


async def test_characters_that_no_database_keeps_are_left_out(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["a\x00b", "\ud83d", "\ude00", "\ud83d", "c"])
    assert (await ended(await send(conversation))).text == "ab\U0001f600\ufffdc"


async def test_a_database_that_is_away_for_a_moment_loses_nothing(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, failures = store.settle, [OperationalError(), OperationalError()]

    def flaky(*args: Any, **kwargs: Any) -> int:
        if failures:
            raise failures.pop()
        return settle(*args, **kwargs)

    monkeypatch.setattr(store, "settle", flaky)
    assert (await ended(await send(conversation))).state == State.COMPLETE


async def test_a_channel_layer_that_fails_does_not_fail_the_reply(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        async def group_send(self, *args: Any) -> None:
            raise ConnectionError

    monkeypatch.setattr(broadcasts, "get_channel_layer", Broken)
    assert (await ended(await send(conversation))).state == State.COMPLETE


async def test_the_log_names_the_cause_and_never_the_text(
    conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ScriptedEngine.scripts.append(["a secret answer", EngineTimeout("read timed out")])
    await ended(await send(conversation, "a secret question"))
    assert "read timed out" in caplog.text
    assert "secret" not in caplog.text


async def test_when_the_process_ends_all_that_was_written_is_kept(conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Half", asyncio.Event()])
    reply = await send(conversation)
    running = live.find(reply.pk)
    assert running
    await until(lambda: running.text)
    await sync_to_async(live.end_with_process)()
    await reply.arefresh_from_db()
    assert (reply.state, reply.error, reply.text) == (State.INTERRUPTED, "shutdown", "Half")


async def test_a_reply_that_the_database_never_took_is_not_shown_as_complete(
    conversation: Conversation, tab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> int:
        raise OperationalError

    monkeypatch.setattr(store, "end", full)
    monkeypatch.setattr(replies, "SAVE_ATTEMPTS", 2)
    monkeypatch.setattr(replies, "LONGEST_PAUSE_S", 0.01)
    await send(conversation)
    frames = await heard(tab, 'data-state="interrupted"')
    assert "could not be saved" in frames[-1]
    assert "Hello there." in visible("".join(frames))


async def test_where_another_one_has_ended_the_reply_pages_show_what_a_reload_would(
    conversation: Conversation, tab: Any
) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append(["Half", go_on, " done"])
    reply = await send(conversation)
    await Message.objects.filter(pk=reply.pk).aupdate(state=State.INTERRUPTED, error="lost", text="Ha")
    go_on.set()
    frames = await heard(tab, 'data-state="interrupted"')
    assert visible(frames[-1]).startswith("Ha The server")


async def test_a_final_state_whose_confirmation_was_lost_is_the_reply_s_own(conversation: Conversation) -> None:
    reply = await send(conversation)
    await ended(reply)
    again = await sync_to_async(store.end)(reply.pk, State.COMPLETE, text="Hello there.", error="")
    assert again
    assert not await sync_to_async(store.end)(reply.pk, State.COMPLETE, text="Something else.", error="")
