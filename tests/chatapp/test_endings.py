"""How a request ends before its time, and how a process ends, which only a process of its own can show."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from chatapp import endings
from tests.e2e.servers import ROOT
from tests.waiting import until

KEEPS = "from chatapp import endings; endings.keep(lambda: print('kept', flush=True)); endings.GRACE_S = 0.2\n"
WAITS = "import concurrent.futures, threading; concurrent.futures.ThreadPoolExecutor().submit(threading.Event().wait)\n"


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_what_must_be_kept_is_kept_before_threads_are_waited_for() -> None:
    busy = (
        "import concurrent.futures as c, time; c.ThreadPoolExecutor().submit(lambda: (time.sleep(0.1), print('done')))"
    )
    assert run(KEEPS + busy).stdout.split() == ["kept", "done"]


def test_a_thread_that_waits_for_ever_does_not_hold_up_the_end() -> None:
    ended = run(KEEPS + WAITS)
    assert (ended.stdout.split(), ended.returncode) == (["kept"], endings.TERMINATED)
    assert "still waited" in ended.stderr


def test_where_nobody_waits_the_process_ends_as_it_would() -> None:
    assert run(KEEPS).returncode == 0
    assert run(KEEPS + "raise SystemExit(3)").returncode == 3


def test_a_failure_to_keep_does_not_keep_the_process_from_ending() -> None:
    fails = "from chatapp import endings; endings.GRACE_S = 0.2; endings.keep(lambda: 1 / 0)\n"
    ended = run(fails + WAITS)
    assert ended.returncode == endings.TERMINATED
    assert "ZeroDivisionError" in ended.stderr


class Handler:
    """Answers as Django does: it ends when the browser has gone, and not when it is cancelled."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.open = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.open += 1
        event = None
        while event != "http.disconnect":
            event = (await receive())["type"]
            self.heard.append(event)
        self.open -= 1


class Browser:
    """Sends one request, and then nothing more."""

    def __init__(self) -> None:
        self.events = ["http.request"]
        self.listened_to = 0

    async def receive(self) -> dict[str, str]:
        if self.events:
            return {"type": self.events.pop()}
        self.listened_to += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.listened_to -= 1
        raise AssertionError


async def test_a_cancelled_request_is_told_that_the_browser_has_gone() -> None:
    handler, browser = Handler(), Browser()
    request = asyncio.ensure_future(endings.Cancellable(handler)({"type": "http"}, browser.receive, None))
    await until(lambda: browser.listened_to)
    request.cancel()
    await asyncio.wait({request})
    assert (request.cancelled(), handler.heard, handler.open) == (True, ["http.request", "http.disconnect"], 0)
    await until(lambda: not browser.listened_to)


async def test_one_that_does_not_end_then_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "CANCEL_S", 0.01)
    began = asyncio.Event()

    async def deaf(scope: dict[str, Any], receive: Any, send: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    request = asyncio.ensure_future(endings.Cancellable(deaf)({"type": "http"}, None, None))
    await began.wait()
    request.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({request})
    assert request.cancelled()


async def test_an_answer_leaves_nobody_listening_and_a_failure_is_the_server_s() -> None:
    browser = Browser()

    async def fails(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        listening = asyncio.ensure_future(receive())
        await until(lambda: browser.listened_to)
        listening.cancel()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await endings.Cancellable(fails)({"type": "http"}, browser.receive, None)
    await until(lambda: not browser.listened_to)
