"""Deleting and taking a copy, as a person does it: with the keyboard, without JavaScript, with another tab open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.e2e.chatting import a_conversation, expect_reply, open_chat, send
from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def late_reports_forgiven(page: Page) -> AsyncIterator[None]:
    """What an ad reports at the moment in which it is deleted finds nothing any more, and the browser says so."""
    yield
    complaints: list[str] = page.complaints  # type: ignore[attr-defined]
    complaints[:] = [text for text in complaints if "404" not in text]


async def test_a_conversation_is_deleted_with_the_keyboard_alone(page: Page, site: Site) -> None:
    address = await a_conversation(page, site.model)
    bin_button = page.get_by_role("button", name="Delete this conversation")
    question = page.get_by_role("alertdialog", name="Delete this conversation?")
    await bin_button.focus()
    await page.keyboard.press("Enter")
    await expect(question).to_be_visible()
    await expect(page.get_by_role("button", name="Keep")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(question).to_be_hidden()
    await expect(bin_button).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{site.chat}/")
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await expect(page.locator(".sidebar__list a")).to_have_count(0)
    assert (await page.request.get(address)).status == 404


async def test_it_works_without_javascript(browser: Browser, page: Page, site: Site) -> None:
    address = await a_conversation(page, site.model)
    state = await page.context.storage_state()
    context = await browser.new_context(java_script_enabled=False, storage_state=state, base_url=site.chat)
    plain = await context.new_page()
    await plain.goto(address)
    await plain.get_by_role("button", name="Delete this conversation").click()
    await plain.get_by_role("button", name="Delete", exact=True).click()
    await expect(plain).to_have_url(f"{site.chat}/")
    assert (await plain.request.get(address)).status == 404
    await context.close()


async def test_another_open_tab_is_told(page: Page, context: BrowserContext, site: Site) -> None:
    address = await a_conversation(page, site.model)
    other = await context.new_page()
    await open_chat(other, address)
    await page.get_by_role("button", name="Delete this conversation").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(other.get_by_role("alert")).to_contain_text("This conversation was deleted.")
    await expect(other.locator("body")).not_to_contain_text("Trastevere")
    await expect(other.get_by_role("button", name="Delete this conversation")).to_have_count(0)
    await expect(other.get_by_role("link", name="New chat").last).to_be_visible()


async def test_a_reply_that_is_being_written_ends_at_the_model_too(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "Where to eat in Rome?")
    site.model.say("Well, ")
    await expect_reply(page, "Well,", state="streaming")
    await page.get_by_role("button", name="Delete this conversation").click()
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page).to_have_url(f"{site.chat}/")
    async with asyncio.timeout(15):
        while not site.model.closed.is_set():
            site.model.say("more ")
            await asyncio.sleep(0.05)


async def test_a_person_takes_a_copy_and_deletes_everything(page: Page, site: Site, tmp_path: Path) -> None:
    address = await a_conversation(page, site.model)
    await page.evaluate("() => localStorage.setItem('draft', 'half a thought')")
    await page.goto("/data/")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="For programs (JSON)").click()
    await (await started.value).save_as(tmp_path / "copy.json")
    exported = json.loads((tmp_path / "copy.json").read_text())
    texts = [message["text"] for message in exported["conversations"][0]["messages"]]
    assert texts == ["Where to eat in Rome?", "In Trastevere."]
    await page.get_by_role("button", name="Delete everything").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete everything").click()
    await expect(page.get_by_role("heading", name="Everything is deleted")).to_be_visible()
    assert await page.evaluate("() => localStorage.getItem('draft')") is None
    assert [cookie["name"] for cookie in await page.context.cookies() if cookie["name"] == "person"] == []
    assert (await page.request.get(address)).status == 404
