"""One browser, one chat, one sandbox and one model for all browser tests; a fresh browser context for each."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import playwright.async_api
import playwright.sync_api
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, async_playwright

from tests.e2e.browsers import chromium
from tests.e2e.cluster import Cluster, cluster
from tests.e2e.servers import ROOT, Model, free_port, process

BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run"]
# A busy machine is no failure.
for api in (playwright.async_api, playwright.sync_api):
    api.expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Site:
    """The addresses of the running servers."""

    chat: str
    ads: str
    model: Model


@pytest.fixture(autouse=True)
def nobody_outside() -> None:
    """The browser and the servers are processes of their own; the guard of the other tests would only be in the way."""


async def start_browser(playwright: Playwright) -> Browser:
    try:
        return await playwright.chromium.launch(executable_path=chromium(), args=BROWSER_ARGS)
    except Exception as failure:
        pytest.skip(f"No browser could be started: {failure}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await start_browser(playwright)
        yield started
        await started.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def model() -> AsyncIterator[Model]:
    async for running in Model().serve():
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory, model: Model) -> AsyncIterator[Site]:
    chat, ads = free_port(), free_port()
    folder: Path = tmp_path_factory.mktemp("site")
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.site_settings",
        "DATABASE_URL": f"sqlite:///{folder / 'chat.sqlite3'}",
        "PORT": str(chat),
        "KONTEXT_SANDBOX_PORT": str(ads),
        "OPENAI_BASE_URL": model.url,
        "OPENAI_MODEL": "test",
        "DEBUG": "true",
        "LOG_LEVEL": "WARNING",
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    await asyncio.to_thread(subprocess.run, migrate, cwd=ROOT, env=os.environ | env, check=True)
    here = f"http://127.0.0.1:{chat}"
    there = f"http://127.0.0.1:{ads}"
    with ExitStack() as running:
        sandbox = process("manage.py", "ad_sandbox", "--port", str(ads), answers=f"{there}/", env=env)
        server = process("manage.py", "runserver", "--noreload", str(chat), answers=f"{here}/healthz", env=env)
        await asyncio.to_thread(running.enter_context, sandbox)
        await asyncio.to_thread(running.enter_context, server)
        yield Site(here, there, model)


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, site: Site) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(base_url=site.chat, viewport={"width": 390, "height": 780})
    opened.set_default_timeout(15_000)
    site.model.reset()
    yield opened
    await opened.close()
    site.model.end()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page that must not complain: an error in its console fails the test, unless the test takes it off the list."""
    opened = await context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.complaints = complaints  # type: ignore[attr-defined]
    yield opened
    assert complaints == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def both(tmp_path_factory: pytest.TempPathFactory, model: Model) -> AsyncIterator[Cluster]:
    """Two server processes on PostgreSQL and Redis behind nginx."""
    with cluster(tmp_path_factory.mktemp("cluster"), model) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def person(browser: Browser, both: Cluster) -> AsyncIterator[BrowserContext]:
    """A person's browser, which may have many tabs."""
    opened = await browser.new_context(ignore_https_errors=True, viewport={"width": 390, "height": 780})
    opened.set_default_timeout(20_000)
    both.model.reset()
    yield opened
    await opened.close()
    both.model.end()
