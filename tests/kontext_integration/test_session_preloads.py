"""Protocol 4.3 and 4.4: the preloads of a session, seen from the wire."""

from __future__ import annotations

import asyncio

import pytest

from kontext_integration.entities import Regulatory
from kontext_integration.models import AdSession

from .fakes import (
    OTHER_BID_ID,
    SESSION_ID,
    AdServer,
    Heard,
    Process,
    assistant,
    bid,
    filled,
    user,
)
from .rows import slots

pytestmark = pytest.mark.django_db(transaction=True)


async def test_4_3_each_user_message_sends_one_preload_and_the_next_one_knows_more(
    process: Process, server: AdServer
) -> None:
    session = await process.get()
    await session.add_message(user(1, "Hi"))
    await process.idle()
    await session.add_message(assistant(1))
    await session.add_message(user(2, "Rome?"))
    await process.idle()
    first, second = server.to("/preload")
    assert [(message["role"], message["content"]) for message in first.body["messages"]] == [("user", "Hi")]
    assert [message["id"] for message in second.body["messages"]] == ["u1", "a1", "u2"]
    assert {message["role"] for message in second.body["messages"]} == {"user", "assistant"}
    assert "sessionId" not in first.body
    assert second.body["sessionId"] == SESSION_ID


async def test_2_2_a_preload_carries_the_headers_of_the_protocol_and_no_others(
    process: Process, server: AdServer
) -> None:
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert dict(server.to("/preload")[0].headers) == {
        "host": "ads.test",
        "content-type": "application/json",
        "content-length": server.to("/preload")[0].headers["content-length"],
        "kontextso-publisher-token": "test-token",
        "kontextso-is-disabled": "0",
    }


async def test_4_3_a_repeated_message_is_ignored(process: Process, server: AdServer) -> None:
    session = await process.get()
    for _ in range(3):
        await session.add_message(user(1))
    await (await process.get()).add_message(user(1))
    await process.idle()
    assert len(server.to("/preload")) == 1


async def test_4_3_messages_keep_the_order_of_the_calls_when_callers_spawn_tasks(process: Process) -> None:
    session = await process.get()
    handles = [await process.get() for _ in range(4)]
    adding = [asyncio.create_task(handle.add_message(assistant(number))) for number, handle in enumerate(handles)]
    adding.append(asyncio.create_task(session.add_message(user(9))))
    await asyncio.gather(*adding)
    record = await AdSession.objects.aget()
    assert [message["id"] for message in record.state["messages"]] == ["a0", "a1", "a2", "a3", "u9"]


async def test_4_3_a_burst_sends_one_preload_for_its_last_user_message(process: Process, server: AdServer) -> None:
    gate = process.sleep.hold(0.01)
    session = await process.get()
    for message in (user(1), assistant(1), user(2), assistant(2)):
        await session.add_message(message)
    gate.set()
    await process.idle()
    assert [[m["id"] for m in seen.body["messages"]] for seen in server.to("/preload")] == [["u1", "a1", "u2"]]


async def test_4_4_a_newer_user_message_aborts_the_request_in_flight(
    process: Process, server: AdServer, heard: Heard
) -> None:
    server.hold("/preload", filled(session_id=OTHER_BID_ID))
    server.script("/preload", filled(bid(OTHER_BID_ID)))
    session = await process.get()
    await session.add_message(user(1))
    await server.arrival("/preload")
    await session.add_message(user(2))
    await session.add_message(assistant(2))
    await process.idle()
    assert server.aborted == ["/preload"]
    assert [name for name, _ in heard] == ["ad.filled", "slot_filled"]
    assert [str(slot.bid_id) for slot in await slots()] == [OTHER_BID_ID]
    assert "sessionId" not in server.to("/preload")[1].body
    assert server.to("/error") == []


async def test_4_10_a_result_that_another_process_superseded_is_dropped(heard: Heard) -> None:
    server = AdServer()
    one, two = Process(server), Process(server)
    gate = server.hold("/preload", filled())
    session = await one.get()
    await session.add_message(user(1))
    await server.arrival("/preload")
    elsewhere = await two.get()
    await elsewhere.add_message(user(2))
    await elsewhere.add_message(assistant(2))
    await two.idle()
    gate.set()
    await one.idle()
    assert [name for name, _ in heard] == ["ad.no-fill"]
    assert await slots() == []


async def test_2_4_options_are_read_when_the_request_is_built(process: Process, server: AdServer) -> None:
    gate = process.sleep.hold(0.01)
    session = await process.get()
    await session.add_message(user(1))
    await session.update_options(variant_id="B", user_email="ann@example.com", regulatory=Regulatory(coppa=0))
    gate.set()
    await process.idle()
    body = server.to("/preload")[0].body
    assert (body["variantId"], body["userEmail"], body["regulatory"]) == ("B", "ann@example.com", {"coppa": 0})


async def test_2_4_row_10_tracking_only_says_so_and_shows_no_ad(
    process: Process, server: AdServer, heard: Heard
) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1), track_only=True)
    await session.add_message(assistant(1))
    await process.idle()
    assert server.to("/preload")[0].headers["kontextso-is-disabled"] == "1"
    assert heard == []
    assert await slots() == []


async def test_4_3_at_most_thirty_messages_are_kept_and_sent(process: Process, server: AdServer) -> None:
    session = await process.get()
    for number in range(20):
        await session.add_message(user(number))
        await session.add_message(assistant(number))
    await session.add_message(user(99))
    await process.idle()
    assert len(server.to("/preload")[-1].body["messages"]) == 30
    assert len((await AdSession.objects.aget()).state["messages"]) == 30
