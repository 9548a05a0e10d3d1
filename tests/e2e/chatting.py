"""The few words in which the browser tests speak of the chat."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.e2e.servers import Model


async def open_chat(page: Page, address: str = "/") -> None:
    await page.goto(address)
    if "/c/" in page.url:
        await connected(page)


async def connected(page: Page) -> None:
    await expect(page.locator("#chat[connected]")).to_have_count(1)


async def send(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator('[data-role="user"] [data-message-body]').last).to_have_text(text)
    await connected(page)


async def a_conversation(page: Page, model: Model) -> str:
    """The address of a new conversation with one reply."""
    await open_chat(page)
    model.say("In Trastevere.")
    model.end()
    await send(page, "Where to eat in Rome?")
    await expect_reply(page, "In Trastevere.")
    return page.url


def reply(page: Page) -> Locator:
    return page.locator('[data-role="assistant"]').last


async def expect_reply(page: Page, text: str, state: str = "complete") -> None:
    await expect(reply(page).locator("[data-message-body]")).to_contain_text(text)
    await expect(reply(page)).to_have_attribute("data-state", state)


async def words(page: Page) -> str:
    """What the last reply shows, without its form."""
    return " ".join((await reply(page).locator("[data-message-body]").inner_text()).split())
