"""Where sockets are blocked, silent or dead, the page goes on by plain requests, and not a word is lost or repeated."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.e2e.chatting import connected, expect_reply, open_chat, reply, send, words
from tests.e2e.conftest import Site
from tests.e2e.proxies import Network, network, no_sockets
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

TABLE = [
    "| town | dish |\n",
    "| - | - |\n",
    "| Rome | ca",
    "rbonara |\n",
    "| Bologna | ragù |\n",
    "| Naples | pizza |\n",
]
DISHES = ["carbonara", "ragù", "pizza"]


@pytest_asyncio.fixture(loop_scope="session")
async def net(site: Site) -> AsyncIterator[Network]:
    async with network(int(site.chat.rsplit(":", 1)[1])) as between:
        yield between


@pytest_asyncio.fixture(loop_scope="session")
async def blocked(page: Page, net: Network) -> AsyncIterator[Page]:
    """A page behind a proxy that refuses sockets. The browser complains of each one."""
    net.judge = no_sockets
    await open_chat(page, net.url)
    yield page
    page.complaints.clear()  # type: ignore[attr-defined]


async def by(page: Page, way: str) -> None:
    await expect(page.locator(f'#chat[connected][data-by="{way}"]')).to_have_count(1, timeout=15_000)


async def test_where_sockets_are_refused_a_reply_streams_by_plain_requests(blocked: Page, site: Site) -> None:
    began = time.monotonic()
    await send(blocked, "What to eat?")
    await by(blocked, "requests")
    assert time.monotonic() - began < 5
    for part in TABLE[:3]:
        site.model.say(part)
        await expect_reply(blocked, part.split("|")[-1].strip(" \n-"), state="streaming")
    site.model.say(*TABLE[3:])
    site.model.end()
    await expect_reply(blocked, "pizza")
    assert await reply(blocked).locator("td:last-child").all_inner_texts() == DISHES


async def test_a_quiet_line_says_that_live_connections_are_blocked(blocked: Page, site: Site) -> None:
    await send(blocked, "Hello")
    await expect(blocked.get_by_text("This network blocks live connections.")).to_be_visible()
    site.model.end()


async def test_without_sockets_the_conversation_goes_on_and_can_be_stopped(blocked: Page, site: Site) -> None:
    site.model.say("One.")
    site.model.end()
    await send(blocked, "First")
    await expect_reply(blocked, "One.")
    await send(blocked, "Second")
    site.model.say("Half of it")
    await expect_reply(blocked, "Half of it", state="streaming")
    await blocked.get_by_role("button", name="Stop").click()
    await expect_reply(blocked, "Half of it", state="stopped")
    await expect(blocked.locator("[data-message-id]")).to_have_count(4)


async def test_without_sockets_another_tab_s_message_comes_too(blocked: Page, site: Site) -> None:
    site.model.say("One.")
    site.model.end()
    await send(blocked, "First")
    await expect_reply(blocked, "One.")
    other = await blocked.context.new_page()
    await other.goto(site.chat + blocked.url.removeprefix(blocked.url.split("/c/")[0]))
    await send(other, "From elsewhere")
    site.model.say("Seen in both.")
    site.model.end()
    await expect_reply(blocked, "Seen in both.")
    await expect(blocked.locator("[data-message-id]")).to_have_count(4)


async def test_when_sockets_work_again_the_page_returns_to_them_in_mid_reply(
    blocked: Page, net: Network, site: Site
) -> None:
    await send(blocked, "Count")
    site.model.say("one ")
    await expect_reply(blocked, "one", state="streaming")
    await by(blocked, "requests")
    net.judge = lambda head: None
    site.model.say("two ")
    await by(blocked, "socket")
    await expect(blocked.locator("#connection")).to_be_hidden()
    site.model.say("three")
    site.model.end()
    await expect_reply(blocked, "three")
    assert await words(blocked) == "one two three"


async def test_a_socket_that_opens_and_stays_silent_is_no_socket(page: Page, net: Network, site: Site) -> None:
    net.silent = True
    await open_chat(page, net.url)
    await send(page, "Count")
    site.model.say("one ")
    await by(page, "requests")
    await expect_reply(page, "one", state="streaming")
    site.model.say("two")
    site.model.end()
    await expect_reply(page, "two")
    assert await words(page) == "one two"


async def test_a_socket_that_dies_unnoticed_in_mid_reply_is_replaced(page: Page, net: Network, site: Site) -> None:
    await open_chat(page, net.url)
    await send(page, "Count")
    site.model.say("one ")
    await expect_reply(page, "one", state="streaming")
    await connected(page)
    sockets = net.opened
    await page.wait_for_timeout(1500)  # its first beat: it has spoken
    net.silent = True
    site.model.say("two ")
    await until(lambda: page.locator("#chat:not([connected])").count())
    net.silent = False
    site.model.say("three")
    site.model.end()
    await expect_reply(page, "three")
    assert await words(page) == "one two three"
    assert net.opened > sockets
