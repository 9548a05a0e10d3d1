"""Hostile replies in a real browser: nothing of them runs, nothing leaves, nothing of htmx is alive in them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Dialog, Page, Request, WebSocketRoute, expect

from chatapp import fragments
from chatapp.markdown import Document
from tests.e2e.chatting import connected, open_chat, reply, send
from tests.e2e.conftest import Site
from tests.e2e.hostile import CORPUS, CUT_EVERYWHERE
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

DEAD = """bodies => {
  const does = /^(on|hx-|data-hx-|ws-|sse-|style|src)/;
  const known = new Set(("p br hr h3 h4 h5 h6 ul ol li blockquote strong em s a code pre span div button " +
    "table thead tbody tr th td").split(" "));
  const web = /^(https?|mailto):$/;
  const leads = node => web.test(node.protocol) && node.target === "_blank" && /noopener/.test(node.rel);
  const dead = node => known.has(node.localName) && ![...node.attributes].some(item => does.test(item.name)) &&
    (!node.hasAttribute("href") || leads(node));
  const all = bodies.flatMap(body => [...body.querySelectorAll("*")]);
  return all.filter(node => !dead(node)).map(node => node.outerHTML);
}"""
"""Every element of the bodies that is not one of ours, or has an attribute that does something."""


@dataclass
class Watch:
    """What happens in a page that must not happen."""

    dialogs: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


@pytest_asyncio.fixture(loop_scope="session")
async def watch(page: Page, site: Site) -> AsyncIterator[Watch]:
    seen, ours = Watch(), {urlsplit(site.chat).netloc, urlsplit(site.ads).netloc}

    async def note_dialog(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        await dialog.dismiss()

    def note_request(request: Request) -> None:
        if urlsplit(request.url).netloc not in ours or "pwned" in request.url or "leak" in request.url:
            seen.strange.append(request.url)

    page.on("dialog", note_dialog)
    page.on("request", note_request)
    yield seen
    assert seen == Watch()


async def expect_dead(page: Page) -> None:
    assert await page.locator("[data-message-body]").evaluate_all(DEAD) == []
    await expect(page.locator("#composer")).to_have_count(1)
    await expect(page.locator("#chat[connected]")).to_have_count(1)


async def test_a_reply_of_every_known_attack_is_dead_text(page: Page, site: Site, watch: Watch) -> None:
    await open_chat(page)
    await send(page, "Be evil")
    for payload in CORPUS:
        site.model.say(payload[: len(payload) // 2], payload[len(payload) // 2 :], "\n\n")
    site.model.say("The end.")
    site.model.end()
    await expect(reply(page)).to_have_attribute("data-state", "complete")
    await expect(reply(page).locator("[data-message-body]")).to_contain_text("The end.")
    await expect_dead(page)
    await page.reload()
    await connected(page)
    await expect(reply(page).locator("[data-message-body]")).to_contain_text("The end.")
    await expect_dead(page)


async def test_a_hostile_message_of_the_person_is_dead_text_and_so_is_its_title(
    page: Page, site: Site, watch: Watch
) -> None:
    await open_chat(page)
    site.model.say("No.")
    site.model.end()
    for payload in (CORPUS[0], CORPUS[4]):
        await page.goto("/")
        await send(page, payload)
        await expect(page.locator(".top__title")).to_have_text(payload)
        await expect(page.locator(".sidebar__list a").first).to_have_text(payload)
        site.model.end()
    await expect_dead(page)


@pytest.mark.parametrize("payload", CUT_EVERYWHERE)
async def test_no_cut_between_two_characters_brings_an_attack_to_life(
    page: Page, site: Site, watch: Watch, payload: str
) -> None:
    """The frames of a stream that was cut after every character, over a socket, through htmx."""
    sockets: list[WebSocketRoute] = []

    def route(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await page.route_web_socket(re.compile("/ws/c/"), route)
    await open_chat(page)
    await send(page, "Be evil, slowly")
    await until(lambda: sockets)
    message = await reply(page).get_attribute("data-message-id")
    document = Document(f"message-{message}")
    for character in f"{payload}\n\nThe end.":
        document.feed(character)
        for html in fragments.frame(document.take_swaps()):
            sockets[-1].send(html)
    await expect(reply(page).locator("[data-message-body]")).to_contain_text("The end.")
    await expect_dead(page)


async def test_a_link_of_a_reply_opens_a_tab_that_cannot_reach_back(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say(f"[The sandbox]({site.ads}/)")
    site.model.end()
    await send(page, "A link, please")
    await expect(reply(page)).to_have_attribute("data-state", "complete")
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="The sandbox").click()
    tab = await opened.value
    await tab.wait_for_load_state()
    assert await tab.evaluate("() => window.opener") is None
    assert await tab.evaluate("() => document.referrer") == ""


async def test_a_script_that_got_in_all_the_same_would_not_run(page: Page, watch: Watch) -> None:
    """The policy by itself, were the sanitiser ever to fail."""
    await open_chat(page)
    await page.evaluate(
        """() => {
          const evil = "<img src=x onerror=alert(1)><a id=evil href='javascript:alert(1)'>x</a>";
          document.body.insertAdjacentHTML("beforeend", evil);
          const script = document.createElement("script");
          script.textContent = "alert(2)";
          document.body.append(script);
          document.getElementById("evil").click();
        }"""
    )
    complaints: list[str] = page.complaints  # type: ignore[attr-defined]
    await until(lambda: sum("Content Security Policy" in text for text in complaints) >= 3)
    complaints.clear()
