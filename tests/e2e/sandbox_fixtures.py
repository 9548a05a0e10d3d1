"""A host page beside a sandbox, in the browser of all browser tests: a plugin of the test modules about creatives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Error

from kontext_integration.sandbox.log import Log
from kontext_integration.sandbox.server import create_app
from kontext_integration.sandbox.store import Store

from .sandbox_host import HOST_PAGE, Host


@pytest_asyncio.fixture(loop_scope="session")
async def host(browser: Browser) -> AsyncIterator[Host]:
    """A page of 700 by 600 px beside a sandbox; the test fails when anything in it throws."""

    async def serve_host(request: web.Request) -> web.Response:
        return web.Response(text=HOST_PAGE, content_type="text/html")

    store, journal = Store(), Log()
    site = web.Application()
    site.router.add_get("/", serve_host)
    async with (
        TestServer(create_app(store, log=journal)) as sandbox,
        TestServer(site) as publisher,
        await browser.new_context(viewport={"width": 700, "height": 600}) as context,
    ):
        page = await context.new_page()
        errors: list[str] = []

        def on_error(error: Error) -> None:
            errors.append(error.message)

        page.on("pageerror", on_error)
        await page.goto(str(publisher.make_url("/")))
        yield Host(page, store, journal, str(sandbox.make_url("")).rstrip("/"), errors)
        assert errors == []
