"""Protocol 2.7: time-outs, attempts, the waits between them, and cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from kontext_integration.outcomes import PreloadFailed, PreloadFilled

from .asking import CONFIG, client_of, init, preload
from .builders import INSTALL_ID
from .fakes import AdServer, RecordedSleep, filled, skipped


@pytest.fixture
def sleep() -> RecordedSleep:
    return RecordedSleep()


@pytest.mark.parametrize(
    ("status", "retries"), [(200, 0), (204, 0), (302, 0), (400, 0), (403, 0), (500, 0), (503, 0), (429, 3)]
)
@pytest.mark.parametrize("ask", [preload, init], ids=["preload", "init"])
async def test_2_7_of_all_statuses_only_429_is_retried(
    server: AdServer, sleep: RecordedSleep, ask, status: int, retries: int
) -> None:
    server.script(f"/base/{ask.__name__}", *[httpx.Response(status)] * 4)
    await ask(client_of(server, sleep))
    assert len(server.seen) == 1 + retries
    assert sleep.seconds == [1, 2, 4][:retries]


@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")])
@pytest.mark.parametrize("ask", [preload, init], ids=["preload", "init"])
async def test_2_7_network_errors_are_retried_three_times(
    server: AdServer, sleep: RecordedSleep, ask, error: Exception
) -> None:
    server.script(f"/base/{ask.__name__}", *[error] * 4)
    await ask(client_of(server, sleep))
    assert len(server.seen) == 4
    assert sleep.seconds == [1, 2, 4]


async def test_2_4_row_2_no_answer_after_all_retries_is_a_failed_request(server: AdServer) -> None:
    server.script("/base/preload", *[httpx.ConnectError("")] * 4)
    outcome = await preload(client_of(server))
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"
    assert outcome.report


async def test_2_7_retry_after_is_not_read(server: AdServer, sleep: RecordedSleep) -> None:
    server.script("/base/preload", httpx.Response(429, headers={"Retry-After": "60"}), filled())
    await preload(client_of(server, sleep))
    assert sleep.seconds == [1]


async def test_2_7_a_network_error_followed_by_a_server_error_stops(server: AdServer) -> None:
    server.script("/base/preload", httpx.ConnectError(""), httpx.Response(500))
    assert await preload(client_of(server)) == PreloadFailed("Ad generation skipped", "unknown")
    assert len(server.seen) == 2


async def test_2_7_reports_are_never_repeated(server: AdServer, sleep: RecordedSleep) -> None:
    client = client_of(server, sleep)
    server.script("/base/error", httpx.Response(429))
    server.script("/base/debug", httpx.ConnectError(""))
    await client.report_error(CONFIG, install_id=INSTALL_ID, error="x", stack="y")
    await client.report_debug(CONFIG, install_id=INSTALL_ID, session_id=None, name="Session: x", data=None)
    assert len(server.seen) == 2
    assert sleep.seconds == []


async def test_2_7_each_endpoint_has_its_timeout_per_attempt(server: AdServer) -> None:
    client = client_of(server)
    server.script("/base/preload", httpx.Response(429))
    await preload(client, 8_000)
    await init(client)
    await client.report_error(CONFIG, install_id=INSTALL_ID, error="x", stack="y")
    await client.report_debug(CONFIG, install_id=INSTALL_ID, session_id=None, name="Session: x", data=None)
    assert server.timeouts == [
        ("/base/preload", 8_000),
        ("/base/preload", 8_000),
        ("/base/init", 16_000),
        ("/base/error", 5_000),
        ("/base/debug", 5_000),
    ]


async def test_2_7_an_attempt_that_takes_too_long_is_given_up_and_repeated(server: AdServer) -> None:
    server.hold("/base/preload", skipped())
    server.script("/base/preload", filled())
    assert isinstance(await preload(client_of(server), timeout_ms=200), PreloadFilled)
    assert server.aborted == ["/base/preload"]


async def test_2_7_a_server_that_drips_bytes_runs_into_the_timeout(server: AdServer) -> None:
    class Drip(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0)

    server.script("/base/preload", *[httpx.Response(200, stream=Drip()) for _ in range(4)])
    outcome = await preload(client_of(server), timeout_ms=5)
    assert isinstance(outcome, PreloadFailed)
    assert outcome.err_code == "request_failed"


async def test_2_7_a_cancellation_passes_through_and_aborts_the_exchange(server: AdServer) -> None:
    server.hold("/base/preload", filled())
    sending = asyncio.create_task(preload(client_of(server)))
    await server.arrival("/base/preload")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert server.aborted == ["/base/preload"]
    assert len(server.seen) == 1


async def test_2_7_a_cancellation_ends_a_backoff(server: AdServer, sleep: RecordedSleep) -> None:
    sleep.hold(1)
    server.script("/base/preload", httpx.Response(429))
    sending = asyncio.create_task(preload(client_of(server, sleep)))
    await server.arrival("/base/preload")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(server.seen) == 1
