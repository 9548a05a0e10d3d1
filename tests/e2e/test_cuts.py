"""Sockets that are cut in mid-stream, a thousand times, at random: not one word is lost, repeated or out of order.

`CHAOS_CUTS` sets how many cuts there are, `CHAOS_SEED` which ones.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.chatting import open_chat
from tests.e2e.conftest import Site
from tests.e2e.proxies import Network, network

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

CUTS = int(os.environ.get("CHAOS_CUTS", "1000"))
SEED = int(os.environ.get("CHAOS_SEED", "4"))
TABS = 4
WORDS = 150
SHAPES = (
    "{} ",
    "{} ",
    "{} ",
    "**{}** ",
    "`{}` ",
    "{}.\n\n",
    "\n- {} ",
    "\n1. {} ",
    "\n\n| {} | x |\n| - | - |\n",
    "| {} | y |\n",
)
QUICKLY = "htmx.config.wsReconnectDelay = () => 5"


class Cutter:
    """Cuts one socket after the other: at once, or after some bytes, in the middle of a frame."""

    def __init__(self, net: Network, chance: random.Random) -> None:
        self.net = net
        self.chance = chance
        self.cuts = 0

    async def go_on(self) -> None:
        while True:
            await asyncio.sleep(self.chance.uniform(0.005, 0.05))
            # A page that only tries whether sockets work again says nothing of its place: those are left alone. Most of
            # the others have brought something, else pages would take sockets for blocked, as in other tests.
            least = 2 if self.chance.random() < 0.97 else 0
            whole = [w for w in self.net.sockets if w.left is None and w.pieces >= least and b"?after=" in w.head]
            if not whole:
                continue
            wire = self.chance.choice(whole)
            self.cuts += 1
            if self.chance.random() < 0.5:
                wire.left = self.chance.randint(1, 600)
            else:
                wire.cut()


@pytest_asyncio.fixture(loop_scope="session")
async def net(site: Site) -> AsyncIterator[Network]:
    async with network(int(site.chat.rsplit(":", 1)[1])) as between:
        yield between


async def shown(tab: Page) -> list[str]:
    """The words of the last reply, as the page shows them."""
    texts = await tab.locator('[data-role="assistant"] [data-message-body]').all_inner_texts()
    return re.findall(r"w\d+x", texts[-1]) if texts else []


async def speak(site: Site, chance: random.Random, words: list[str]) -> None:
    """The model says them, a few at a time, in all the shapes that markdown has for them."""
    for word in words:
        site.model.say(chance.choice(SHAPES).format(word))
        if chance.random() < 0.7:
            await asyncio.sleep(chance.uniform(0, 0.03))
    site.model.end()


async def turn(tabs: list[Page], site: Site, chance: random.Random, number: int) -> None:
    words = [f"w{number * WORDS + n}x" for n in range(WORDS)]
    await tabs[0].get_by_role("textbox", name="Message").fill(f"Question {number}")
    await tabs[0].get_by_role("button", name="Send").click()
    speaking = asyncio.create_task(speak(site, chance, words))
    while not speaking.done():
        for tab in tabs:
            seen = await shown(tab)
            if seen and seen[0] == words[0]:
                assert seen == words[: len(seen)], "what the page shows is not how the reply begins"
        await asyncio.sleep(chance.uniform(0, 0.1))
    for tab in tabs:
        asked = tab.locator('[data-role="user"] [data-message-body]').last
        await expect(asked).to_have_text(f"Question {number}", timeout=30_000)
        last = tab.locator('[data-role="assistant"]').last
        await expect(last).to_have_attribute("data-state", "complete", timeout=30_000)
        assert await shown(tab) == words


async def test_a_thousand_cuts_lose_not_one_word(page: Page, context: BrowserContext, net: Network, site: Site) -> None:
    chance = random.Random(SEED)
    await open_chat(page, net.url)
    site.model.say("Ready.")
    site.model.end()
    await page.get_by_role("textbox", name="Message").fill("Hello")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/c/**")
    await expect(page.locator('[data-role="assistant"]')).to_have_attribute("data-state", "complete")
    tabs = [page, *[await context.new_page() for _ in range(TABS - 1)]]
    for tab in tabs[1:]:
        await open_chat(tab, page.url)
    for tab in tabs:
        await tab.evaluate(QUICKLY)
    cutter = Cutter(net, random.Random(SEED))
    cutting = asyncio.create_task(cutter.go_on())
    number = 0
    while cutter.cuts < CUTS:
        number += 1
        await turn(tabs, site, chance, number)
    cutting.cancel()
    for tab in tabs:
        await tab.reload()
        assert await shown(tab) == [f"w{number * WORDS + n}x" for n in range(WORDS)]
    page.complaints.clear()  # type: ignore[attr-defined] # the browser itself reports what was cut
