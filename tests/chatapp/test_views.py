"""The addresses over HTTP, with htmx and without, for the owner and for a stranger."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client
from django.utils import timezone

from chatapp import live, people
from chatapp.models import Conversation, Message, Role, State
from tests.conftest import ALICE, BOB, client_of
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]
HTMX = {"HX-Request": "true"}


async def reply_of(conversation: Conversation, state: State = State.COMPLETE) -> Message:
    last = conversation.messages.filter(role=Role.ASSISTANT, state=state).order_by("-position")
    return await until(last.afirst)


# The empty chat


async def test_an_empty_chat_offers_a_box_and_remembers_the_person() -> None:
    client = AsyncClient()
    response = await client.get("/")
    assert response.status_code == 200
    assert 'name="text"' in response.text
    assert people.from_cookies({people.COOKIE: client.cookies[people.COOKIE].value})


async def test_a_person_keeps_the_same_id_from_page_to_page(alice: AsyncClient) -> None:
    await alice.get("/")
    assert people.from_cookies({people.COOKIE: alice.cookies[people.COOKIE].value}) == ALICE


async def test_looking_makes_no_conversation(alice: AsyncClient) -> None:
    await alice.get("/")
    assert not await Conversation.objects.aexists()


async def test_the_first_message_makes_a_conversation_and_leads_to_it(alice: AsyncClient) -> None:
    response = await alice.post("/", {"text": "Where to eat in Rome?"})
    made = await Conversation.objects.aget()
    assert response.status_code == 303
    assert response["Location"] == f"/c/{made.pk}/#latest"
    assert (made.owner, made.title) == (ALICE, "Where to eat in Rome?")


async def test_the_first_message_by_htmx_brings_the_page_of_the_conversation(alice: AsyncClient) -> None:
    response = await alice.post("/", {"text": "Hi"}, headers=HTMX)
    made = await Conversation.objects.aget()
    assert f"/c/{made.pk}/" in response["HX-Location"]


async def test_the_reply_is_there_after_the_redirect_without_javascript(alice: AsyncClient) -> None:
    ScriptedEngine.scripts.append(["In **Trast", "evere**."])
    response = await alice.post("/", {"text": "Where to eat?"})
    await reply_of(await Conversation.objects.aget())
    page = await alice.get(response["Location"])
    assert "<strong>Trastevere</strong>" in page.text
    assert "http-equiv" not in page.text


async def test_a_page_without_javascript_looks_again_while_the_reply_is_written(alice: AsyncClient) -> None:
    ScriptedEngine.scripts.append(["Wait", asyncio.Event()])
    response = await alice.post("/", {"text": "Where to eat?"})
    page = await alice.get(response["Location"])
    assert '<noscript><meta http-equiv="refresh"' in page.text


# A conversation


async def test_the_owner_sees_the_messages_with_ids_roles_and_states(
    alice: AsyncClient, conversation: Conversation
) -> None:
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    async for message in conversation.messages.all():
        expected = f'data-message-id="{message.pk}" data-role="{message.role}" data-state="complete"'
        assert expected in page
        assert f'id="message-{message.pk}-body" class="message__body' in page
    assert "<strong>Trastevere</strong>" in page


async def test_a_slot_stands_under_each_reply_and_under_nothing_else(
    alice: AsyncClient, conversation: Conversation
) -> None:
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    reply = await conversation.messages.aget(role=Role.ASSISTANT)
    assert page.count("data-ad-slot=") == 1
    assert f'data-ad-slot="{reply.pk}"' in page
    assert page.index(f'id="message-{reply.pk}"') < page.index("data-ad-slot=")


async def test_the_list_leads_back_to_earlier_conversations_of_this_person_only(
    alice: AsyncClient, bob: AsyncClient, conversation: Conversation
) -> None:
    assert f'href="/c/{conversation.pk}/"' in (await alice.get("/")).text
    assert f'href="/c/{conversation.pk}/"' not in (await bob.get("/")).text


async def test_what_a_person_writes_is_text_and_never_markup(alice: AsyncClient, conversation: Conversation) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)> <b hx-get="/">'
    await conversation.messages.filter(role=Role.USER).aupdate(text=hostile)
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<img src=x" not in page
    assert '<b hx-get="/">' not in page


async def test_a_long_conversation_opens_at_its_newest_part_and_pages_upwards(
    alice: AsyncClient, conversation: Conversation
) -> None:
    rows = [Message(conversation=conversation, position=n, role=Role.USER, text=f"number {n}.") for n in range(3, 71)]
    await Message.objects.abulk_create(rows)
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    assert "number 70." in page
    assert "number 41." in page
    assert "number 40." not in page
    assert 'href="?before=41"' in page
    above = (await alice.get(f"/c/{conversation.pk}/?before=41", headers=HTMX)).text
    assert "number 40." in above
    assert "number 11." in above
    assert "<html" not in above


@pytest.mark.parametrize("before", ["x", "-1", "", "9" * 30, "²"])
async def test_a_senseless_page_is_the_newest(alice: AsyncClient, conversation: Conversation, before: str) -> None:
    response = await alice.get(f"/c/{conversation.pk}/", {"before": before})
    assert response.status_code == 200
    assert "Trastevere" in response.text


async def test_a_page_of_messages_costs_few_queries(
    alice: AsyncClient, conversation: Conversation, django_assert_max_num_queries: Any
) -> None:
    rows = [
        Message(conversation=conversation, position=n, role=Role.ASSISTANT, text=f"number {n}.") for n in range(3, 31)
    ]
    await Message.objects.abulk_create(rows)

    def get() -> None:
        client = Client()
        client.cookies[people.COOKIE] = alice.cookies[people.COOKIE].value
        with django_assert_max_num_queries(5):
            assert client.get(f"/c/{conversation.pk}/").status_code == 200

    await sync_to_async(get)()


# Sending


async def test_a_message_is_stored_with_the_id_that_the_page_chose(
    alice: AsyncClient, conversation: Conversation
) -> None:
    chosen = uuid.uuid4()
    await alice.post(f"/c/{conversation.pk}/", {"text": "And wine?", "id": str(chosen)}, headers=HTMX)
    stored = await Message.objects.aget(pk=chosen)
    assert (stored.text, stored.role, stored.position) == ("And wine?", Role.USER, 3)


async def test_sending_answers_with_the_turn_and_the_id_of_the_next_message(
    alice: AsyncClient, conversation: Conversation
) -> None:
    last = await conversation.messages.alast()
    assert last
    response = await alice.post(f"/c/{conversation.pk}/", {"text": "And wine?"}, headers=HTMX)
    assert f'hx-swap-oob="beforebegin:#after-{last.pk}"' in response.text
    assert f'<div id="after-{last.pk}" hx-swap-oob="delete">' in response.text
    fresh = json.loads(response["HX-Trigger"])["chat:sent"]["next"]
    assert str(uuid.UUID(fresh)) == fresh


async def test_the_same_message_posted_twice_is_one_message_and_one_reply(
    alice: AsyncClient, conversation: Conversation
) -> None:
    form = {"text": "And wine?", "id": str(uuid.uuid4())}
    first = await alice.post(f"/c/{conversation.pk}/", form, headers=HTMX)
    second = await alice.post(f"/c/{conversation.pk}/", form, headers=HTMX)
    assert (first.status_code, second.status_code) == (200, 200)
    assert await conversation.messages.acount() == 4
    assert len(ScriptedEngine.asked) == 1


async def test_a_first_message_posted_twice_makes_one_conversation(alice: AsyncClient) -> None:
    form = {"text": "Hi", "id": str(uuid.uuid4())}
    first, second = await alice.post("/", form), await alice.post("/", form)
    assert first["Location"] == second["Location"]
    assert await Conversation.objects.acount() == 1


async def test_an_id_of_somebody_elses_message_is_not_used_again_and_shows_nothing_of_it(
    bob: AsyncClient, conversation: Conversation
) -> None:
    taken = await conversation.messages.afirst()
    assert taken
    response = await bob.post("/", {"text": taken.text, "id": str(taken.pk)})
    assert response["Location"] != f"/c/{conversation.pk}/#latest"
    mine = await Conversation.objects.aget(owner=BOB)
    assert await mine.messages.filter(text=taken.text).exclude(pk=taken.pk).aexists()
    assert await conversation.messages.acount() == 2


async def test_another_text_under_the_id_of_a_sent_message_is_a_new_message(
    alice: AsyncClient, conversation: Conversation
) -> None:
    form = {"text": "And wine?", "id": str(uuid.uuid4())}
    await alice.post(f"/c/{conversation.pk}/", form, headers=HTMX)
    await reply_of(conversation)
    await until(lambda: not live._replies)
    await alice.post(f"/c/{conversation.pk}/", form | {"text": "And beer?"}, headers=HTMX)
    said = [text async for text in conversation.messages.filter(role=Role.USER).values_list("text", flat=True)]
    assert said == ["Where to eat in Rome?", "And wine?", "And beer?"]


async def test_the_id_of_a_reply_is_not_taken_for_a_message_of_the_person(
    alice: AsyncClient, conversation: Conversation
) -> None:
    reply = await conversation.messages.alast()
    assert reply
    await alice.post(f"/c/{conversation.pk}/", {"text": reply.text, "id": str(reply.pk)}, headers=HTMX)
    assert await conversation.messages.filter(role=Role.USER, text=reply.text).aexists()


@pytest.mark.parametrize(
    ("text", "answer"), [("", "Type a message first."), (" \n ", "Type a message first."), ("x" * 8001, "8,000")]
)
async def test_a_message_that_cannot_be_sent_gets_its_answer_beside_the_box(
    alice: AsyncClient, conversation: Conversation, text: str, answer: str
) -> None:
    response = await alice.post(f"/c/{conversation.pk}/", {"text": text}, headers=HTMX)
    assert response.status_code == 422
    assert 'id="composer-error"' in response.text
    assert answer in response.text
    assert await conversation.messages.acount() == 2


async def test_without_javascript_the_box_keeps_the_text_that_could_not_be_sent(
    alice: AsyncClient, conversation: Conversation
) -> None:
    text = "\nToo long " * 2000
    response = await alice.post(f"/c/{conversation.pk}/", {"text": text})
    assert response.status_code == 422
    assert text in response.text
    assert "8,000 characters" in response.text


async def test_while_a_reply_is_written_a_second_message_waits_in_the_box(
    alice: AsyncClient, conversation: Conversation
) -> None:
    ScriptedEngine.scripts.append(["Wait", asyncio.Event()])
    await alice.post(f"/c/{conversation.pk}/", {"text": "And wine?"}, headers=HTMX)
    response = await alice.post(f"/c/{conversation.pk}/", {"text": "Well?"}, headers=HTMX)
    assert response.status_code == 409
    assert "still writing" in response.text
    assert await conversation.messages.acount() == 4


async def test_the_model_is_sent_both_roles_and_no_failed_reply(alice: AsyncClient, conversation: Conversation) -> None:
    await Message.objects.acreate(
        conversation=conversation, position=3, role=Role.ASSISTANT, state=State.FAILED, text=""
    )
    await alice.post(f"/c/{conversation.pk}/", {"text": "And wine?"})
    await until(lambda: ScriptedEngine.asked)
    said = [(turn.role, turn.content) for turn in ScriptedEngine.asked[0] if turn.role != "system"]
    assert said == [("user", "Where to eat in Rome?"), ("assistant", "In **Trastevere**."), ("user", "And wine?")]


# Stopping and trying again


async def test_stop_ends_the_reply_and_keeps_its_text(alice: AsyncClient, conversation: Conversation) -> None:
    ScriptedEngine.scripts.append(["Half a", asyncio.Event(), "never"])
    await alice.post(f"/c/{conversation.pk}/", {"text": "And wine?"}, headers=HTMX)
    running = next(iter(live._replies.values()))
    await until(lambda: running.text)
    response = await alice.post(f"/c/{conversation.pk}/stop/", headers=HTMX)
    assert response.status_code == 204
    assert (await reply_of(conversation, State.STOPPED)).text == "Half a"
    assert ScriptedEngine.closed == 1


async def test_stop_without_javascript_leads_back(alice: AsyncClient, conversation: Conversation) -> None:
    response = await alice.post(f"/c/{conversation.pk}/stop/")
    assert response["Location"] == f"/c/{conversation.pk}/#latest"


async def test_a_failed_reply_can_be_tried_again_and_the_question_is_kept(
    alice: AsyncClient, conversation: Conversation
) -> None:
    failed = await Message.objects.acreate(
        conversation=conversation, position=3, role=Role.ASSISTANT, state=State.FAILED, error="timeout"
    )
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    assert "took too long" in page
    address = f"/c/{conversation.pk}/m/{failed.pk}/retry/"
    assert f'hx-post="{address}"' in page
    response = await alice.post(address, headers=HTMX)
    assert response.status_code == 200
    assert (await conversation.messages.aget(position=4)).role == Role.ASSISTANT
    assert await conversation.messages.filter(role=Role.USER).acount() == 1


async def test_a_complete_reply_cannot_be_tried_again(alice: AsyncClient, conversation: Conversation) -> None:
    reply = await conversation.messages.alast()
    assert reply
    response = await alice.post(f"/c/{conversation.pk}/m/{reply.pk}/retry/", headers=HTMX)
    assert response.status_code == 409


async def test_whoever_looks_finds_a_reply_whose_process_died_interrupted(
    alice: AsyncClient, conversation: Conversation
) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    dead = await Message.objects.acreate(
        conversation=conversation,
        position=3,
        role=Role.ASSISTANT,
        state=State.STREAMING,
        text="Half",
        saved_at=long_ago,
    )
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    await dead.arefresh_from_db()
    assert (dead.state, dead.text) == (State.INTERRUPTED, "Half")
    assert "Try again" in page


# Strangers


@pytest.mark.parametrize("path", ["", "stop/", "m/{reply}/retry/"])
@pytest.mark.parametrize("who", ["bob", "nobody"])
async def test_a_stranger_is_refused(conversation: Conversation, bob: AsyncClient, who: str, path: str) -> None:
    client = bob if who == "bob" else AsyncClient()
    reply = await conversation.messages.alast()
    assert reply
    address = f"/c/{conversation.pk}/{path.format(reply=reply.pk)}"
    posted = await client.post(address, {"text": "let me in"})
    assert posted.status_code == 404
    got = await client.get(address)
    assert got.status_code in (404, 405)
    assert "Trastevere" not in got.text + posted.text
    assert await conversation.messages.acount() == 2


async def test_an_address_that_never_was_looks_the_same_as_somebody_elses(
    conversation: Conversation, bob: AsyncClient
) -> None:
    strange = await bob.get(f"/c/{conversation.pk}/")
    missing = await bob.get(f"/c/{uuid.uuid4()}/")
    shown = [page.text[page.text.index("<main") :] for page in (strange, missing)]
    assert (strange.status_code, shown[0]) == (missing.status_code, shown[1])


@pytest.mark.parametrize("path", ["/", "/c/{id}/", "/c/{id}/stop/", "/c/{id}/m/{id}/retry/"])
async def test_a_form_of_another_site_is_refused(conversation: Conversation, path: str) -> None:
    client = AsyncClient(enforce_csrf_checks=True)
    client.cookies[people.COOKIE] = client_of(ALICE).cookies[people.COOKIE].value
    response = await client.post(path.format(id=conversation.pk), {"text": "forged"})
    assert response.status_code == 403
    assert await Message.objects.filter(text="forged").acount() == 0


# Health and security


async def test_a_living_process_says_so() -> None:
    assert (await AsyncClient().get("/healthz")).text == "ok"


async def test_the_policy_names_the_ad_servers_origin_for_frames_and_no_other(alice: AsyncClient) -> None:
    policy = (await alice.get("/"))["Content-Security-Policy"]
    directives = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    assert len(directives["frame-src"]) == 1
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"][0] == "'self'"
    assert "unsafe" not in policy


async def test_no_script_or_style_is_written_into_the_page(alice: AsyncClient, conversation: Conversation) -> None:
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    assert not re.findall(r"<script(?![^>]*\bsrc=)", page)
    assert "<style" not in page
    assert not re.findall(r"\sstyle=", page)
    assert not re.findall(r"\son\w+=", page)
