"""The two transports: whatever the ad server does, both bring back the same (protocol 2.3, 2.4, 2.7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from pytest_django import Settings

from kontext_integration.client import AdClient
from kontext_integration.models import AdRelay
from kontext_integration.outcomes import InitApplied, PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing
from kontext_integration.relay import BrowserRelay
from kontext_integration.transport import HttpTransport, Reply, Request, Transport, Unreachable
from kontext_integration.wire import MAX_ANSWER_BYTES

from .asking import init, preload
from .fakes import AdServer, RecordedSleep, filled, skipped
from .host import KONTEXT
from .relay_page import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]
HEADERS = {"Content-Type": "application/json", "Kontextso-Publisher-Token": "tok"}


@pytest.fixture(params=["server", "browser"])
async def transport(request: pytest.FixtureRequest, server: AdServer, settings: Settings) -> AsyncIterator[Transport]:
    settings.KONTEXT = KONTEXT | {"TRANSPORT": request.param}
    async with server.http() as http:
        if request.param == "server":
            yield HttpTransport(http)
        else:
            async with Page(http).open():
                yield BrowserRelay()
    assert not await AdRelay.objects.aexists()


@pytest.fixture
def sleep() -> RecordedSleep:
    return RecordedSleep()


@pytest.fixture
def client(transport: Transport, sleep: RecordedSleep) -> AdClient:
    return AdClient(transport, sleep)


def asked(path: str = "/base/preload", timeout_ms: int = 5_000) -> Request:
    forwarded = {"User-Agent": "Moz"}
    return Request(f"http://ads.test{path}", b'{"a":1}', HEADERS, timeout_ms, "user-1", "conv-1", forwarded)


# --- One attempt --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 204, 205])
async def test_of_success_the_bytes_come_as_they_were(transport: Transport, server: AdServer, status: int) -> None:
    body = b"" if status in (204, 205) else b'\xef\xbb\xbf{"a": "\xff\x00"}'
    server.script("/base/preload", httpx.Response(status, content=body))
    assert await transport.post(asked()) == Reply(status, body)


@pytest.mark.parametrize("status", [300, 302, 304, 400, 403, 404, 429, 500, 503])
async def test_of_other_answers_only_the_status_comes(transport: Transport, server: AdServer, status: int) -> None:
    server.script("/base/preload", httpx.Response(status, json={"permanent": True}))
    assert await transport.post(asked()) == Reply(status, b"")


async def test_the_body_and_the_headers_of_the_protocol_are_sent(transport: Transport, server: AdServer) -> None:
    await transport.post(asked())
    [seen] = server.seen
    assert seen.body == {"a": 1}
    assert dict(seen.headers).items() >= {name.lower(): value for name, value in HEADERS.items()}.items()


@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")])
async def test_a_network_error_is_no_answer(transport: Transport, server: AdServer, error: Exception) -> None:
    server.script("/base/preload", error)
    assert isinstance(await transport.post(asked()), Unreachable)


async def test_2_7_an_attempt_that_takes_too_long_is_no_answer(transport: Transport, server: AdServer) -> None:
    server.hold("/base/preload", skipped())
    answer = await transport.post(asked(timeout_ms=200))
    assert isinstance(answer, Unreachable)
    assert answer.detail.startswith("Timed out")
    assert server.aborted == ["/base/preload"]


async def test_a_redirect_is_followed(transport: Transport, server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(307, headers={"Location": "http://ads.test/elsewhere"}))
    server.script("/elsewhere", httpx.Response(200, content=b"there"))
    assert await transport.post(asked()) == Reply(200, b"there")
    assert server.to("/elsewhere")[0].body == {"a": 1}


async def test_an_address_that_no_request_can_have_is_no_answer(transport: Transport) -> None:
    assert isinstance(await transport.post(asked("/\0\ud800")), Unreachable)


async def test_a_header_that_none_can_carry_is_no_answer(server: AdServer, transport: Transport) -> None:
    request = Request("http://ads.test/init", b"{}", {"Kontextso-Publisher-Token": "tokén"}, 5_000, "user-1", "conv-1")
    answer = await transport.post(request)
    assert isinstance(answer, Unreachable)
    assert "tokén" not in answer.detail
    assert server.seen == []


# --- The client over both -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (httpx.Response(204), PreloadNoFill("unfilled_bid")),
        (httpx.Response(500), PreloadFailed("Ad generation skipped", "unknown")),
        (httpx.Response(302), PreloadFailed("Ad generation skipped", "unknown")),
        (httpx.Response(403, json={"permanent": True}), PreloadFailed("Ad generation skipped", "unknown")),
        (
            httpx.Response(200, content="<html>"),
            PreloadFailed(
                "Error preloading ads: Malformed answer: JSONDecodeError",
                "request_failed",
                report="Malformed answer: JSONDecodeError",
            ),
        ),
    ],
)
async def test_2_4_an_answer_means_the_same(
    client: AdClient, server: AdServer, answer: httpx.Response, outcome: object
) -> None:
    server.script("/base/preload", answer)
    assert await preload(client) == outcome
    assert len(server.seen) == 1


async def test_2_4_a_fill_is_a_fill(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", filled())
    assert isinstance(await preload(client), PreloadFilled)


async def test_2_4_nothing_to_a_turn_that_is_only_tracked_is_nothing(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.Response(200))
    assert await preload(client, track_only=True) == PreloadNothing()


@pytest.mark.parametrize("length", [100_000, MAX_ANSWER_BYTES + 1])
async def test_2_4_an_endless_answer_counts_as_malformed_and_is_not_asked_for_again(
    client: AdClient, server: AdServer, length: int
) -> None:
    server.script("/base/preload", httpx.Response(200, content=b"[" * length))
    outcome = await preload(client)
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"
    assert len(server.seen) == 1


async def test_2_3_init_is_what_was_answered(client: AdClient, server: AdServer) -> None:
    server.script("/base/init", httpx.Response(200, json={"enabled": False, "preloadTimeout": 8000}))
    assert await init(client) == InitApplied(enabled=False, preload_timeout_ms=8000)


@pytest.mark.parametrize("step", [httpx.Response(429), httpx.ConnectError("")], ids=["429", "network"])
async def test_2_7_it_is_tried_four_times(
    client: AdClient, server: AdServer, sleep: RecordedSleep, step: httpx.Response | Exception
) -> None:
    server.script("/base/preload", *[step] * 4)
    outcome = await preload(client)
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"
    assert len(server.seen) == 4
    assert sleep.seconds == [1, 2, 4]


async def test_2_7_a_network_error_followed_by_a_server_error_stops(client: AdClient, server: AdServer) -> None:
    server.script("/base/preload", httpx.ConnectError(""), httpx.Response(500))
    assert await preload(client) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 2


async def test_2_7_every_attempt_has_a_timeout_of_its_own(client: AdClient, server: AdServer) -> None:
    server.hold("/base/preload", skipped())
    server.script("/base/preload", filled())
    assert isinstance(await preload(client, timeout_ms=400), PreloadFilled)


async def test_2_7_a_cancellation_passes_through(client: AdClient, server: AdServer) -> None:
    server.hold("/base/preload", filled())
    sending = asyncio.create_task(preload(client))
    await server.arrival("/base/preload")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(server.seen) == 1
