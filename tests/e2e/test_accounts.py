"""An account as a person meets it: the chats of this browser come along, and stay behind at the logout."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.chatting import a_conversation, expect_reply, open_chat, send
from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]
PASSWORD = "a calm and long phrase"


async def sign_up(page: Page, email: str) -> None:
    """With the keyboard alone."""
    await page.get_by_role("link", name="Sign up").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Email")).to_be_focused()
    await page.keyboard.type(email)
    for _ in range(2):
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()


async def test_a_guest_signs_up_goes_on_and_logs_out(page: Page, site: Site) -> None:
    await page.set_viewport_size({"width": 1280, "height": 800})
    address = await a_conversation(page, site.model)
    await sign_up(page, "carol@example.com")
    await open_chat(page, address)
    site.model.say("Brera.")
    site.model.end()
    await send(page, "And in Milan?")
    await expect_reply(page, "Brera.")
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("link", name="Log in")).to_be_visible()
    await page.go_back()
    await expect(page.locator("body")).not_to_contain_text("Trastevere")
    complaints: list[str] = page.complaints  # type: ignore[attr-defined]
    complaints[:] = [text for text in complaints if "404" not in text]  # the page that is not theirs any more


async def test_it_works_without_javascript(browser: Browser, page: Page, site: Site) -> None:
    await page.set_viewport_size({"width": 1280, "height": 800})
    address = await a_conversation(page, site.model)
    await sign_up(page, "dave@example.com")
    context = await browser.new_context(java_script_enabled=False, base_url=site.chat)
    plain = await context.new_page()
    await plain.goto("/accounts/login/")
    await plain.get_by_label("Email").fill("dave@example.com")
    await plain.get_by_label("Password").fill("a wrong one")
    await plain.get_by_role("button", name="Log in").click()
    await expect(plain.get_by_role("alert")).to_contain_text("not correct")
    await plain.get_by_label("Password").fill(PASSWORD)
    await plain.get_by_role("button", name="Log in").click()
    await plain.goto(address)
    await expect(plain.locator("[data-role=assistant]")).to_contain_text("In Trastevere.")
    await plain.goto("/data/")
    await plain.get_by_label("Password").fill(PASSWORD)
    await plain.get_by_role("button", name="Delete account").click()
    await expect(plain.get_by_role("heading", name="Everything is deleted")).to_be_visible()
    assert (await plain.request.get(address)).status == 404
    assert (await page.request.get(address)).status == 404
    await context.close()
