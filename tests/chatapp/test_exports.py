from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from chatapp import exports, limits
from chatapp.models import Conversation, Message, Role
from tests.conftest import ALICE, BOB

pytestmark = [pytest.mark.django_db(transaction=True)]


async def body(response: Any) -> str:
    assert response.streaming
    return b"".join([piece async for piece in response]).decode()


async def test_a_person_gets_all_conversations_with_their_texts(alice: AsyncClient, conversation: Conversation) -> None:
    await Conversation.objects.acreate(owner=ALICE, title="Empty")
    response = await alice.get("/data/export.json")
    assert response["Content-Disposition"] == 'attachment; filename="conversations.json"'
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "private, no-store"
    exported = json.loads(await body(response))
    assert exported["person"] == str(ALICE)
    first, second = exported["conversations"]
    assert (first["id"], first["title"]) == (str(conversation.pk), "Rome")
    assert [(message["role"], message["text"]) for message in first["messages"]] == [
        ("user", "Where to eat in Rome?"),
        ("assistant", "In **Trastevere**."),
    ]
    assert (second["title"], second["messages"]) == ("Empty", [])


async def test_for_reading_there_is_markdown(alice: AsyncClient, conversation: Conversation) -> None:
    response = await alice.get("/data/export.md")
    assert response["Content-Disposition"] == 'attachment; filename="conversations.md"'
    text = await body(response)
    assert "## Rome\n" in text
    assert "### You\n\nWhere to eat in Rome?\n" in text
    assert "### Assistant\n\nIn **Trastevere**.\n" in text


async def test_nobody_gets_what_is_not_theirs(bob: AsyncClient, conversation: Conversation) -> None:
    for client in (bob, AsyncClient()):
        for ending in ("json", "md"):
            assert "Trastevere" not in await body(await client.get(f"/data/export.{ending}"))


async def test_no_ad_is_part_of_it(alice: AsyncClient, conversation: Conversation) -> None:
    for ending in ("json", "md"):
        text = (await body(await alice.get(f"/data/export.{ending}"))).lower()
        assert not [word for word in ("sponsored", "advert", "bid", "kontext", "slot") if word in text]


@pytest.mark.parametrize("text", ['quote " and \\ back', "line\nbreak\r\n\ttab", "emoji 🍝 \u2028 ü", "</script>", ""])
async def test_every_text_comes_back_as_it_was(conversation: Conversation, text: str) -> None:
    await conversation.messages.filter(position=1).aupdate(text=text)
    exported = json.loads("".join([piece async for piece in exports.as_json(ALICE)]))
    assert exported["conversations"][0]["messages"][0]["text"] == text


async def test_an_export_of_nothing_is_a_whole_file(bob: AsyncClient) -> None:
    exported = json.loads(await body(await bob.get("/data/export.json")))
    assert (exported["person"], exported["conversations"]) == (str(BOB), [])


async def test_a_long_conversation_comes_in_pieces_and_in_order(conversation: Conversation) -> None:
    count = exports.CHUNK * 2 + 7
    rows = [Message(conversation=conversation, position=n, role=Role.USER, text=f"number {n}") for n in range(3, count)]
    await Message.objects.abulk_create(rows)
    pieces = [piece async for piece in exports.as_json(ALICE)]
    texts = [message["text"] for message in json.loads("".join(pieces))["conversations"][0]["messages"]]
    assert texts[2:] == [f"number {n}" for n in range(3, count)]
    assert max(map(len, pieces)) < 500


async def test_a_conversation_that_is_deleted_meanwhile_is_left_out(conversation: Conversation) -> None:
    later = await Conversation.objects.acreate(owner=ALICE, title="Later")
    pieces = exports.as_json(ALICE)
    read = [await anext(pieces), await anext(pieces)]
    await later.adelete()
    read += [piece async for piece in pieces]
    assert [found["title"] for found in json.loads("".join(read))["conversations"]] == ["Rome"]


async def test_exports_are_limited_with_a_clear_answer(settings: Settings, alice: AsyncClient) -> None:
    limits.forget_all()
    settings.CHAT = settings.CHAT | {"RATE_LIMITS": True, "LIMIT_EXPORTS_PERSON": "1/hour"}
    assert (await alice.get("/data/export.md")).status_code == 200
    refused = await alice.get("/data/export.md")
    assert refused.status_code == 429
    assert "Try again in 60 minutes." in refused.text
    assert int(refused["Retry-After"]) > 3000
