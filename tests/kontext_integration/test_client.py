"""Protocol 2.2 to 2.6: what the client sends to each endpoint, and what each answer becomes."""

from __future__ import annotations

import httpx
import pytest

from kontext_integration.entities import App, Configuration
from kontext_integration.outcomes import InitApplied, InitIgnored, PreloadFailed, PreloadFilled, PreloadNoFill

from .asking import CONFIG, client_of, init, preload
from .builders import BID_ID, INSTALL_ID, SESSION_ID
from .fakes import AdServer, filled


async def test_2_3_init_sends_the_body_and_the_headers_of_the_protocol(server: AdServer) -> None:
    config = Configuration(
        "tok", "user-1", "conv-1", app=App("chat.example.com", "1.4.0"), ad_server_url="http://ads.test"
    )
    await init(client_of(server), config)
    [seen] = server.seen
    assert seen.body == {
        "publisherToken": "tok",
        "userId": "user-1",
        "installId": INSTALL_ID,
        "sdk": {"name": "sdk-js", "platform": "web", "version": "4.0.2"},
        "app": {"bundleId": "chat.example.com", "version": "1.4.0"},
    }
    assert set(seen.headers) == {
        "host",
        "content-type",
        "content-length",
        "kontextso-publisher-token",
        "x-forwarded-for",
    }


async def test_2_4_a_preload_sends_each_message_with_milliseconds_and_z(server: AdServer) -> None:
    await preload(client_of(server))
    assert server.seen[0].path == "/base/preload"
    assert server.seen[0].body["messages"] == [
        {"id": "u1", "role": "user", "content": "Hi", "createdAt": "2024-01-15T10:30:00.123Z"}
    ]
    assert server.seen[0].headers["user-agent"] == "Moz"


@pytest.mark.parametrize(("track_only", "header"), [(False, "0"), (True, "1")])
async def test_2_2_a_preload_says_whether_it_is_only_tracked(server: AdServer, track_only: bool, header: str) -> None:
    await preload(client_of(server), track_only=track_only)
    assert server.seen[0].headers["kontextso-is-disabled"] == header


async def test_2_3_init_becomes_what_the_server_answered(server: AdServer) -> None:
    server.script("/base/init", httpx.Response(200, json={"enabled": False, "preloadTimeout": 8000}))
    assert await init(client_of(server)) == InitApplied(enabled=False, preload_timeout_ms=8000)


async def test_2_3_init_without_an_answer_is_to_be_reported(server: AdServer) -> None:
    server.script("/base/init", *[httpx.ConnectError("")] * 4)
    answer = await init(client_of(server))
    assert isinstance(answer, InitIgnored)
    assert answer.report is not None
    assert answer.report.startswith("ConnectError")


async def test_2_4_a_tracked_preload_with_a_bid_ends_in_silence(server: AdServer) -> None:
    server.script("/base/preload", filled())
    outcome = await preload(client_of(server), track_only=True)
    assert not isinstance(outcome, PreloadFilled | PreloadNoFill | PreloadFailed)
    assert outcome.session_id == SESSION_ID


async def test_2_7_redirects_are_followed(server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(307, headers={"Location": "http://ads.test/elsewhere"}))
    server.script("/elsewhere", filled())
    assert isinstance(await preload(client_of(server)), PreloadFilled)
    assert server.to("/elsewhere")[0].body["publisherToken"] == "tok"


async def test_2_4_row_4_a_circle_of_redirects_is_a_status(server: AdServer) -> None:
    server.script("/base/preload", *[httpx.Response(307, headers={"Location": "/base/preload"})] * 10)
    assert await preload(client_of(server)) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 6


async def test_2_4_row_4_a_redirect_away_from_the_web_is_not_followed(server: AdServer) -> None:
    server.script("/base/preload", httpx.UnsupportedProtocol("ftp"))
    assert await preload(client_of(server)) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 1


async def test_2_2_cookies_are_not_kept(server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(204, headers={"Set-Cookie": "id=1; Path=/"}))
    client = client_of(server)
    assert await preload(client) == PreloadNoFill("unfilled_bid")
    await preload(client)
    assert "cookie" not in server.seen[1].headers


async def test_a_token_that_no_header_can_carry_is_a_failure_without_the_token(server: AdServer) -> None:
    config = Configuration("tokén", "user-1", "conv-1", ad_server_url="http://ads.test")
    assert await init(client_of(server), config) == InitIgnored("UnicodeEncodeError")


async def test_2_5_an_error_report_is_sent_once_and_swallowed(server: AdServer) -> None:
    server.script("/base/error", httpx.ConnectError("refused"))
    await client_of(server).report_error(
        CONFIG, install_id=INSTALL_ID, error="Read timed out", stack="Preload.fetch", bid_id=BID_ID
    )
    [seen] = server.seen
    assert (seen.body["error"], seen.body["stack"]) == ("Read timed out", "Preload.fetch")
    assert seen.body["additionalData"]["bidId"] == BID_ID
    assert set(seen.headers) == {"host", "content-type", "content-length"}


async def test_2_6_a_debug_note_is_sent_once_with_its_data_as_text(server: AdServer) -> None:
    server.script("/base/debug", httpx.Response(429))
    await client_of(server).report_debug(
        CONFIG, install_id=INSTALL_ID, session_id=None, name="Session: bid-assigned", data={"messageId": "a1"}
    )
    [seen] = server.seen
    assert seen.body["data"] == '{"messageId":"a1"}'
    assert "sessionId" not in seen.body["additionalData"]
    assert set(seen.headers) == {"host", "content-type", "content-length"}
