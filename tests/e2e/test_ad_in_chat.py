"""What only the chat and its ads together show: typing is told to them (protocol 6.8), by socket they come whole."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.chatting import expect_reply, open_chat, send
from tests.e2e.conftest import Site
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

BEGINS = {"name": "user.typing.started"}


async def listen(page: Page) -> None:
    await page.evaluate(
        "() => { window.told = []; document.addEventListener('kontext:user-event', ({detail}) => told.push(detail)); }"
    )


async def told(page: Page) -> Any:
    return await page.evaluate("told")


async def test_it_is_said_once_for_each_message_and_not_for_each_key(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "First")
    site.model.say("Go on.")
    site.model.end()
    await expect_reply(page, "Go on.")
    await listen(page)
    box = page.get_by_role("textbox", name="Message")
    await box.press_sequentially("A word")
    assert await told(page) == [BEGINS]
    await box.press("Enter")
    await expect(box).to_have_value("")
    assert await told(page) == [BEGINS]
    await box.press_sequentially("Another")
    assert await told(page) == [BEGINS, BEGINS]


async def test_a_message_that_was_taken_back_can_begin_anew(page: Page, site: Site) -> None:
    await open_chat(page)
    await listen(page)
    box = page.get_by_role("textbox", name="Message")
    for text in ("a", "", "b", "bc", "c", ""):
        await box.fill(text)
    assert await told(page) == [BEGINS, BEGINS]


async def test_the_ads_of_the_page_hear_it(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("Rome is at its best in the early morning.")
    site.model.end()
    await send(page, "A long weekend in Rome")
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)
    handle = await page.locator("kontext-ad iframe").element_handle()
    frame = await handle.content_frame() if handle else None
    assert frame is not None
    await frame.evaluate("() => { window.heard = []; addEventListener('message', ({data}) => heard.push(data)); }")
    await page.get_by_role("textbox", name="Message").press_sequentially("And")
    heard = "heard.filter(({type}) => type === 'user-event-iframe')"
    await until(lambda: frame.evaluate(f"{heard}.length"))
    assert await frame.evaluate(heard) == [{"type": "user-event-iframe", "data": {**BEGINS, "code": "inlineAd"}}]


async def test_an_ad_that_came_over_the_socket_has_its_modal_with_it(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("Rome is at its best in the early morning.")
    site.model.end()
    await send(page, "A long weekend in Rome")
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)
    address = "document.querySelector('kontext-ad template').content.querySelector('dialog iframe').dataset.src"
    assert str(await page.evaluate(address)).startswith(f"{site.ads}/api/modal/")
