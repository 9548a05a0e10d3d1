"""A creative of the sandbox in a real browser, framed by a page of another origin that plays the host (protocol 6)."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Error, async_playwright

from kontext_integration.sandbox.creatives import CREATIVES
from kontext_integration.sandbox.server import create_app
from kontext_integration.sandbox.store import Store

from .sandbox_host import BID_ID, HOST_PAGE, Host

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH"),
]

BROWSER_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGUMENTS) as browser,
    ):
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def host(browser: Browser) -> AsyncIterator[Host]:
    async def serve_host(request: web.Request) -> web.Response:
        return web.Response(text=HOST_PAGE, content_type="text/html")

    store = Store()
    site = web.Application()
    site.router.add_get("/", serve_host)
    async with (
        TestServer(create_app(store)) as sandbox,
        TestServer(site) as publisher,
        await browser.new_context(viewport={"width": 700, "height": 600}) as context,
    ):
        page = await context.new_page()
        errors: list[Error] = []

        def on_error(error: Error) -> None:
            errors.append(error)

        page.on("pageerror", on_error)
        await page.goto(str(publisher.make_url("/")))
        yield Host(page, store, str(sandbox.make_url("")).rstrip("/"))
        assert errors == []


async def test_it_renders_in_the_order_of_the_protocol(host: Host) -> None:
    await host.mount()
    await host.hear("ad.viewed")
    log = [name for name in await host.log() if name != "resize-iframe"]
    assert log == [
        "init-iframe",
        "ad.render-started",
        "show-iframe",
        "ad-done-iframe",
        "ad.render-completed",
        "ad.viewed",
    ]


async def test_the_frame_gets_the_height_of_its_card(host: Host) -> None:
    await host.mount()
    await host.hear("ad.viewed")
    last = await host.page.evaluate("log.findLast((entry) => entry.type === 'resize-iframe').height")
    assert last == await host.frame.evaluate(
        "Math.ceil(document.querySelector('.card').getBoundingClientRect().height)"
    )


async def test_a_view_says_what_was_seen(host: Host) -> None:
    await host.mount(text="By train or by plane?")
    viewed = await host.hear("ad.viewed")
    assert viewed["payload"] == {
        "id": BID_ID,
        "content": "The window is yours, the suitcase sleeps under the bed, and nobody weighs it.",
        "messageId": "a1",
        "format": "inline",
    }


async def test_an_ad_out_of_sight_is_viewed_only_a_second_after_it_came_into_sight(host: Host) -> None:
    await host.page.evaluate("document.querySelector('#above').style.height = '1500px'")
    await host.mount()
    await host.hear("ad.render-completed")
    in_sight = await host.page.evaluate("(scrollTo(0, 1400), performance.now())")
    assert (await host.hear("ad.viewed"))["at"] - in_sight >= 1000


async def test_a_click_tells_the_host_and_leaves_the_opening_to_it(host: Host) -> None:
    await host.mount()
    await host.hear("ad.render-completed")
    await host.frame.get_by_role("link").click()
    click = await host.hear("click-iframe")
    assert (click["id"], click["messageId"], click["url"], click["target"]) == (
        BID_ID,
        "a1",
        "/landing/slowline",
        "browser",
    )
    clicked = (await host.hear("ad.clicked"))["payload"]
    assert (clicked["url"], clicked["format"], clicked["area"]) == ("/landing/slowline", "inline", "cta")
    assert len(host.page.context.pages) == 1


async def test_the_call_to_action_works_from_the_keyboard(host: Host) -> None:
    await host.mount()
    await host.hear("ad.render-completed")
    await host.page.keyboard.press("Tab")
    await host.page.keyboard.press("Enter")
    assert (await host.hear("click-iframe"))["url"] == "/landing/slowline"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sdk": "other"}, "sdk is not that of the frame's address"),
        ({"messageId": "u1"}, "messageId is not that of the frame's address"),
        ({"otherParams": None}, "otherParams must be an object"),
        ({"messages": [{"id": "u1", "role": "user", "content": "Hi"}]}, "every message needs the string createdAt"),
        ({"messages": "Hi"}, "messages must be a list"),
    ],
)
async def test_a_wrong_update_is_reported_and_nothing_shows(host: Host, changes: dict[str, Any], problem: str) -> None:
    await host.mount(**changes)
    error = (await host.hear("ad.error"))["payload"]
    assert error == {"id": BID_ID, "message": f"update-iframe: {problem}", "errCode": "sandbox_bad_update"}
    assert "show-iframe" not in await host.log()


async def test_a_snapshot_of_another_preload_is_reported(host: Host) -> None:
    other = {"id": "u2", "role": "user", "content": "Hi", "createdAt": "2026-01-15T10:29:50.000Z"}
    await host.mount(messages=[other])
    assert "snapshot" in (await host.hear("ad.error"))["payload"]["message"]


async def test_a_lost_snapshot_still_renders(host: Host) -> None:
    await host.mount(messages=[])
    await host.hear("ad.render-completed")


async def test_noframe_stays_silent(host: Host) -> None:
    await host.mount(frame="silent")
    assert await host.log() == []


async def test_errorframe_sends_error_iframe(host: Host) -> None:
    await host.mount(frame="fails")
    await host.hear("error-iframe")
    assert await host.log() == ["init-iframe", "error-iframe"]


async def test_a_hostile_message_id_is_only_data(host: Host) -> None:
    hostile = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'&amp;"
    await host.mount(message_id=hostile)
    assert (await host.hear("ad-done-iframe"))["messageId"] == hostile
    assert await host.frame.locator("img, body script").count() == 0


@pytest.mark.parametrize("width", [280, 390, 720])
async def test_every_creative_fits(host: Host, width: int) -> None:
    await host.page.set_viewport_size({"width": width + 32, "height": 600})
    await host.page.emulate_media(reduced_motion="reduce")
    for creative in CREATIVES:
        await host.page.reload()
        await host.mount(creative.name)
        await host.hear("ad.render-completed")
        size = await host.frame.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert size == [width, width], creative.name
