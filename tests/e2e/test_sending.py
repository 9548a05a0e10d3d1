"""A message is sent exactly once, whatever happens to the answer, the network, the computer or the page meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.e2e.chatting import expect_reply, open_chat, send
from tests.e2e.conftest import Site
from tests.e2e.proxies import Network, network
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def talk(page: Page, site: Site) -> AsyncIterator[Page]:
    """A conversation with one turn. What the browser itself says of failed requests is no complaint."""
    await open_chat(page)
    site.model.say("One.")
    site.model.end()
    await send(page, "First")
    await expect_reply(page, "One.")
    yield page
    page.complaints.clear()  # type: ignore[attr-defined]


def box(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("textbox", name="Message")


def said(page: Page):  # type: ignore[no-untyped-def]
    return page.locator('[data-role="user"] [data-message-body]')


async def lose_answers(page: Page) -> None:
    """The server takes what is posted; the page never hears of it."""

    async def lose(route: Route) -> None:
        if route.request.method == "POST":
            await route.fetch(max_redirects=0)
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/*", lose)


async def kept(page: Page) -> int:
    return int(await page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft ')).length"))


# Drafts


async def test_a_draft_survives_a_reload(talk: Page) -> None:
    await box(talk).fill("Half a thought")
    await talk.reload()
    await expect(box(talk)).to_have_value("Half a thought")


async def test_each_conversation_has_a_draft_of_its_own(talk: Page) -> None:
    await box(talk).fill("For this one")
    await talk.get_by_role("link", name="New chat").last.click()
    await expect(box(talk)).to_have_value("")
    await box(talk).fill("For a new one")
    await talk.go_back()
    await expect(box(talk)).to_have_value("For this one")


async def test_what_was_sent_is_no_draft_any_more(talk: Page, site: Site) -> None:
    await send(talk, "Second")
    site.model.end()
    assert await kept(talk) == 0
    await talk.reload()
    await expect(box(talk)).to_have_value("")


async def test_the_first_message_of_a_conversation_leaves_no_draft_either(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "Hello")
    site.model.end()
    await until(lambda: _none_kept(page))
    await page.goto("/")
    await expect(box(page)).to_have_value("")


async def _none_kept(page: Page) -> bool:
    return await kept(page) == 0


async def test_another_person_of_the_same_browser_never_sees_a_draft(
    page: Page, context: BrowserContext, site: Site
) -> None:
    await open_chat(page)
    await box(page).fill("My secret")
    await context.clear_cookies(name="person")
    await page.reload()
    await expect(box(page)).to_have_value("")
    assert await kept(page) == 0


# Offline


async def test_offline_says_so_and_the_message_is_sent_when_the_network_is_back(
    talk: Page, context: BrowserContext, site: Site
) -> None:
    await context.set_offline(True)
    await box(talk).fill("Second")
    await talk.get_by_role("button", name="Send").click()
    await expect(talk.get_by_role("alert")).to_contain_text("offline")
    await expect(box(talk)).to_have_value("Second")
    await context.set_offline(False)
    site.model.say("Two.")
    site.model.end()
    await expect_reply(talk, "Two.")
    await expect(said(talk)).to_have_text(["First", "Second"])
    await expect(box(talk)).to_have_value("")
    await expect(talk.get_by_role("alert")).to_have_text("")


async def test_a_message_that_is_changed_while_it_waits_is_not_sent_by_itself(
    talk: Page, context: BrowserContext, site: Site
) -> None:
    await context.set_offline(True)
    await box(talk).fill("Second")
    await talk.get_by_role("button", name="Send").click()
    await expect(talk.get_by_role("alert")).to_contain_text("offline")
    await box(talk).fill("Second thoughts")
    await expect(talk.locator("#composer[data-waiting]")).to_have_count(0)
    await context.set_offline(False)
    await expect(talk.locator("#chat[connected]")).to_have_count(1)
    await expect(said(talk)).to_have_text(["First"])
    await expect(box(talk)).to_have_value("Second thoughts")


async def test_a_server_that_restarts_gets_the_message_once_it_is_back(talk: Page, site: Site) -> None:
    refusals = [502, 503]

    async def restarting(route: Route) -> None:
        if route.request.method == "POST" and refusals:
            await route.fulfill(status=refusals.pop(0), body="away")
        else:
            await route.continue_()

    await talk.route("**/c/**", restarting)
    await box(talk).fill("Second")
    await talk.get_by_role("button", name="Send").click()
    await expect(said(talk)).to_have_text(["First", "Second"], timeout=15_000)
    site.model.end()


# Once


async def test_a_lost_answer_and_a_retry_are_one_message(talk: Page, site: Site) -> None:
    await lose_answers(talk)
    await box(talk).fill("Second")
    await talk.get_by_role("button", name="Send").click()
    await expect(said(talk)).to_have_text(["First", "Second"])
    await talk.unroute_all(behavior="ignoreErrors")
    site.model.say("Two.")
    site.model.end()
    await expect_reply(talk, "Two.")
    await talk.reload()
    await expect(said(talk)).to_have_text(["First", "Second"])
    await expect(box(talk)).to_have_value("")


async def test_a_lost_answer_and_a_reload_leave_nothing_to_send_twice(page: Page, site: Site) -> None:
    await open_chat(page)
    await lose_answers(page)
    await box(page).fill("Hello")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("offline")
    await page.unroute_all(behavior="ignoreErrors")
    await page.reload()
    await expect(box(page)).to_have_value("Hello")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/c/**")
    await expect(said(page)).to_have_text(["Hello"])
    site.model.end()
    await expect(page.locator(".sidebar__list a")).to_have_count(1)
    page.complaints.clear()  # type: ignore[attr-defined]


async def test_a_double_click_is_one_message(talk: Page, site: Site) -> None:
    await box(talk).fill("Second")
    await talk.get_by_role("button", name="Send").dblclick()
    await expect(said(talk)).to_have_text(["First", "Second"])
    site.model.say("Two.")
    site.model.end()
    await expect_reply(talk, "Two.")
    await talk.reload()
    await expect(said(talk)).to_have_text(["First", "Second"])


async def test_the_back_button_sends_nothing_again(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("One.")
    site.model.end()
    await send(page, "Hello")
    await expect_reply(page, "One.")
    await page.go_back()
    await expect(page.locator(".sidebar__list a")).to_have_count(1)
    await expect(box(page)).to_have_value("")
    await page.go_forward()
    await expect(said(page)).to_have_text(["Hello"])
    await expect(page.locator("[data-message-id]")).to_have_count(2)


async def test_after_sleep_an_unanswered_message_is_sent_again_and_is_there_once(page: Page, site: Site) -> None:
    async with network(int(site.chat.rsplit(":", 1)[1])) as net:
        await open_chat(page, net.url)
        site.model.say("One.")
        site.model.end()
        await send(page, "First")
        await expect_reply(page, "One.")
        await _sleep(page, net, "Second")
        site.model.say("Two.")
        site.model.end()
        await expect_reply(page, "Two.")
        await page.reload()
        await expect(said(page)).to_have_text(["First", "Second"])
    page.complaints.clear()  # type: ignore[attr-defined]


async def _sleep(page: Page, net: Network, text: str) -> None:
    """Sent, and in that moment the lid is closed: the answer hangs, then every connection is gone."""
    net.flowing.clear()
    await box(page).fill(text)
    await page.get_by_role("button", name="Send").click()
    await asyncio.sleep(0.3)
    for wire in list(net.wires):
        wire.cut()
    net.flowing.set()
