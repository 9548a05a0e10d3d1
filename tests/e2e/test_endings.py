"""A server that is told to end while it answers a request: it keeps what was written, and ends."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from pathlib import Path

import httpx
import pytest

from chatapp.endings import TERMINATED
from tests.e2e.cluster import daphne, prepare, production
from tests.e2e.servers import Model
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
SAID = "These words were written before the end."


def stored(database: Path) -> tuple[str, str]:
    """The reply's state and text, as another process reads them."""
    with sqlite3.connect(database) as reader:
        found = reader.execute("SELECT state, text FROM chatapp_message WHERE role = 'assistant'").fetchone()
    return found or ("", "")


async def test_a_request_in_mid_answer_does_not_hold_up_the_end(tmp_path: Path, model: Model) -> None:
    model.reset()
    database = tmp_path / "chat.sqlite3"
    env = production(tmp_path, model, DATABASE_URL=f"sqlite:///{database}", SECURE_COOKIES="false")
    env["DJANGO_SETTINGS_MODULE"] = "tests.e2e.waiting_settings"
    await asyncio.to_thread(prepare, env)
    server = daphne(tmp_path, env)
    await asyncio.to_thread(server.start)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=20) as browser:
            page = await browser.get("/")
            token = browser.cookies["csrftoken"]
            assert page.status_code == 200
            await browser.post("/", data={"text": "Hi", "csrfmiddlewaretoken": token})
            model.say(SAID)
            waiting = asyncio.create_task(browser.get("/wait"))
            await until(lambda: "A request waits" in server.log())
            await until(lambda: model.asked)
            await asyncio.to_thread(server.stop, signal.SIGTERM)
            assert server.running
            assert server.running.returncode in (0, TERMINATED)
            await asyncio.gather(waiting, return_exceptions=True)
    finally:
        await asyncio.to_thread(server.stop, signal.SIGKILL)
    assert stored(database) == ("interrupted", SAID)
