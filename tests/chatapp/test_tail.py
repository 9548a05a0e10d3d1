"""Live updates by plain requests: who may ask, what is answered, and that its pieces make the whole."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from django.test import AsyncClient

from chatapp import live, services, tail
from chatapp.models import Conversation, Message, Role, State
from tests.assertions import visible
from tests.conftest import ALICE
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]


@pytest.fixture
async def writing(conversation: Conversation) -> Message:
    """A reply that another process is writing; what it has saved is "Half"."""
    return await Message.objects.acreate(
        conversation=conversation, position=3, role=Role.ASSISTANT, state=State.STREAMING, text="Half"
    )


async def ask(client: AsyncClient, address: str) -> Any:
    response = await client.get(address)
    assert response.status_code == 200
    return response.json()


def at(conversation: Conversation, query: str = "") -> str:
    return f"/c/{conversation.pk}/tail/?{query}"


async def test_a_stranger_is_told_that_there_is_nothing(conversation: Conversation, bob: AsyncClient) -> None:
    assert (await bob.get(at(conversation))).status_code == 404


async def test_nobody_may_keep_the_answer(conversation: Conversation, alice: AsyncClient) -> None:
    assert "no-store" in (await alice.get(at(conversation)))["Cache-Control"]


async def test_it_only_reads(conversation: Conversation, alice: AsyncClient) -> None:
    assert (await alice.post(at(conversation))).status_code == 405


async def test_a_page_that_misses_nothing_gets_nothing(conversation: Conversation, alice: AsyncClient) -> None:
    last = await conversation.messages.alast()
    assert last
    said = await ask(alice, at(conversation, f"after={last.pk}&state=complete"))
    assert said["html"] == []
    assert said["next"].startswith(f"/c/{conversation.pk}/tail/?after={last.pk}")


async def test_a_page_that_does_not_know_how_much_it_shows_gets_the_whole_reply(
    conversation: Conversation, alice: AsyncClient, writing: Message
) -> None:
    said = await ask(alice, at(conversation, f"after={writing.pk}&state=streaming"))
    assert visible(said["html"][0]).startswith("Half")
    assert "at=4" in said["next"]


async def test_then_it_gets_what_is_new_and_no_more(
    conversation: Conversation, alice: AsyncClient, writing: Message
) -> None:
    said = await ask(alice, at(conversation, f"after={writing.pk}&state=streaming"))
    await Message.objects.filter(pk=writing.pk).aupdate(text="Half and half")
    said = await ask(alice, said["next"])
    assert visible("".join(said["html"])) == "and half"
    assert "at=13" in said["next"]


async def test_a_lost_answer_is_simply_asked_for_again(
    conversation: Conversation, alice: AsyncClient, writing: Message
) -> None:
    address = at(conversation, f"after={writing.pk}&state=streaming&at=2")
    assert await ask(alice, address) == await ask(alice, address)


async def test_the_page_is_told_to_ask_often_only_while_a_reply_is_written(
    conversation: Conversation, alice: AsyncClient, writing: Message
) -> None:
    said = await ask(alice, at(conversation, f"after={writing.pk}&state=streaming&at=4"))
    assert said["pause_ms"] == tail.LIVE_PAUSE_MS
    await Message.objects.filter(pk=writing.pk).aupdate(text="Half of", state=State.STOPPED)
    said = await ask(alice, said["next"])
    assert 'data-state="stopped"' in "".join(said["html"])
    assert said["pause_ms"] == tail.IDLE_PAUSE_MS


async def test_the_store_may_lag_behind_the_page(
    conversation: Conversation, alice: AsyncClient, writing: Message
) -> None:
    said = await ask(alice, at(conversation, f"after={writing.pk}&state=streaming&at=9"))
    assert said["html"] == []
    assert "at=9" in said["next"]


async def test_a_reply_that_ended_shorter_than_the_page_shows_it_is_brought_whole(
    conversation: Conversation, alice: AsyncClient, writing: Message
) -> None:
    await Message.objects.filter(pk=writing.pk).aupdate(state=State.INTERRUPTED, error="lost")
    said = await ask(alice, at(conversation, f"after={writing.pk}&state=streaming&at=9"))
    assert visible(said["html"][0]).startswith("Half")
    assert 'data-state="interrupted"' in said["html"][0]


async def test_a_turn_of_another_tab_is_brought_with_its_reply(conversation: Conversation, alice: AsyncClient) -> None:
    last = await conversation.messages.alast()
    assert last
    ScriptedEngine.scripts.append(["Half", asyncio.Event()])
    sent, _ = await services.send_message(
        person=ALICE, conversation=conversation, message_id=uuid.uuid4(), text="And wine?", language="en"
    )
    running = live.find(sent.reply.pk)
    assert running
    await until(lambda: running.text)
    said = await ask(alice, at(conversation, f"after={last.pk}&state=complete"))
    assert "And wine?" in visible(said["html"][0])
    assert visible(said["html"][1]).startswith("Half")
    assert f"after={sent.reply.pk}&state=streaming&at=4" in said["next"]


@pytest.mark.parametrize("query", ["after=nonsense&at=x", "after=&at=-1", "at=99999999999999", "after=%00"])
async def test_nonsense_is_no_error(conversation: Conversation, alice: AsyncClient, query: str) -> None:
    assert (await ask(alice, at(conversation, query)))["html"] == []
