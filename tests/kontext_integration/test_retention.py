"""What is forgotten is gone, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.utils import timezone

from kontext_integration import retention
from kontext_integration.models import AdBrowser, AdRelay, AdSession, AdSlot

from .fakes import AdServer, Process, assistant, filled, user

if TYPE_CHECKING:
    from django.db.models import Model

pytestmark = pytest.mark.django_db(transaction=True)


def models() -> list[type[Model]]:
    return list(apps.get_app_config("kontext_integration").get_models())


async def counts() -> dict[str, int]:
    return {model.__name__: await model._default_manager.acount() for model in models()}


async def turn(conversation_id: str, user_id: str) -> Process:
    """A conversation with everything that the app can store of one."""
    process = Process(AdServer())
    process.server.script("/preload", filled())
    session = await process.get(conversation_id, user_id)
    for message in (user(1), assistant(1)):
        await session.add_message(message)
        await process.idle()
    await AdRelay.objects.acreate(user_id=user_id, url="http://ads.test/preload", timeout_ms=1, **waiting())
    return process


def waiting() -> dict[str, Any]:
    return {"headers": {}, "body": b"{}"}


async def test_a_person_leaves_nothing_behind_in_any_table() -> None:
    await turn("conv-1", "alice")
    assert all((await counts()).values()), "a table that this test does not fill"
    await retention.forget_user("alice")
    assert not any((await counts()).values())


async def test_others_keep_what_is_theirs() -> None:
    await turn("conv-2", "bob")
    before = await counts()
    await turn("conv-1", "alice")
    await retention.forget_user("alice")
    assert await counts() == before


async def test_a_conversation_goes_with_its_ads_and_events_and_the_others_stay() -> None:
    await turn("conv-1", "alice")
    await turn("conv-2", "alice")
    assert await retention.forget_conversation("conv-1") > 1
    assert [row.conversation_id async for row in AdSession.objects.all()] == ["conv-2"]
    assert await AdSlot.objects.acount() == 1
    assert await retention.forget_conversation("conv-1") == 0


async def test_an_answer_that_comes_after_it_brings_nothing_back() -> None:
    process = Process(AdServer())
    gate = process.server.hold("/preload", filled())
    session = await process.get("conv-1", "alice")
    await session.add_message(user(1))
    await process.server.arrival("/preload")
    await retention.forget_user("alice")
    gate.set()
    await process.idle()
    await session.add_message(assistant(1))
    await process.idle()
    assert not any((await counts()).values())


async def test_what_is_old_is_pruned() -> None:
    await turn("conv-1", "alice")
    await turn("conv-2", "bob")
    long_ago = timezone.now() - timedelta(days=40)
    for old in (AdSession.objects.filter(user_id="alice"), AdBrowser.objects.filter(user_id="alice")):
        await old.aupdate(updated_at=long_ago)
    await AdRelay.objects.filter(user_id="alice").aupdate(created_at=long_ago)
    await retention.prune(timezone.now() - timedelta(days=30))
    assert [row.user_id async for row in AdSession.objects.all()] == ["bob"]
    assert [row.user_id async for row in AdBrowser.objects.all()] == ["bob"]
    assert [row.user_id async for row in AdRelay.objects.all()] == ["bob"]
