"""What is deleted is gone: from every table, from the cache, from open tabs."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import AsyncClient
from django.utils import timezone
from pytest_django import Settings

from chatapp import ads, limits, live, privacy, services
from chatapp.limits import Kind, Verdict
from chatapp.models import Conversation, Message, Role, State
from chatapp.privacy import Pruned
from kontext_integration.models import AdBrowser, AdEvent, AdSession, AdSlot
from tests.assertions import socket_of, visible
from tests.chatapp.leftovers import leftovers
from tests.conftest import ALICE, BOB, cookie_of
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]
SECRET = "a very private question"


async def with_ads(conversation: Conversation) -> None:
    """Everything that the ads may keep of a conversation and its owner."""
    session = await AdSession.objects.acreate(
        conversation_id=str(conversation.pk), user_id=str(conversation.owner), state={"messages": [SECRET]}
    )
    reply = await conversation.messages.alast()
    assert reply
    slot = await AdSlot.objects.acreate(
        session=session, message_id=str(reply.pk), code="inlineAd", bid_id=uuid.uuid4(), snapshot=[{"content": SECRET}]
    )
    await AdEvent.objects.acreate(session=session, name="ad.viewed", bid_id=slot.bid_id, message_id=slot.message_id)
    await AdBrowser.objects.aget_or_create(user_id=str(conversation.owner), defaults={"install_id": uuid.uuid4()})


async def secret_conversation(owner: uuid.UUID = ALICE, *, title: str = SECRET, **changes: Any) -> Conversation:
    made = await Conversation.objects.acreate(owner=owner, title=title, **changes)
    await Message.objects.acreate(conversation=made, position=1, role=Role.USER, text=SECRET)
    await Message.objects.acreate(conversation=made, position=2, role=Role.ASSISTANT, text=f"*{SECRET}*?")
    await with_ads(made)
    return made


async def ids_of(conversation: Conversation) -> list[object]:
    messages = [ident async for ident in conversation.messages.values_list("pk", flat=True)]
    slots = AdSlot.objects.filter(session__conversation_id=str(conversation.pk))
    return [conversation.pk, *messages, *[bid async for bid in slots.values_list("bid_id", flat=True)]]


async def left(*needles: object) -> list[str]:
    return await sync_to_async(leftovers)(*needles)


# A conversation


async def test_the_search_for_leftovers_finds_them_where_they_are(alice: AsyncClient) -> None:
    conversation = await secret_conversation()
    await alice.get(f"/c/{conversation.pk}/")
    assert await left(SECRET) == [
        "chatapp.Conversation",
        "chatapp.Message",
        "kontext_integration.AdSession",
        "kontext_integration.AdSlot",
        "the cache",
    ]
    assert "kontext_integration.AdEvent" in await left(*await ids_of(conversation))


async def test_a_deleted_conversation_leaves_nothing_anywhere(alice: AsyncClient) -> None:
    conversation = await secret_conversation()
    ids = await ids_of(conversation)
    await alice.get(f"/c/{conversation.pk}/")
    response = await alice.post(f"/c/{conversation.pk}/delete/")
    assert (response.status_code, response["Location"]) == (303, "/")
    assert await left(SECRET, *ids) == []
    assert (await alice.get(f"/c/{conversation.pk}/")).status_code == 404


async def test_another_conversation_keeps_all_it_has(alice: AsyncClient) -> None:
    doomed, kept = await secret_conversation(title="Doomed"), await secret_conversation(title="Kept")
    await alice.post(f"/c/{doomed.pk}/delete/")
    assert await kept.messages.acount() == 2
    assert await AdSlot.objects.filter(session__conversation_id=str(kept.pk)).acount() == 1


@pytest.mark.parametrize("who", ["bob", "nobody"])
async def test_a_stranger_deletes_nothing(bob: AsyncClient, who: str) -> None:
    conversation = await secret_conversation()
    response = await (bob if who == "bob" else AsyncClient()).post(f"/c/{conversation.pk}/delete/")
    assert response.status_code == 404
    assert await conversation.messages.acount() == 2


async def test_looking_at_the_address_deletes_nothing(alice: AsyncClient) -> None:
    conversation = await secret_conversation()
    assert (await alice.get(f"/c/{conversation.pk}/delete/")).status_code == 405
    assert await conversation.messages.acount() == 2


async def test_a_reply_that_is_being_written_ends_and_is_gone_too(settings: Settings, alice: AsyncClient) -> None:
    settings.KONTEXT = settings.KONTEXT | {"PUBLISHER_TOKEN": "test-token"}
    ScriptedEngine.scripts.append([SECRET, asyncio.Event(), "never"])
    await alice.post("/", {"text": SECRET})
    conversation = await Conversation.objects.aget()
    await until(lambda: any(reply.text for reply in live._replies.values()))
    async with ThreadSensitiveContext():  # a thread of its own for the request, as the real handler has it
        await alice.post(f"/c/{conversation.pk}/delete/")
    assert ScriptedEngine.closed == 1
    await until(lambda: not live._replies and not ads._tasks)
    assert await left(SECRET, conversation.pk) == []


async def test_a_reply_of_a_process_that_is_gone_holds_nothing_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "ENDING_S", 0.1)
    conversation = await secret_conversation()
    await Message.objects.acreate(conversation=conversation, position=3, role=Role.ASSISTANT, state=State.STREAMING)
    await privacy.delete_conversation(conversation)
    assert await left(SECRET, conversation.pk) == []


async def test_the_process_that_writes_the_reply_is_asked_to_stop_and_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    conversation = await secret_conversation()
    elsewhere = await Message.objects.acreate(
        conversation=conversation, position=3, role=Role.ASSISTANT, state=State.STREAMING
    )
    deleting = asyncio.create_task(privacy.delete_conversation(conversation))
    await until(Message.objects.filter(pk=elsewhere.pk, stop_requested=True).aexists)
    assert not deleting.done()
    await Message.objects.filter(pk=elsewhere.pk).aupdate(state=State.STOPPED)
    await deleting
    assert not await Conversation.objects.aexists()


async def test_an_open_tab_is_told(alice: AsyncClient) -> None:
    conversation = await secret_conversation()
    tab = socket_of(conversation, cookie=cookie_of(ALICE))
    assert (await tab.connect())[0]
    await alice.post(f"/c/{conversation.pk}/delete/")
    told = await tab.receive_from()
    assert 'hx-swap-oob="outerHTML:#chat"' in told
    assert "This conversation was deleted." in visible(told)
    assert SECRET not in told
    await tab.disconnect()


async def test_a_message_to_a_conversation_that_is_gone_is_refused(alice: AsyncClient) -> None:
    conversation = await secret_conversation()
    await privacy.delete_conversation(conversation)
    assert (await alice.post(f"/c/{conversation.pk}/", {"text": "Hello?"})).status_code == 404


@pytest.mark.parametrize("path", ["", "m/{reply}/retry/"])
async def test_a_message_that_comes_while_the_conversation_is_deleted_is_refused(
    monkeypatch: pytest.MonkeyPatch, alice: AsyncClient, path: str
) -> None:
    conversation = await secret_conversation()
    reply = await conversation.messages.alast()
    assert reply

    async def deleted_meanwhile(*args: Any) -> Verdict:
        await privacy.delete_conversation(conversation)
        return Verdict(Kind.MESSAGES)

    monkeypatch.setattr(limits, "aspend", deleted_meanwhile)
    response = await alice.post(f"/c/{conversation.pk}/{path.format(reply=reply.pk)}", {"text": "Hello?"})
    assert response.status_code == 404
    assert await left(SECRET, conversation.pk) == []


async def test_deleting_twice_does_no_harm() -> None:
    conversation = await secret_conversation()
    await privacy.delete_conversation(conversation)
    await privacy.delete_conversation(conversation)
    assert await left(SECRET, conversation.pk) == []


# A person


async def test_a_person_who_deletes_everything_leaves_nothing_anywhere(alice: AsyncClient) -> None:
    mine = [await secret_conversation(), await secret_conversation()]
    await alice.get("/")
    response = await alice.post("/data/delete/")
    assert (response.status_code, response["Location"]) == (303, "/data/deleted/")
    assert await left(SECRET, ALICE, *[conversation.pk for conversation in mine]) == []


async def test_the_browser_forgets_too_and_begins_as_somebody_new(alice: AsyncClient) -> None:
    response = await alice.post("/data/delete/")
    assert response["Clear-Site-Data"] == '"storage"'
    assert response.cookies["person"]["max-age"] == 0
    page = await alice.get("/data/deleted/")
    assert "Everything is deleted" in page.text
    assert "person" not in page.cookies


async def test_what_others_have_stays(alice: AsyncClient) -> None:
    await secret_conversation()
    theirs = await secret_conversation(BOB)
    await alice.post("/data/delete/")
    assert await theirs.messages.acount() == 2
    assert await AdBrowser.objects.filter(user_id=str(BOB)).aexists()


async def test_somebody_unknown_can_delete_nothing(conversation: Conversation) -> None:
    assert (await AsyncClient().post("/data/delete/")).status_code == 303
    assert await conversation.messages.acount() == 2


# What is old


NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def aged(days: int) -> Conversation:
    conversation = await secret_conversation()
    await Conversation.objects.filter(pk=conversation.pk).aupdate(updated_at=NOW - timedelta(days=days))
    await AdSession.objects.filter(conversation_id=str(conversation.pk)).aupdate(updated_at=NOW - timedelta(days=days))
    return conversation


async def test_by_default_conversations_are_kept_and_ads_for_ninety_days() -> None:
    old, new = await aged(91), await aged(89)
    await AdBrowser.objects.aupdate(updated_at=NOW)
    assert await privacy.prune(NOW) == Pruned(conversations=0, ad_rows=3)
    assert await old.messages.acount() == 2
    assert [ident async for ident in AdSession.objects.values_list("conversation_id", flat=True)] == [str(new.pk)]


async def test_conversations_go_when_the_settings_say_so(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"KEEP_CONVERSATIONS_DAYS": 30, "KEEP_ADS_DAYS": None}
    old, new = await aged(31), await aged(29)
    assert await privacy.prune(NOW) == Pruned(conversations=1, ad_rows=0)
    assert await left(old.pk) == []
    assert await new.messages.acount() == 2
    assert await AdSession.objects.filter(conversation_id=str(new.pk)).aexists()


async def test_writing_keeps_a_conversation(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"KEEP_CONVERSATIONS_DAYS": 30}
    conversation = await aged(400)
    await services.send_message(
        person=ALICE, conversation=conversation, message_id=uuid.uuid4(), text="Still here", language="en"
    )
    assert (await privacy.prune(timezone.now())).conversations == 0


@pytest.mark.usefixtures("transactional_db")
def test_the_command_prunes_and_says_how_much() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    said = StringIO()
    call_command("prune", stdout=said)
    assert said.getvalue() == "Deleted 0 conversations and 0 rows of ads.\n"
    assert not Session.objects.exists()


async def test_the_commands_for_whoever_asks_by_mail() -> None:
    conversation, said = await secret_conversation(), StringIO()
    await secret_conversation()
    await sync_to_async(call_command)("forget", "--conversation", str(conversation.pk), stdout=said)
    assert await left(conversation.pk) == []
    await sync_to_async(call_command)("forget", "--person", str(ALICE), stdout=said)
    assert await left(SECRET, ALICE) == []
    assert said.getvalue() == "Deleted.\nDeleted 1 conversations, and what the ads knew of this person.\n"


@pytest.mark.usefixtures("transactional_db")
def test_the_command_says_that_there_is_no_such_conversation() -> None:
    with pytest.raises(CommandError, match="no such conversation"):
        call_command("forget", "--conversation", str(uuid.uuid4()))
