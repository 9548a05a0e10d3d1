"""Frames that mean no good, in the real chat and a browser as a person has it: one can type, send and read on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Frame, Locator, Page, async_playwright, expect

from tests.e2e.browsers import chromium
from tests.e2e.chatting import expect_reply, open_chat, send
from tests.e2e.conftest import BROWSER_ARGS, Site
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

CREATIVE = """<!doctype html><title>Creative</title><body style="margin:0"><input id="box"><script>
const say = (type, data) => parent.postMessage({type, data}, "*");
addEventListener("message", ({data}) => {
  if (data.way) setTimeout(data.way);
  if (data.type !== "update-iframe") return;
  say("resize-iframe", {height: 90});
  say("show-iframe");
});
say("init-iframe");
</script>"""
FORGED = """for (const type of ["resize-iframe", "event-iframe", "click-iframe", "open-component-iframe", "toString"]) {
  const keys = '"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}';
  say(type, JSON.parse(`{${keys}, "height": {${keys}}, "url": "javascript:alert(1)", "code": "another"}`));
  parent.postMessage(`{"type": "${type}", ${keys}, "data": {${keys}}}`, "*");
}"""
GROWS = "say('resize-iframe', {height: 1e9})"
WAYS = {
    "hangs": ["for (;;);"],
    "floods": ["setInterval(() => { for (let i = 0; i < 200; i += 1) say('event-iframe', {name: 'x'}); }, 10)"],
    "is never at rest": [
        GROWS,
        "let i = 0; setInterval(() => say('resize-iframe', {height: 90 + 40 * (i++ % 9)}), 5)",
        "let j = 0; setInterval(() => say(j++ % 2 ? 'show-iframe' : 'hide-iframe'), 5)",
    ],
    "forges": [FORGED],
    "navigates itself": ["location = 'about:blank'"],
    "navigates itself into the chat": ["location = document.referrer"],
    "wants out": [
        "top.location = 'about:blank'",
        "setInterval(() => open('about:blank'), 50)",
        "setInterval(() => say('click-iframe', {url: '/redirect/x'}), 50)",
    ],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One that blocks windows that nobody asked for: those of tests open all of them."""
    async with async_playwright() as playwright:
        blocking = ["--disable-popup-blocking"]
        started = await playwright.chromium.launch(
            executable_path=chromium(), args=BROWSER_ARGS, ignore_default_args=blocking
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(page: Page, site: Site) -> Page:
    """A chat with one reply and our creative under it."""
    await page.route(re.compile("/api/frame/"), lambda route: route.fulfill(body=CREATIVE, content_type="text/html"))
    # As in production, where it is not the ad server's site: browsers let the frames of one site do more to each other.
    await open_ad(page, site, site.chat.replace("127.0.0.1", "localhost"))
    return page


async def open_ad(page: Page, site: Site, address: str) -> None:
    await open_chat(page, address)
    site.model.say("Rome is at its best in the early morning.")
    site.model.end()
    await send(page, "A long weekend in Rome")
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


async def creative(page: Page) -> Frame:
    handle = await page.locator("kontext-ad iframe").element_handle()
    frame = await handle.content_frame() if handle else None
    assert frame is not None
    return frame


async def go(page: Page, way: str) -> None:
    """The frame does it by itself: what tests evaluate in a frame counts as the person's gesture there."""
    await page.evaluate(
        "(way) => document.querySelector('kontext-ad iframe').contentWindow.postMessage({way}, '*')", way
    )


async def goes_on(page: Page, site: Site) -> None:
    """A person types key by key, sends, and reads the reply; nothing else has happened."""
    address = page.url
    await box(page).press_sequentially("And where do I eat?", delay=15)
    await expect(box(page)).to_have_value("And where do I eat?")
    site.model.say("Where the menu is short.")
    site.model.end()
    await box(page).press("Enter")
    await expect_reply(page, "Where the menu is short.")
    assert page.url == address
    assert page.context.pages == [page]
    assert await page.evaluate("({}).polluted") is None


@pytest.mark.parametrize("way", WAYS)
async def test_whatever_a_frame_does_the_chat_goes_on(page: Page, site: Site, way: str) -> None:
    # Somebody types: else the gesture that evaluating is for the page would pass for a wish.
    await box(page).press("Shift")
    for step in WAYS[way]:
        await go(page, step)
    await goes_on(page, site)
    # What the browser says of what it forbids is no complaint about the page; a closed one says no more.
    await page.close()
    page.complaints.clear()  # type: ignore[attr-defined]


async def test_an_ad_that_says_more_than_a_page_can_hear_goes(page: Page) -> None:
    await go(page, *WAYS["floods"])
    await expect(page.locator("kontext-ad")).to_have_count(0)


async def test_no_ad_is_higher_than_a_person_would_scroll(page: Page) -> None:
    await go(page, GROWS)
    await expect(page.locator("kontext-ad iframe")).to_have_attribute("height", "2000")


# The focus: what is typed into the page is not for the ad


async def takes_the_focus_and_loses_it(page: Page, frame: Frame) -> None:
    await go(page, "box.onblur = () => { box.title = 'lost'; }; box.focus()")
    await until(lambda: frame.evaluate("box.title === 'lost'"))


async def test_an_ad_that_takes_it_gives_it_back_at_once(page: Page, site: Site) -> None:
    await box(page).press_sequentially("And where ")
    frame = await creative(page)
    await takes_the_focus_and_loses_it(page, frame)
    await expect(box(page)).to_be_focused()
    await page.keyboard.type("do I eat?")
    await expect(box(page)).to_have_value("And where do I eat?")
    assert await frame.evaluate("box.value") == ""


async def test_an_ad_that_takes_it_again_and_again_goes(page: Page, site: Site) -> None:
    await box(page).press_sequentially("And ")
    await go(page, "setInterval(() => { window.focus(); box.focus(); }, 20)")
    await expect(page.locator("kontext-ad")).to_have_count(0)
    await expect(box(page)).to_be_focused()
    await page.keyboard.type("then?")
    await expect(box(page)).to_have_value("And then?")


async def test_where_nothing_had_it_nothing_gets_it(page: Page) -> None:
    await page.keyboard.press("Shift")
    # It lost it some time ago.
    await page.evaluate("document.activeElement.blur(); new Promise((done) => setTimeout(done, 200))")
    frame = await creative(page)
    await takes_the_focus_and_loses_it(page, frame)
    await until(lambda: page.evaluate("document.activeElement === document.body && document.hasFocus()"))
    await page.keyboard.type("x")
    assert await frame.evaluate("box.value") == ""


async def test_a_person_who_clicks_into_an_ad_types_there(page: Page) -> None:
    frame = await creative(page)
    await frame.click("#box")
    await page.keyboard.type("Ann")
    assert await frame.evaluate("box.value") == "Ann"


async def test_one_who_has_just_typed_comes_with_the_mouse(page: Page, site: Site) -> None:
    # In one process with its page: only persons' mice, and not those of tests, are told of by two.
    await open_ad(page, site, site.chat)
    await box(page).press_sequentially("And ")
    frame = await creative(page)
    await frame.click("#box")
    await page.keyboard.type("Ann")
    assert await frame.evaluate("box.value") == "Ann"
    await expect(box(page)).to_have_value("And ")


async def test_a_person_who_comes_by_tab_types_there(page: Page) -> None:
    await box(page).focus()
    frame = await creative(page)

    async def is_there() -> bool:
        await page.keyboard.press("Shift+Tab")
        return bool(await frame.evaluate("document.activeElement === box && document.hasFocus()"))

    await until(is_there)
    await page.keyboard.type("Ann")
    assert await frame.evaluate("box.value") == "Ann"
