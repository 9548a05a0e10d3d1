"""Protocol 4.7, and that a session stays out of the way of the chat."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from django.utils import timezone

from kontext_integration.entities import Options
from kontext_integration.models import AdSession, AdSlot

from .fakes import (
    AdServer,
    Heard,
    Process,
    assistant,
    filled,
    skipped,
    user,
)
from .rows import slots

pytestmark = pytest.mark.django_db(transaction=True)


async def test_4_7_destroy_aborts_everything_and_stays_silent(process: Process, server: AdServer, heard: Heard) -> None:
    server.hold("/init", httpx.Response(200, json={"enabled": False}))
    server.hold("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await server.arrival("/preload")
    await server.arrival("/init")
    await session.destroy()
    await session.destroy()
    await session.add_message(user(2))
    await process.idle()
    assert sorted(server.aborted) == ["/init", "/preload"]
    assert heard == []
    assert {seen.path for seen in server.seen} == {"/init", "/preload"}


async def test_4_7_destroy_takes_the_slots_off_later_pages(process: Process, server: AdServer) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    await session.destroy()
    [slot] = await slots()
    assert slot.released_at is not None
    assert slot.snapshot == []


async def test_4_7_destroy_forgets_the_words_of_slots_that_were_released_before(
    process: Process, server: AdServer
) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    await AdSlot.objects.aupdate(message_id="long ago", released_at=timezone.now())
    await session.destroy()
    [slot] = await slots()
    assert slot.snapshot == []


async def test_adding_a_message_does_not_wait_for_the_ad_server(process: Process, server: AdServer) -> None:
    gates = [server.hold("/init", skipped()), server.hold("/preload", skipped())]
    session = await process.get()
    async with asyncio.timeout(5):
        await session.add_message(user(1))
        await session.add_message(assistant(1))
    for gate in gates:
        gate.set()


async def test_a_cancelled_caller_does_not_lose_the_message(process: Process, server: AdServer) -> None:
    session = await process.get()
    adding = asyncio.create_task(session.add_message(user(1)))
    await asyncio.sleep(0)
    adding.cancel()
    await asyncio.wait({adding})
    await process.idle()
    assert len(server.to("/preload")) == 1


async def test_a_lost_record_makes_the_handle_harmless(process: Process, server: AdServer) -> None:
    session = await process.get()
    await process.idle()
    await AdSession.objects.all().adelete()
    await session.add_message(user(1))
    await session.update_options(variant_id=Options().variant_id)
    await process.idle()
    assert server.to("/preload") == []
