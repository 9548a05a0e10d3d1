"""A chat that was built by the docs alone, in a real browser: the ad shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.lifting import lift, served

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    """The beginning of a conversation."""
    folder = lift(tmp_path_factory.mktemp("lifted") / "site")
    with ExitStack() as running:
        chat, _ = await asyncio.to_thread(running.enter_context, served(folder))
        opened = await browser.new_page(base_url=chat, viewport={"width": 390, "height": 780})
        await opened.goto("/")
        yield opened
        await opened.close()


async def test_the_ad_shows_under_the_reply(page: Page) -> None:
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.get_by_label("Say something").fill("A long weekend in Rome")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("You said: A long weekend in Rome")).to_be_visible()
    ad = page.get_by_role("region", name="Sponsored")
    await expect(ad).to_be_visible(timeout=15_000)
    await expect(ad.locator("iframe")).to_have_attribute("title", "Advertisement")
    await expect(ad.frame_locator("iframe").locator("a, button").first).to_be_visible()
    await page.reload()
    await ad.scroll_into_view_if_needed()
    await expect(ad).to_be_visible()
    assert failures == []
