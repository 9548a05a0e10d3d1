"""The client against a scripted ad server: what leaves, how often, and what each answer becomes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from kontext_integration.client import AdClient
from kontext_integration.entities import App, Configuration, Message, Options
from kontext_integration.outcomes import InitApplied, InitIgnored, PreloadFailed, PreloadFilled, PreloadNoFill
from kontext_integration.state import PreloadStart
from kontext_integration.transport import HttpTransport, new_http_client
from tests.kontext_integration.fakes import AdServer, RecordedSleep, filled, skipped

INSTALL_ID = "01890000-0000-7000-8000-000000000001"
CONFIG = Configuration("tok", "user-1", "conv-1", ad_server_url="http://ads.test/base/")
MESSAGE = Message("u1", "user", "Hi", datetime(2024, 1, 15, 10, 30, 0, 123456, tzinfo=UTC))


@pytest.fixture
def server() -> AdServer:
    return AdServer()


@pytest.fixture
def sleep() -> RecordedSleep:
    return RecordedSleep()


@pytest.fixture
def client(server: AdServer, sleep: RecordedSleep) -> AdClient:
    return AdClient(server.transport(), sleep)


def start(timeout_ms: int = 16_000, track_only: bool = False) -> PreloadStart:
    return PreloadStart(1, track_only, (MESSAGE,), None, Options(), timeout_ms)


async def preload(client: AdClient, begun: PreloadStart | None = None) -> Any:
    return await client.preload(
        CONFIG, begun or start(), options=Options(), install_id=INSTALL_ID, device={}, forwarded={"User-Agent": "Moz"}
    )


async def test_init_sends_the_body_and_the_headers_of_the_protocol(client: AdClient, server: AdServer) -> None:
    config = Configuration(
        "tok", "user-1", "conv-1", app=App("chat.example.com", "1.4.0"), ad_server_url="http://ads.test"
    )
    await client.init(config, install_id=INSTALL_ID, forwarded={"X-Forwarded-For": "203.0.113.9"})
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


async def test_a_preload_sends_each_message_with_milliseconds_and_z(client: AdClient, server: AdServer) -> None:
    await preload(client)
    assert server.seen[0].path == "/base/preload"
    assert server.seen[0].body["messages"] == [
        {"id": "u1", "role": "user", "content": "Hi", "createdAt": "2024-01-15T10:30:00.123Z"}
    ]
    assert server.seen[0].headers["user-agent"] == "Moz"


async def test_init_becomes_what_the_server_answered(client: AdClient, server: AdServer) -> None:
    server.script("/base/init", httpx.Response(200, json={"enabled": False, "preloadTimeout": 8000}))
    assert await client.init(CONFIG, install_id=INSTALL_ID, forwarded={}) == InitApplied(
        enabled=False, preload_timeout_ms=8000
    )


async def test_init_without_an_answer_is_to_be_reported(client: AdClient, server: AdServer) -> None:
    server.script("/base/init", *[httpx.ConnectError("refused")] * 4)
    assert await client.init(CONFIG, install_id=INSTALL_ID, forwarded={}) == InitIgnored("ConnectError: refused")


@pytest.mark.parametrize(
    ("status", "retries"), [(200, 0), (204, 0), (302, 0), (400, 0), (403, 0), (500, 0), (503, 0), (429, 3)]
)
async def test_of_all_statuses_only_429_is_retried(
    client: AdClient, server: AdServer, sleep: RecordedSleep, status: int, retries: int
) -> None:
    server.script("/base/preload", *[httpx.Response(status)] * 4)
    await preload(client)
    assert len(server.seen) == 1 + retries
    assert sleep.seconds == [1, 2, 4][:retries]


@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")])
async def test_network_errors_are_retried_three_times(
    client: AdClient, server: AdServer, sleep: RecordedSleep, error: Exception
) -> None:
    server.script("/base/preload", *[error] * 4)
    outcome = await preload(client)
    assert len(server.seen) == 4
    assert sleep.seconds == [1, 2, 4]
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"


async def test_a_network_error_followed_by_a_server_error_stops(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.ConnectError(""), httpx.Response(500))
    assert await preload(client) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 2


async def test_every_attempt_has_the_timeout_of_its_own(client: AdClient, server: AdServer) -> None:
    server.hold("/base/preload", skipped())
    server.script("/base/preload", filled())
    assert isinstance(await preload(client, start(timeout_ms=5)), PreloadFilled)
    assert server.aborted == ["/base/preload"]


async def test_a_server_that_drips_bytes_runs_into_the_timeout(sleep: RecordedSleep) -> None:
    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            while True:
                yield b" "
                await asyncio.sleep(0)

    def drip(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Drip())

    server = AdServer()
    for _ in range(4):

        async def answer(request: httpx.Request) -> httpx.Response:
            return drip(request)

        server.script("/base/preload", answer)
    outcome = await preload(AdClient(server.transport(), sleep), start(timeout_ms=5))
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"


async def test_an_endless_answer_is_cut_and_counts_as_malformed(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(200, content=b"[" * 1_500_000))
    outcome = await preload(client)
    assert isinstance(outcome, PreloadFailed)
    assert len(server.seen) == 1


async def test_a_cancellation_passes_through_and_aborts_the_exchange(client: AdClient, server: AdServer) -> None:
    server.hold("/base/preload", filled())
    sending = asyncio.create_task(preload(client))
    await server.arrival("/base/preload")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.aborted == ["/base/preload"]
    assert len(server.seen) == 1


async def test_redirects_are_followed(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(307, headers={"Location": "http://ads.test/elsewhere"}))
    server.script("/elsewhere", filled())
    assert isinstance(await preload(client), PreloadFilled)
    assert server.to("/elsewhere")[0].body["publisherToken"] == "tok"


async def test_a_circle_of_redirects_is_a_status_and_not_retried(
    client: AdClient, server: AdServer, sleep: RecordedSleep
) -> None:
    server.script("/base/preload", *[httpx.Response(307, headers={"Location": "/base/preload"})] * 10)
    assert await preload(client) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 6
    assert sleep.seconds == []


async def test_a_redirect_away_from_the_web_is_not_followed(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.UnsupportedProtocol("ftp"))
    assert await preload(client) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 1


async def test_cookies_are_not_kept(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(204, headers={"Set-Cookie": "id=1; Path=/"}))
    assert await preload(client) == PreloadNoFill("unfilled_bid")
    await preload(client)
    assert "cookie" not in server.seen[1].headers


async def test_a_token_that_no_header_can_carry_is_a_failure_without_the_token(server: AdServer) -> None:
    config = Configuration("tokén", "user-1", "conv-1", ad_server_url="http://ads.test")
    answer = await AdClient(server.transport(), RecordedSleep()).init(config, install_id=INSTALL_ID, forwarded={})
    assert answer == InitIgnored("UnicodeEncodeError")


async def test_an_error_report_is_sent_once_and_swallowed(client: AdClient, server: AdServer) -> None:
    server.script("/base/error", httpx.ConnectError("refused"))
    await client.report_error(CONFIG, install_id=INSTALL_ID, error="Read timed out", stack="Preload.fetch")
    [seen] = server.seen
    assert (seen.body["error"], seen.body["stack"]) == ("Read timed out", "Preload.fetch")
    assert set(seen.headers) == {"host", "content-type", "content-length"}


async def test_a_debug_note_is_sent_once_with_its_data_as_text(client: AdClient, server: AdServer) -> None:
    server.script("/base/debug", httpx.Response(429))
    await client.report_debug(
        CONFIG, install_id=INSTALL_ID, session_id=None, name="Session: bid-assigned", data={"messageId": "a1"}
    )
    [seen] = server.seen
    assert seen.body["data"] == '{"messageId":"a1"}'
    assert "sessionId" not in seen.body["additionalData"]


class Listener:
    """A TCP server that keeps the head of a request and answers once told to."""

    def __init__(self) -> None:
        self.head = b""
        self.got_head, self.hung_up = asyncio.Event(), asyncio.Event()
        self.answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        self.got_head.set()
        if self.answer is not None:
            writer.write(self.answer)
        while await reader.read(1000):
            pass
        self.hung_up.set()
        writer.close()


async def over_tcp(listener: Listener, http: httpx.AsyncClient) -> tuple[asyncio.Server, asyncio.Task[Any]]:
    tcp = await asyncio.start_server(listener, "127.0.0.1")
    port = tcp.sockets[0].getsockname()[1]
    config = Configuration("tok", "user-1", "conv-1", ad_server_url=f"http://127.0.0.1:{port}")
    client = AdClient(HttpTransport(http))
    return tcp, asyncio.create_task(client.init(config, install_id=INSTALL_ID, forwarded={}))


async def test_no_other_header_reaches_a_real_socket() -> None:
    listener = Listener()
    async with new_http_client() as http:
        tcp, asking = await over_tcp(listener, http)
        await asking
    tcp.close()
    lines = listener.head.decode().lower().split("\r\n")
    assert lines[0] == "post /init http/1.1"
    assert {line.partition(":")[0] for line in lines[1:] if line} == {
        "host",
        "content-type",
        "content-length",
        "kontextso-publisher-token",
    }


async def test_a_cancellation_hangs_up_on_a_real_server() -> None:
    listener = Listener()
    listener.answer = None
    async with asyncio.timeout(5), new_http_client() as http:
        tcp, asking = await over_tcp(listener, http)
        await listener.got_head.wait()
        asking.cancel()
        await listener.hung_up.wait()
    tcp.close()
    assert asking.cancelled()
