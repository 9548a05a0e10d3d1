"""Protocol 4.5 and 5.1: bids, their messages, and who hears of them, with real records."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from kontext_integration import signals
from kontext_integration.models import AdEvent, AdSlot

from .fakes import (
    BID_ID,
    OTHER_BID_ID,
    AdServer,
    Heard,
    Process,
    assistant,
    bid,
    filled,
    skipped,
    user,
)
from .rows import slots

pytestmark = pytest.mark.django_db(transaction=True)


async def test_4_5_a_bid_that_is_there_first_goes_to_the_reply(
    process: Process, server: AdServer, heard: Heard
) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1, "Hi"))
    await process.idle()
    assert await slots() == []
    await session.add_message(assistant(1))
    await process.idle()
    [slot] = await slots()
    assert (slot.message_id, slot.code, str(slot.bid_id), slot.revenue) == ("a1", "inlineAd", BID_ID, 0.05)
    assert [name for name, _ in heard] == ["ad.filled", "slot_filled"]
    assert heard[1][1] == {"conversation_id": "conv-1", "message_id": "a1", "code": "inlineAd"}


async def test_4_5_a_bid_that_comes_later_goes_to_the_newest_reply(process: Process, server: AdServer) -> None:
    gate = server.hold("/preload", filled())
    session = await process.get()
    for message in (user(1), assistant(1), assistant(2)):
        await session.add_message(message)
    gate.set()
    await process.idle()
    assert [slot.message_id for slot in await slots()] == ["a2"]


async def test_4_3_the_snapshot_is_frozen_when_the_user_message_is_added(process: Process, server: AdServer) -> None:
    gate = server.hold("/preload", filled())
    session = await process.get()
    await session.add_message(user(1, "Hi"))
    await session.add_message(assistant(1, "Hello!"))
    gate.set()
    await process.idle()
    [slot] = await slots()
    assert slot.snapshot == server.to("/preload")[0].body["messages"]
    assert [message["id"] for message in slot.snapshot] == ["u1"]


async def test_4_5_one_link_carries_the_bids_of_all_placements(process: Process, server: AdServer) -> None:
    server.script("/preload", filled(bid(BID_ID), bid(OTHER_BID_ID, "banner"), bid(OTHER_BID_ID)))
    codes = {"PUBLISHER_TOKEN": "t", "AD_SERVER_URL": "http://ads.test", "PLACEMENT_CODES": ["inlineAd", "banner"]}
    with override_settings(KONTEXT=codes):
        session = await process.get()
        await session.add_message(user(1))
        await session.add_message(assistant(1))
        await process.idle()
    assert {slot.code: str(slot.bid_id) for slot in await slots()} == {"inlineAd": BID_ID, "banner": OTHER_BID_ID}


async def test_4_10_the_slot_is_stored_before_it_is_announced(process: Process, server: AdServer) -> None:
    stored: list[bool] = []

    async def look(message_id: str, **given: Any) -> None:
        stored.append(await AdSlot.objects.filter(message_id=message_id).aexists())

    signals.slot_filled.connect(look)
    try:
        server.script("/preload", filled())
        session = await process.get()
        await session.add_message(user(1))
        await session.add_message(assistant(1))
        await process.idle()
    finally:
        signals.slot_filled.disconnect(look)
    assert stored == [True]


async def test_5_1_a_failing_receiver_breaks_neither_the_session_nor_the_other_receivers(
    process: Process, server: AdServer, heard: Heard
) -> None:
    def fail(**given: Any) -> None:
        raise RuntimeError

    signals.ad_filled.connect(fail)
    try:
        server.script("/preload", filled())
        session = await process.get()
        await session.add_message(user(1))
        await session.add_message(assistant(1))
        await process.idle()
    finally:
        signals.ad_filled.disconnect(fail)
    assert [name for name, _ in heard] == ["ad.filled", "slot_filled"]


async def test_5_2_every_event_is_kept_for_reports_without_texts(process: Process, server: AdServer) -> None:
    server.script("/preload", filled(), skipped("ads_disabled"))
    session = await process.get()
    await session.add_message(user(1, "my secret"))
    await process.idle()
    await session.add_message(user(2, "my secret"))
    await process.idle()
    rows = [(row.name, row.bid_id and str(row.bid_id), row.payload) async for row in AdEvent.objects.order_by("id")]
    assert rows == [
        ("ad.filled", BID_ID, {"code": "inlineAd", "revenue": 0.05}),
        ("ad.no-fill", None, {"skip_code": "ads_disabled"}),
    ]
