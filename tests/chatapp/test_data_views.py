from __future__ import annotations

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from chatapp.models import Conversation

pytestmark = [pytest.mark.django_db(transaction=True)]


async def test_the_page_says_how_much_there_is(alice: AsyncClient, conversation: Conversation) -> None:
    page = (await alice.get("/data/")).text
    assert "<dt>Conversations</dt><dd>1</dd>" in page
    assert "<dt>Messages</dt><dd>2</dd>" in page
    assert "<dt>Kept</dt><dd>until you delete them</dd>" in page


async def test_the_page_says_how_long_it_is_kept(settings: Settings, alice: AsyncClient) -> None:
    settings.CHAT = settings.CHAT | {"KEEP_CONVERSATIONS_DAYS": 30}
    assert "30 days after the last message" in (await alice.get("/data/")).text


async def test_a_stranger_has_nothing(bob: AsyncClient, conversation: Conversation) -> None:
    for client in (bob, AsyncClient()):
        page = (await client.get("/data/")).text
        assert "<dt>Conversations</dt><dd>0</dd>" in page
        assert "<dt>Messages</dt><dd>0</dd>" in page


async def test_each_conversation_leads_to_it_and_to_its_own_end(alice: AsyncClient, conversation: Conversation) -> None:
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    assert 'href="/data/"' in page
    assert f'method="post" action="/c/{conversation.pk}/delete/"' in page
    assert 'popovertarget="confirm" aria-label="Delete this conversation"' in page


async def test_an_empty_chat_has_nothing_to_delete(alice: AsyncClient) -> None:
    assert "/delete/" not in (await alice.get("/")).text


@pytest.mark.parametrize("path", ["/data/", "/data/export.json", "/data/export.md"])
async def test_no_cache_on_the_way_keeps_a_copy(alice: AsyncClient, path: str) -> None:
    assert (await alice.get(path))["Cache-Control"] == "private, no-store"
