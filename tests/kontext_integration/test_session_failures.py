"""Protocol 2.3 to 2.7: requests that fail, and what the ad server and the publisher hear of it."""

from __future__ import annotations

import httpx
import pytest

from .fakes import (
    AdServer,
    Heard,
    Process,
    assistant,
    filled,
    skipped,
    user,
)
from .rows import event_names, slots

pytestmark = pytest.mark.django_db(transaction=True)


async def test_2_3_init_disables_the_session_for_good(process: Process, server: AdServer, heard: Heard) -> None:
    server.script("/init", httpx.Response(200, json={"enabled": False}))
    session = await process.get()
    await process.idle()
    await session.add_message(user(1))
    await (await process.get()).add_message(user(2))
    await process.idle()
    assert server.to("/preload") == []
    assert [(name, given["event"].err_code) for name, given in heard] == [("ad.error", "session_disabled_by_init")]


async def test_2_3_the_timeout_of_init_counts_from_the_next_preload_on(process: Process, server: AdServer) -> None:
    server.script("/init", httpx.Response(200, json={"preloadTimeout": 1}))
    session = await process.get()
    await process.idle()
    for _ in range(4):
        server.hold("/preload", skipped())
    await session.add_message(user(1))
    await process.idle()
    assert len(server.to("/preload")) == 4
    assert server.to("/error")[0].body["error"] == "Timed out after 1 ms"


async def test_2_3_a_failed_init_is_reported_and_disturbs_nothing(process: Process, server: AdServer) -> None:
    server.script("/init", *[httpx.ConnectError("refused")] * 4)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.to("/error")[0].body["stack"] == "Init.fetch"
    assert len(server.to("/preload")) == 1


async def test_2_7_failures_are_retried_with_the_backoff_of_the_protocol(process: Process, server: AdServer) -> None:
    steps = (httpx.ConnectError("refused"), httpx.Response(429), httpx.ReadTimeout("slow"), filled())
    server.script("/preload", *steps)
    session = await process.get()
    await session.add_message(user(1))
    await session.add_message(assistant(1))
    await process.idle()
    assert process.sleep.backoffs == [1, 2, 4]
    assert len({str(seen.body) for seen in server.to("/preload")}) == 1
    assert len(await slots()) == 1


async def test_2_7_a_newer_user_message_aborts_a_backoff(process: Process, server: AdServer) -> None:
    process.sleep.hold(1)
    server.script("/preload", httpx.ConnectError("refused"))
    session = await process.get()
    await session.add_message(user(1))
    await server.arrival("/preload")
    await session.add_message(user(2))
    await process.idle()
    assert [seen.body["messages"][-1]["id"] for seen in server.to("/preload")] == ["u1", "u2"]
    assert server.to("/error") == []


async def test_2_4_row_2_no_answer_at_all_is_one_error_event_and_one_report(
    process: Process, server: AdServer, heard: Heard
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


async def test_2_5_a_malformed_answer_is_reported_and_a_server_error_is_not(process: Process, server: AdServer) -> None:
    server.script("/preload", httpx.Response(500), httpx.Response(200, text="<html>"))
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.to("/error") == []
    await session.add_message(user(2))
    await process.idle()
    assert len(server.to("/preload")) == 2
    assert len(server.to("/error")) == 1


async def test_2_5_init_can_close_the_gate_for_error_reports(process: Process, server: AdServer) -> None:
    server.script("/init", httpx.Response(200, json={"reportErrors": False}))
    server.script("/preload", httpx.Response(200, text=""))
    session = await process.get()
    await process.idle()
    await session.add_message(user(1))
    await process.idle()
    assert await event_names() == ["ad.error"]
    assert server.to("/error") == []


async def test_2_6_debug_notes_leave_only_when_init_asks_for_them(process: Process, server: AdServer) -> None:
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


async def test_4_2_a_permanent_error_ends_the_requests_and_keeps_the_ads(
    process: Process, server: AdServer, heard: Heard
) -> None:
    server.script("/preload", filled(), httpx.Response(200, json={"errCode": "geo_disabled", "permanent": True}))
    session = await process.get()
    for message in (user(1), assistant(1), user(2), assistant(2), user(3)):
        await session.add_message(message)
        await process.idle()
    assert len(server.to("/preload")) == 2
    assert [name for name, _ in heard] == ["ad.filled", "slot_filled", "ad.error"]
    assert [slot.released_at for slot in await slots()] == [None]


async def test_5_3_a_refusal_of_invalid_traffic_is_told_to_the_operator(
    process: Process, server: AdServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script("/preload", skipped("ivt_blocked"))
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert "the ad server refused a request: ivt_blocked" in caplog.text


async def test_2_5_a_report_outlives_the_session_that_caused_it(process: Process, server: AdServer) -> None:
    server.script("/preload", httpx.Response(200, text="<html>"))
    gate = server.hold("/error", httpx.Response(200))
    session = await process.get()
    await session.add_message(user(1))
    await server.arrival("/error")
    await session.destroy()
    gate.set()
    await process.idle()
    assert server.aborted == []


async def test_2_3_a_session_that_was_destroyed_reports_no_failure_of_its_init(
    process: Process, server: AdServer
) -> None:
    gate = server.hold("/init", httpx.Response(200, text="<html>"))
    session = await process.get()
    await server.arrival("/init")
    await session.destroy()
    gate.set()
    await process.idle()
    assert server.to("/error") == []
