"""A sandbox on a thread and an event loop of its own, for the tests that drive the browser synchronously."""

from __future__ import annotations

import asyncio
import threading

from aiohttp import web

from kontext_integration.sandbox.log import Log
from kontext_integration.sandbox.server import create_app
from kontext_integration.sandbox.store import Store


class SandboxServer:
    """`url` has no slash at its end."""

    def __init__(self) -> None:
        self.store = Store()
        self.log = Log()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner = web.AppRunner(create_app(self.store, log=self.log), access_log=None, shutdown_timeout=0.1)
        self.url = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"
