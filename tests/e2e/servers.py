"""Real servers for the browser tests: the chat, the ad sandbox, and a model that says what a test tells it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
START_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Model:
    """An OpenAI-compatible endpoint. `say()` sends words of the reply under way, `end()` ends it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked: list[dict[str, object]] = []
        self.closed = asyncio.Event()
        self.status = 200
        self._words: asyncio.Queue[str | None] = asyncio.Queue()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def say(self, *words: str) -> None:
        for word in words:
            self._words.put_nowait(word)

    def end(self) -> None:
        self._words.put_nowait(None)

    def reset(self) -> None:
        self.asked.clear()
        self.closed.clear()
        self.status = 200
        self._words = asyncio.Queue()

    async def serve(self) -> AsyncIterator[Model]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        yield self
        await runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        if self.status != 200:
            return web.json_response({"error": {"message": "no"}}, status=self.status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        words = self._words
        try:
            while (word := await words.get()) is not None:
                await response.write(event({"choices": [{"index": 0, "delta": {"content": word}}]}))
            await response.write(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            await response.write(b"data: [DONE]\n\n")
        except (ConnectionError, asyncio.CancelledError):
            self.closed.set()
            raise
        return response


def event(data: object) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


@contextmanager
def process(*command: str, answers: str, env: dict[str, str]) -> Iterator[None]:
    """A process of ours, up once `answers` does."""
    running = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ | env)
    try:
        wait_for(answers, running)
        yield
    finally:
        running.terminate()
        running.wait(10)


def wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if running.poll() is not None:
            raise RuntimeError(f"{running.args!r} ended with {running.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(url)
