"""The session as the chat uses it, seen from the wire and the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from django.test import override_settings
from django.utils import timezone

from kontext_integration import signals
from kontext_integration.entities import Character, Options, Regulatory
from kontext_integration.models import AdEvent, AdSession, AdSlot
from kontext_integration.session import NoSession
from tests.kontext_integration.fakes import (
    BID_ID,
    OTHER_BID_ID,
    SESSION_ID,
    AdServer,
    Process,
    assistant,
    bid,
    filled,
    skipped,
    user,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    process = Process()
    yield process
    await process.idle()


@pytest.fixture
def server(process: Process) -> AdServer:
    return process.server


@pytest.fixture
def heard() -> Any:
    """The names of all signals in the order in which they were sent, with what they carried."""
    calls: list[tuple[str, dict[str, Any]]] = []
    receivers = []
    for name, signal in {**signals.EVENT_SIGNALS, "slot_filled": signals.slot_filled}.items():

        def note(sender: Any, signal: Any, name: str = name, **given: Any) -> None:
            calls.append((name, given))

        signal.connect(note)
        receivers.append((signal, note))
    yield calls
    for signal, note in receivers:
        signal.disconnect(note)


async def slots() -> list[AdSlot]:
    return [slot async for slot in AdSlot.objects.order_by("id")]


async def events() -> list[str]:
    return [event.name async for event in AdEvent.objects.order_by("id")]


# --- Opening -----------------------------------------------------------------------------------------------------


async def test_opening_sends_init_exactly_once_per_record(process: Process, server: AdServer) -> None:
    for _ in range(3):
        await process.get()
    await asyncio.gather(*(process.get() for _ in range(5)))
    await process.idle()
    assert [seen.body["userId"] for seen in server.to("/init")] == ["user-1"]
    assert set(server.to("/init")[0].body) == {"publisherToken", "userId", "installId", "sdk"}


async def test_two_processes_that_open_at_once_share_one_record_and_one_init() -> None:
    server = AdServer()
    one, two = Process(server), Process(server)
    await asyncio.gather(one.get(), two.get())
    await one.idle()
    await two.idle()
    assert len(server.to("/init")) == 1
    assert await AdSession.objects.acount() == 1


async def test_another_user_gets_a_new_session_and_nothing_of_the_old_one(process: Process, server: AdServer) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    other = await process.get(user_id="user-2")
    await other.add_message(user(2))
    await process.idle()
    assert [seen.body["userId"] for seen in server.to("/init")] == ["user-1", "user-2"]
    assert [message["id"] for message in server.to("/preload")[1].body["messages"]] == ["u2"]
    assert "sessionId" not in server.to("/preload")[1].body
    assert await slots() == []


async def test_another_character_starts_over_with_the_messages_so_far(process: Process, server: AdServer) -> None:
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    luna = await process.get(character=Character("c1", "Luna", "https://example.com/luna.png"))
    await luna.add_message(user(2))
    await process.idle()
    newest = server.to("/preload")[-1].body
    assert len(server.to("/init")) == 2
    assert newest["character"]["name"] == "Luna"
    assert [message["id"] for message in newest["messages"]] == ["u1", "u2"]
    assert "sessionId" not in newest


async def test_a_handle_of_the_session_before_does_nothing_any_more(process: Process, server: AdServer) -> None:
    old = await process.get()
    await process.get(user_id="user-2")
    await old.add_message(user(1))
    await process.idle()
    assert server.to("/preload") == []


async def test_a_record_that_cannot_be_read_is_started_over(process: Process, server: AdServer) -> None:
    await process.get()
    await process.idle()
    await AdSession.objects.aupdate(state={"broken": True})
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert len(server.to("/init")) == 2
    assert len(server.to("/preload")) == 1


async def test_ads_that_are_off_send_and_store_nothing(process: Process, server: AdServer) -> None:
    with override_settings(KONTEXT={"PUBLISHER_TOKEN": ""}):
        session = await process.get()
        await session.add_message(user(1))
        await session.update_options(variant_id="A")
        await session.destroy()
    assert isinstance(session, NoSession)
    assert server.seen == []
    assert await AdSession.objects.acount() == 0


async def test_a_broken_setting_turns_ads_off_and_is_logged(process: Process, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(KONTEXT={"PUBLISHER_TOKEN": "secret", "NO_SUCH_KEY": 1}):
        session = await process.get()
    assert isinstance(session, NoSession)
    assert "get_session failed: TypeError" in caplog.text


async def test_init_disables_the_session_for_good(process: Process, server: AdServer, heard: list[Any]) -> None:
    server.script("/init", httpx.Response(200, json={"enabled": False}))
    session = await process.get()
    await process.idle()
    await session.add_message(user(1))
    await (await process.get()).add_message(user(2))
    await process.idle()
    assert server.to("/preload") == []
    assert [(name, given["event"].err_code) for name, given in heard] == [("ad.error", "session_disabled_by_init")]


async def test_the_timeout_of_init_counts_from_the_next_preload_on(process: Process, server: AdServer) -> None:
    server.script("/init", httpx.Response(200, json={"preloadTimeout": 1}))
    session = await process.get()
    await process.idle()
    for _ in range(4):
        server.hold("/preload", skipped())
    await session.add_message(user(1))
    await process.idle()
    assert len(server.to("/preload")) == 4
    assert server.to("/error")[0].body["error"] == "Timed out after 1 ms"


# --- Preloads ----------------------------------------------------------------------------------------------------


async def test_each_user_message_sends_one_preload_and_the_next_one_knows_more(
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


async def test_a_preload_carries_the_headers_of_the_protocol_and_no_others(process: Process, server: AdServer) -> None:
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


async def test_a_repeated_message_is_ignored(process: Process, server: AdServer) -> None:
    session = await process.get()
    for _ in range(3):
        await session.add_message(user(1))
    await (await process.get()).add_message(user(1))
    await process.idle()
    assert len(server.to("/preload")) == 1


async def test_messages_keep_the_order_of_the_calls_when_callers_spawn_tasks(process: Process) -> None:
    session = await process.get()
    handles = [await process.get() for _ in range(4)]
    adding = [asyncio.create_task(handle.add_message(assistant(number))) for number, handle in enumerate(handles)]
    adding.append(asyncio.create_task(session.add_message(user(9))))
    await asyncio.gather(*adding)
    record = await AdSession.objects.aget()
    assert [message["id"] for message in record.state["messages"]] == ["a0", "a1", "a2", "a3", "u9"]


async def test_a_burst_sends_one_preload_for_its_last_user_message(process: Process, server: AdServer) -> None:
    gate = process.sleep.hold(0.01)
    session = await process.get()
    for message in (user(1), assistant(1), user(2), assistant(2)):
        await session.add_message(message)
    gate.set()
    await process.idle()
    assert [[m["id"] for m in seen.body["messages"]] for seen in server.to("/preload")] == [["u1", "a1", "u2"]]


async def test_a_newer_user_message_aborts_the_request_in_flight(
    process: Process, server: AdServer, heard: list[Any]
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


async def test_a_newer_user_message_aborts_a_backoff(process: Process, server: AdServer) -> None:
    process.sleep.hold(1)
    server.script("/preload", httpx.ConnectError("refused"))
    session = await process.get()
    await session.add_message(user(1))
    await server.arrival("/preload")
    await session.add_message(user(2))
    await process.idle()
    assert [seen.body["messages"][-1]["id"] for seen in server.to("/preload")] == ["u1", "u2"]
    assert server.to("/error") == []


async def test_a_result_that_another_process_superseded_is_dropped(heard: list[Any]) -> None:
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


async def test_options_are_read_when_the_request_is_built(process: Process, server: AdServer) -> None:
    gate = process.sleep.hold(0.01)
    session = await process.get()
    await session.add_message(user(1))
    await session.update_options(variant_id="B", user_email="ann@example.com", regulatory=Regulatory(coppa=0))
    gate.set()
    await process.idle()
    body = server.to("/preload")[0].body
    assert (body["variantId"], body["userEmail"], body["regulatory"]) == ("B", "ann@example.com", {"coppa": 0})


async def test_tracking_only_says_so_and_shows_no_ad(process: Process, server: AdServer, heard: list[Any]) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1), track_only=True)
    await session.add_message(assistant(1))
    await process.idle()
    assert server.to("/preload")[0].headers["kontextso-is-disabled"] == "1"
    assert heard == []
    assert await slots() == []


async def test_at_most_thirty_messages_are_kept_and_sent(process: Process, server: AdServer) -> None:
    session = await process.get()
    for number in range(20):
        await session.add_message(user(number))
        await session.add_message(assistant(number))
    await session.add_message(user(99))
    await process.idle()
    assert len(server.to("/preload")[-1].body["messages"]) == 30
    assert len((await AdSession.objects.aget()).state["messages"]) == 30


async def test_failures_are_retried_with_the_backoff_of_the_protocol(process: Process, server: AdServer) -> None:
    steps = (httpx.ConnectError("refused"), httpx.Response(429), httpx.ReadTimeout("slow"), filled())
    server.script("/preload", *steps)
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    assert process.sleep.backoffs == [1, 2, 4]
    assert len({str(seen.body) for seen in server.to("/preload")}) == 1
    assert len(await slots()) == 1


async def test_no_answer_at_all_is_one_error_event_and_one_report(
    process: Process, server: AdServer, heard: list[Any]
) -> None:
    server.script("/preload", *[httpx.ConnectError("refused")] * 4)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert [(name, given["event"].err_code) for name, given in heard] == [("ad.error", "request_failed")]
    report = server.to("/error")[0]
    assert len(server.to("/error")) == 1
    assert "kontextso-publisher-token" not in report.headers
    assert report.body["additionalData"]["conversationId"] == "conv-1"


async def test_a_malformed_answer_is_reported_and_a_server_error_is_not(process: Process, server: AdServer) -> None:
    server.script("/preload", httpx.Response(500), httpx.Response(200, text="<html>"))
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.to("/error") == []
    await session.add_message(user(2))
    await process.idle()
    assert len(server.to("/preload")) == 2
    assert len(server.to("/error")) == 1


async def test_init_can_close_the_gate_for_error_reports(process: Process, server: AdServer) -> None:
    server.script("/init", httpx.Response(200, json={"reportErrors": False}))
    server.script("/preload", httpx.Response(200, text=""))
    session = await process.get()
    await process.idle()
    await session.add_message(user(1))
    await process.idle()
    assert await events() == ["ad.error"]
    assert server.to("/error") == []


async def test_a_failed_init_is_reported_and_disturbs_nothing(process: Process, server: AdServer) -> None:
    server.script("/init", *[httpx.ConnectError("refused")] * 4)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.to("/error")[0].body["stack"] == "Init.fetch"
    assert len(server.to("/preload")) == 1


async def test_debug_notes_leave_only_when_init_asks_for_them(process: Process, server: AdServer) -> None:
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.to("/debug") == []
    server.script("/init", httpx.Response(200, json={"reportDebug": True}))
    asked = await process.get(conversation_id="conv-2")
    await process.idle()
    await asked.add_message(user(1, "a private text"))
    await process.idle()
    names = [seen.body["name"] for seen in server.to("/debug")]
    assert names[0] == "Session: message-added"
    assert all(name.startswith("Session: ") for name in names)
    assert "a private text" not in str([seen.body for seen in server.to("/debug")])


async def test_a_permanent_error_ends_the_requests_and_keeps_the_ads(
    process: Process, server: AdServer, heard: list[Any]
) -> None:
    server.script("/preload", filled(), httpx.Response(200, json={"errCode": "geo_disabled", "permanent": True}))
    session = await process.get()
    for message in (user(1), assistant(1), user(2), assistant(2), user(3)):
        await session.add_message(message)
        await process.idle()
    assert len(server.to("/preload")) == 2
    assert [name for name, _ in heard] == ["ad.filled", "slot_filled", "ad.error"]
    assert [slot.released_at for slot in await slots()] == [None]


# --- Pairing -----------------------------------------------------------------------------------------------------


async def test_a_bid_that_is_there_first_goes_to_the_reply(
    process: Process, server: AdServer, heard: list[Any]
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


async def test_a_bid_that_comes_later_goes_to_the_newest_reply(process: Process, server: AdServer) -> None:
    gate = server.hold("/preload", filled())
    session = await process.get()
    for message in (user(1), assistant(1), assistant(2)):
        await session.add_message(message)
    gate.set()
    await process.idle()
    assert [slot.message_id for slot in await slots()] == ["a2"]


async def test_the_snapshot_is_frozen_when_the_user_message_is_added(process: Process, server: AdServer) -> None:
    gate = server.hold("/preload", filled())
    session = await process.get()
    await session.add_message(user(1, "Hi"))
    await session.add_message(assistant(1, "Hello!"))
    gate.set()
    await process.idle()
    [slot] = await slots()
    assert slot.snapshot == server.to("/preload")[0].body["messages"]
    assert [message["id"] for message in slot.snapshot] == ["u1"]


async def test_one_link_carries_the_bids_of_all_placements(process: Process, server: AdServer) -> None:
    server.script("/preload", filled(bid(BID_ID), bid(OTHER_BID_ID, "banner"), bid(OTHER_BID_ID)))
    codes = {"PUBLISHER_TOKEN": "t", "AD_SERVER_URL": "http://ads.test", "PLACEMENT_CODES": ["inlineAd", "banner"]}
    with override_settings(KONTEXT=codes):
        session = await process.get()
        await session.add_message(user(1))
        await session.add_message(assistant(1))
        await process.idle()
    assert {slot.code: str(slot.bid_id) for slot in await slots()} == {"inlineAd": BID_ID, "banner": OTHER_BID_ID}


async def test_the_slot_is_stored_before_it_is_announced(process: Process, server: AdServer) -> None:
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


async def test_a_failing_receiver_breaks_neither_the_session_nor_the_other_receivers(
    process: Process, server: AdServer, heard: list[Any]
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


# --- The end, and staying out of the way -------------------------------------------------------------------------


async def test_destroy_aborts_everything_and_stays_silent(process: Process, server: AdServer, heard: list[Any]) -> None:
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


async def test_after_destroy_the_next_call_opens_a_new_session(process: Process, server: AdServer) -> None:
    session = await process.get()
    await server.arrival("/init")
    await session.destroy()
    await (await process.get()).add_message(user(1))
    await process.idle()
    assert len(server.to("/init")) == 2
    assert len(server.to("/preload")) == 1


async def test_destroy_takes_the_slots_off_later_pages(process: Process, server: AdServer) -> None:
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    await session.destroy()
    [slot] = await slots()
    assert slot.released_at is not None
    assert slot.snapshot == []


async def test_destroy_forgets_the_words_of_slots_that_were_released_before(process: Process, server: AdServer) -> None:
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


async def test_no_log_line_holds_a_text_an_address_or_the_token(
    process: Process, server: AdServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.script("/preload", httpx.ConnectError("refused"), filled(), httpx.Response(200, text="{"), skipped())
    session = await process.get()
    await session.update_options(user_email="ann@example.com")
    for message in (user(1, "my secret"), assistant(1, "your secret"), user(2, "more secret"), user(3, "and secret")):
        await session.add_message(message)
        await process.idle()
    await session.destroy()
    text = "\n".join(record.getMessage() for record in caplog.records if record.name == "kontext_integration")
    assert "/preload: 200" in text
    for private in ("secret", "ann@example.com", "test-token"):
        assert private not in text


async def test_a_refusal_of_invalid_traffic_is_told_to_the_operator(
    process: Process, server: AdServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script("/preload", skipped("ivt_blocked"))
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert "the ad server refused a request: ivt_blocked" in caplog.text


async def test_a_lost_record_makes_the_handle_harmless(process: Process, server: AdServer) -> None:
    session = await process.get()
    await process.idle()
    await AdSession.objects.all().adelete()
    await session.add_message(user(1))
    await session.update_options(variant_id=Options().variant_id)
    await process.idle()
    assert server.to("/preload") == []


async def test_every_event_is_kept_for_reports_without_texts(process: Process, server: AdServer) -> None:
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
