"""The socket: who may listen, what a page that connects is sent, and what is done about repeats and gaps."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient
from django.utils import timezone

from chatapp import broadcasts, catchup, conf, consumers, live
from chatapp.asgi import application
from chatapp.consumers import BEAT
from chatapp.models import Conversation, Message, Role, State
from tests.assertions import socket_of, visible
from tests.conftest import ALICE, BOB, cookie_of
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]


async def connected(conversation: Conversation, **query: str) -> Any:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    socket = socket_of(conversation, cookie=cookie_of(ALICE), query=asked)
    accepted, _ = await socket.connect()
    assert accepted
    return socket


async def frame(conversation: Conversation, message: Message, html: str, start: int, end: int, **more: Any) -> None:
    fields = {"saved": 0, "final": False} | more
    await broadcasts.frame(conversation.pk, [html], message=message.pk, start=start, end=end, **fields)


async def heard(tab: Any) -> str:
    """The next words to the page; beats are none."""
    while (html := await tab.receive_from(timeout=5)) == BEAT:
        pass
    return str(html)


@pytest.fixture
async def writing(conversation: Conversation) -> Message:
    """A reply that another process is writing; what it has saved is "Half"."""
    return await Message.objects.acreate(
        conversation=conversation, position=3, role=Role.ASSISTANT, state=State.STREAMING, text="Half"
    )


# Who may listen


@pytest.mark.parametrize("cookie", ["", cookie_of(BOB), str(ALICE), "x:y:z"])
async def test_a_stranger_is_sent_away_and_told_not_to_come_again(conversation: Conversation, cookie: str) -> None:
    socket = socket_of(conversation, cookie=cookie)
    await socket.connect()
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4404}


async def test_a_stranger_hears_nothing(conversation: Conversation) -> None:
    socket = socket_of(conversation, cookie=cookie_of(BOB))
    await socket.connect()
    await socket.receive_output()
    await broadcasts.fragment(conversation.pk, "<p>secret</p>")
    assert await socket.receive_nothing()


async def test_a_page_of_another_origin_is_denied_even_with_the_owners_cookie(conversation: Conversation) -> None:
    socket = socket_of(conversation, cookie=cookie_of(ALICE), origin="http://evil.test")
    accepted, _ = await socket.connect()
    assert not accepted


async def test_the_owners_page_is_let_in(conversation: Conversation) -> None:
    socket = socket_of(conversation, cookie=cookie_of(ALICE), origin="http://testserver")
    accepted, _ = await socket.connect()
    assert accepted
    await socket.disconnect()


async def test_a_conversation_that_is_not_there_is_closed_like_a_strangers() -> None:
    socket = socket_of(str(uuid.uuid4()), cookie=cookie_of(ALICE))
    await socket.connect()
    assert (await socket.receive_output())["code"] == 4404


async def test_the_socket_takes_nothing_from_the_page(conversation: Conversation) -> None:
    socket = await connected(conversation)
    await socket.send_to(text_data='{"text": "hello"}')
    assert await socket.receive_nothing()
    assert await conversation.messages.acount() == 2
    await socket.disconnect()


# Forwarding


async def test_a_fragment_reaches_every_tab(conversation: Conversation) -> None:
    tabs = [await connected(conversation), await connected(conversation)]
    await broadcasts.fragment(conversation.pk, "<p>new</p>")
    assert [await tab.receive_from() for tab in tabs] == ["<p>new</p>"] * 2


async def test_frames_of_a_new_reply_are_forwarded_in_order(conversation: Conversation) -> None:
    reply = Message(pk=uuid.uuid4())
    tab = await connected(conversation)
    await frame(conversation, reply, "one", 0, 3)
    await frame(conversation, reply, "two", 3, 6)
    assert [await tab.receive_from(), await tab.receive_from()] == ["one", "two"]


async def test_a_frame_is_one_message_so_that_a_page_gets_all_or_nothing_of_it(conversation: Conversation) -> None:
    tab = await connected(conversation)
    fields = {"start": 0, "end": 3, "saved": 0, "final": False}
    await broadcasts.frame(conversation.pk, ["<p>1</p>", "<tr></tr>"], message=uuid.uuid4(), **fields)
    assert (await tab.receive_from()).split(broadcasts.PART) == ["<p>1</p>", "<tr></tr>"]


async def test_a_repeated_frame_is_dropped(conversation: Conversation) -> None:
    reply = Message(pk=uuid.uuid4())
    tab = await connected(conversation)
    for _ in range(2):
        await frame(conversation, reply, "one", 0, 3)
    assert await tab.receive_from() == "one"
    assert await tab.receive_nothing()


async def test_a_gap_is_healed_from_the_store_once_the_store_is_ahead(
    conversation: Conversation, writing: Message
) -> None:
    tab = await connected(conversation)
    await frame(conversation, writing, "lost on the way", 2, 3, saved=0)
    assert await tab.receive_nothing()
    await frame(conversation, writing, "later", 3, 4, saved=4)
    assert "Half" in visible(await tab.receive_from())
    await frame(conversation, writing, "goes on", 4, 9, saved=4)
    assert await tab.receive_from() == "goes on"


async def test_a_final_frame_that_does_not_fit_brings_the_whole_reply(
    conversation: Conversation, writing: Message
) -> None:
    tab = await connected(conversation)
    await Message.objects.filter(pk=writing.pk).aupdate(text="Half and half", state=State.COMPLETE)
    await frame(conversation, writing, "end", 10, 13, saved=13, final=True)
    html = await tab.receive_from()
    assert "Half and half" in visible(html)
    assert 'data-state="complete"' in html


async def test_after_the_end_nothing_of_a_reply_comes_again(conversation: Conversation) -> None:
    reply = Message(pk=uuid.uuid4())
    tab = await connected(conversation)
    await frame(conversation, reply, "all", 0, 3, final=True)
    await frame(conversation, reply, "all", 0, 3, final=True)
    assert await tab.receive_from() == "all"
    assert await tab.receive_nothing()


# Catching up


async def test_a_page_that_is_up_to_date_is_sent_nothing(conversation: Conversation) -> None:
    last = await conversation.messages.alast()
    assert last
    tab = await connected(conversation, after=str(last.pk), state="complete")
    assert await tab.receive_nothing()


async def test_a_page_that_missed_messages_is_sent_them(conversation: Conversation) -> None:
    first = await conversation.messages.afirst()
    assert first
    tab = await connected(conversation, after=str(first.pk), state="complete")
    html = await tab.receive_from()
    assert f"beforebegin:#after-{first.pk}" in html
    assert "Trastevere" in html


async def test_a_page_that_missed_the_end_of_a_reply_is_sent_its_body_and_state(conversation: Conversation) -> None:
    last = await conversation.messages.alast()
    assert last
    tab = await connected(conversation, after=str(last.pk), state="streaming")
    html = await tab.receive_from()
    assert f'id="message-{last.pk}-body"' in html
    assert 'data-state="complete"' in html


async def test_a_page_that_loads_in_mid_stream_gets_what_is_stored_and_then_what_follows(
    conversation: Conversation, writing: Message
) -> None:
    tab = await connected(conversation, after=str(writing.pk), state="streaming")
    assert "Half" in visible(await tab.receive_from())
    await frame(conversation, writing, "of it", 4, 9)
    assert await tab.receive_from() == "of it"


async def test_a_reload_in_mid_stream_in_the_writers_own_process_misses_nothing(
    conversation: Conversation, alice: AsyncClient
) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append(["First.", " Second.", go_on, " Third."])
    await alice.post(f"/c/{conversation.pk}/", {"text": "Count"}, headers={"HX-Request": "true"})
    reply = next(iter(live._replies.values()))
    await until(lambda: reply.text == "First. Second.")
    tab = await connected(conversation, after=str(reply.id), state="streaming")
    assert visible(await tab.receive_from()).startswith("First. Second.")
    go_on.set()
    rest = ""
    while 'data-state="complete"' not in rest:
        rest += await tab.receive_from()
    assert visible(rest).startswith("Third.")


@pytest.mark.parametrize("after", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
async def test_a_page_that_says_nonsense_is_sent_nothing(conversation: Conversation, after: str) -> None:
    tab = await connected(conversation, after=after, state="<x>")
    assert await tab.receive_nothing()


async def test_an_address_that_is_no_conversation_is_denied() -> None:
    for path in ("/ws/c/not-an-id/", "/ws/nope", "/"):
        socket = WebsocketCommunicator(application, path, headers=[(b"host", b"testserver")])
        accepted, _ = await socket.connect()
        assert not accepted


async def test_a_page_that_waits_learns_that_the_writer_has_died(
    conversation: Conversation, writing: Message, settings: Any
) -> None:
    settings.CHAT = settings.CHAT | {"STALE_AFTER_MS": 60}
    tab = await connected(conversation, after=str(writing.pk), state="streaming")
    heard = await tab.receive_from()
    while 'data-state="interrupted"' not in heard:
        heard = await tab.receive_from(timeout=5)
    assert "Half" in visible(heard)
    assert "Try again" in heard
    await tab.disconnect()


async def test_a_page_whose_last_frame_was_dropped_learns_of_the_end(
    conversation: Conversation, writing: Message, settings: Any
) -> None:
    settings.CHAT = settings.CHAT | {"STALE_AFTER_MS": 3000}
    tab = await connected(conversation, after=str(writing.pk), state="streaming")
    await tab.receive_from()
    await Message.objects.filter(pk=writing.pk).aupdate(text="Half and half", state=State.COMPLETE)
    html = await heard(tab)
    assert "Half and half" in visible(html)
    assert 'data-state="complete"' in html
    await tab.disconnect()


async def test_a_page_that_missed_a_frame_on_its_way_gets_it_though_the_model_pauses(
    conversation: Conversation, writing: Message
) -> None:
    tab = await connected(conversation, after=str(writing.pk), state="streaming")
    await tab.receive_from()
    await Message.objects.filter(pk=writing.pk).aupdate(text="Half and half", saved_at=timezone.now())
    html = await heard(tab)
    assert "Half and half" in visible(html)
    assert 'data-state="streaming"' in html
    await tab.disconnect()


async def test_a_reply_that_never_says_a_word_is_watched_too(
    conversation: Conversation, writing: Message, settings: Any
) -> None:
    settings.CHAT = settings.CHAT | {"STALE_AFTER_MS": 60}
    tab = await connected(conversation)
    await broadcasts.fragment(conversation.pk, "<p>turn</p>", reply=writing.pk)
    assert await tab.receive_from() == "<p>turn</p>"
    while 'data-state="interrupted"' not in await heard(tab):
        pass
    await tab.disconnect()


# Life


async def beat_of(tab: Any) -> str:
    return str(await tab.receive_from(timeout=5))


async def test_a_page_soon_hears_that_its_socket_lives(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "FIRST_BEAT_S", 0.01)
    tab = await connected(conversation)
    assert await beat_of(tab) == consumers.BEAT
    await tab.disconnect()


async def test_an_idle_socket_is_never_silent_for_half_a_minute(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert consumers.LIVE_BEAT_S < consumers.IDLE_BEAT_S < 30
    monkeypatch.setattr(consumers, "FIRST_BEAT_S", 0.01)
    monkeypatch.setattr(consumers, "IDLE_BEAT_S", 0.01)
    tab = await connected(conversation)
    assert [await beat_of(tab) for _ in range(3)] == [consumers.BEAT] * 3
    await tab.disconnect()


async def test_a_reply_s_death_is_noticed_within_fifteen_seconds(settings: Any) -> None:
    del settings.CHAT
    settings.CHAT = {}
    assert conf.get_settings().stale_after_ms / 1000 + consumers.LIVE_BEAT_S + consumers.LOOK_S < 15
    assert conf.get_settings().stale_after_ms / 1000 / 2 > live.SIGN_OF_LIFE_S + live.ASK_INTERVAL_S


async def test_a_tab_that_missed_a_whole_turn_gets_it_with_the_next_frame(
    conversation: Conversation, writing: Message
) -> None:
    known = await conversation.messages.aget(position=2)
    await conversation.messages.filter(pk=writing.pk).adelete()
    tab = await connected(conversation, after=str(known.pk), state="complete")
    await writing.asave(force_insert=True)
    await frame(conversation, writing, "goes on", 4, 9, saved=4)
    turn, body, goes_on = [await tab.receive_from() for _ in range(3)]
    assert f'data-message-id="{writing.pk}"' in turn
    assert "Half" in visible(body)
    assert goes_on == "goes on"
    await tab.disconnect()


async def test_a_tab_that_missed_a_turn_and_all_of_its_frames_gets_it_by_and_by(
    conversation: Conversation, writing: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "FIRST_BEAT_S", 0.01)
    monkeypatch.setattr(consumers, "IDLE_BEAT_S", 0.01)
    known = await conversation.messages.aget(position=2)
    await conversation.messages.filter(pk=writing.pk).adelete()
    tab = await connected(conversation, after=str(known.pk), state="complete")
    assert await beat_of(tab) == consumers.BEAT
    writing.state = State.COMPLETE
    await writing.asave(force_insert=True)
    heard = consumers.BEAT
    while heard == consumers.BEAT:
        heard = await tab.receive_from(timeout=5)
    assert f'data-message-id="{writing.pk}"' in heard
    await tab.disconnect()


async def test_a_turn_that_the_page_got_meanwhile_with_its_post_is_followed_by_its_reply(
    conversation: Conversation, writing: Message
) -> None:
    await Message.objects.filter(pk=writing.pk).aupdate(state=State.COMPLETE, text="All of it")
    known = await conversation.messages.aget(position=2)
    tab = await connected(conversation, after=str(known.pk), state="complete")
    turn, body = [await tab.receive_from() for _ in range(2)]
    assert "beforebegin:#after-" in turn
    assert body.startswith(f'<div id="message-{writing.pk}-body"')
    assert "All of it" in visible(body)
    assert 'data-state="complete"' in body
    await tab.disconnect()


async def test_where_the_layer_does_not_answer_the_page_is_asked_to_come_again(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(broadcasts.layer(), "group_add", broken)
    socket = socket_of(conversation, cookie=cookie_of(ALICE))
    await socket.connect()
    assert (await socket.receive_output())["code"] == consumers.TRY_LATER
    broadcasts.outage.forget()


async def test_a_store_that_hangs_stops_no_beat(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*args: Any) -> Any:
        await asyncio.Event().wait()

    tab = await connected(conversation)
    monkeypatch.setattr(consumers, "FIRST_BEAT_S", 0.01)
    monkeypatch.setattr(consumers, "IDLE_BEAT_S", 0.01)
    monkeypatch.setattr(consumers, "LOOK_S", 0.01)
    monkeypatch.setattr(catchup, "since", hangs)
    assert [await beat_of(tab) for _ in range(2)] == [consumers.BEAT] * 2
    await tab.disconnect()
