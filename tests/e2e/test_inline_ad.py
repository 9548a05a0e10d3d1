"""The ad under a reply, in a real browser, with the sandbox as the ad server on another origin."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.e2e.chatting import expect_reply, open_chat, reply, send
from tests.e2e.conftest import Site
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

WATCH_SHIFTS = """
    window.shifts = [];
    new PerformanceObserver((list) => shifts.push(...list.getEntries().filter((shift) => !shift.hadRecentInput)))
        .observe({type: "layout-shift", buffered: true});
"""
TOTAL_SHIFT = "shifts.reduce((sum, shift) => sum + shift.value, 0)"
HEIGHT = "(slot) => slot.getBoundingClientRect().height"
ANSWER = "Rome is at its best in the early morning. Take the first train, walk, and eat where the menu is short.\n\n"


def slot(page: Page) -> Locator:
    return page.locator("[data-ad-slot]").last


def ad(page: Page) -> Locator:
    return slot(page).locator("kontext-ad")


async def chat_with_ad(page: Page, site: Site, text: str = "A long weekend in Rome") -> None:
    await open_chat(page)
    site.model.say(ANSWER)
    site.model.end()
    await send(page, text)
    await expect_reply(page, "Rome is at its best")


async def shown(page: Page) -> None:
    await expect(ad(page)).to_be_visible()
    await until(lambda: page.evaluate("document.querySelector('[data-ad-slot] iframe').clientHeight > 40"))


async def test_an_ad_shows_under_the_reply_and_says_that_it_is_one(page: Page, site: Site) -> None:
    await chat_with_ad(page, site)
    await shown(page)
    ident = await reply(page).get_attribute("data-message-id")
    await expect(slot(page)).to_have_attribute("data-ad-slot", str(ident))
    await expect(slot(page).get_by_text("Sponsored")).to_be_visible()
    frame = slot(page).locator('iframe[title="Advertisement"]')
    source = str(await frame.get_attribute("src"))
    assert source.startswith(f"{site.ads}/api/frame/")
    assert f"?code=inlineAd&messageId={ident}&sdk=sdk-js" in source
    await expect(
        frame.content_frame.get_by_role("link").or_(frame.content_frame.get_by_role("button")).first
    ).to_be_visible()


async def test_a_screen_reader_finds_the_ad_as_a_labelled_region(page: Page, site: Site) -> None:
    await chat_with_ad(page, site)
    await shown(page)
    await expect(
        page.get_by_role("complementary", name="Sponsored").or_(page.get_by_role("region", name="Sponsored"))
    ).to_be_visible()


async def test_a_whole_turn_with_an_ad_shifts_nothing(page: Page, site: Site) -> None:
    await page.add_init_script(WATCH_SHIFTS)
    await open_chat(page)
    await send(page, "A long weekend in Rome")
    for word in (ANSWER * 3).split(" "):
        site.model.say(f"{word} ")
        await page.wait_for_timeout(40)  # the pace of a model
    site.model.end()
    await expect_reply(page, "Rome is at its best")
    await shown(page)
    await page.wait_for_timeout(1500)  # the creative's text streams in; shifts are summed over all of it
    assert await page.evaluate(TOTAL_SHIFT) <= 0.01


async def test_a_reader_above_is_not_moved_by_an_ad_that_comes_late(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say(*([ANSWER] * 14))
    site.model.end()
    await send(page, "Rome #late")
    await expect_reply(page, "Rome is at its best")
    await page.mouse.move(200, 300)
    await page.mouse.wheel(0, -500)
    await expect(page.get_by_role("button", name="Jump to the latest")).to_be_visible()
    where = "document.querySelector('[data-role=assistant] [data-message-body] p').getBoundingClientRect().top"
    before = await page.evaluate(where)
    await expect(ad(page)).to_have_count(1)
    await until(lambda: page.evaluate("document.querySelector('[data-ad-slot] iframe').clientHeight > 40"))
    assert await page.evaluate(where) == before


async def test_after_a_reload_the_ad_shows_again_and_shifts_nothing(page: Page, site: Site) -> None:
    await chat_with_ad(page, site)
    await shown(page)
    source = await slot(page).locator("iframe").get_attribute("src")
    await page.wait_for_timeout(600)  # the frame's last height is on its way to the server
    await page.add_init_script(WATCH_SHIFTS)
    await page.reload()
    await shown(page)
    assert await slot(page).locator("iframe").get_attribute("src") == source
    await page.wait_for_timeout(1000)
    assert await page.evaluate(TOTAL_SHIFT) <= 0.01


async def test_a_frame_is_loaded_once_whatever_arrives_after_it(page: Page, site: Site) -> None:
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if "/api/frame/" in request.url else None)
    await chat_with_ad(page, site)
    await shown(page)
    assert len(loads) == 1
    site.model.say("Nothing to sell here.")
    site.model.end()
    await send(page, "Thanks #nofill")
    await expect_reply(page, "Nothing to sell here.")
    await expect(page.locator("kontext-ad")).to_have_count(1)
    assert len(loads) == 1


@pytest.mark.parametrize(
    "word", ["#nofill", "#skip", "#204", "#403", "#500", "#error", "#empty", "#malformed", "#foreign"]
)
async def test_without_an_ad_the_slot_takes_no_space(page: Page, site: Site, word: str) -> None:
    await chat_with_ad(page, site, f"Rome {word}")
    site.model.say("Second.")
    site.model.end()
    await send(page, "Go on #nofill")
    await expect_reply(page, "Second.")
    for each in await page.locator("[data-ad-slot]").all():
        assert await each.evaluate(HEIGHT) == 0
    assert await page.locator("kontext-ad").count() == 0


@pytest.mark.parametrize("word", ["#noframe", "#errorframe"])
async def test_a_creative_that_fails_leaves_no_hole(page: Page, site: Site, word: str) -> None:
    await chat_with_ad(page, site, f"Rome {word}")
    await until(
        lambda: page.evaluate("performance.getEntriesByType('resource').some((e) => e.name.includes('/api/frame/'))")
    )
    await page.wait_for_timeout(500)
    assert await slot(page).evaluate(HEIGHT) == 0


async def test_a_click_opens_the_advertisers_page_once_and_leaves_the_chat_alone(
    page: Page, context: BrowserContext, site: Site
) -> None:
    await chat_with_ad(page, site)
    await shown(page)
    frame = slot(page).locator("iframe").content_frame
    call = frame.get_by_role("link").or_(frame.get_by_role("button")).first
    async with context.expect_page() as opened:
        await call.click()
    landing = await opened.value
    await landing.wait_for_load_state()
    assert landing.url.startswith(f"{site.ads}/landing/")
    assert await landing.evaluate("window.opener") is None
    assert "/c/" in page.url
    assert len(context.pages) == 2


async def test_what_is_copied_of_a_reply_has_no_ad_in_it(page: Page, context: BrowserContext, site: Site) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await chat_with_ad(page, site)
    await shown(page)
    await page.get_by_role("button", name="Copy the reply").click()
    await expect(page.locator("#announcer")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == ANSWER.strip()


async def test_a_view_is_told_to_the_server_once(page: Page, site: Site) -> None:
    told: list[str] = []
    page.on(
        "request", lambda request: told.append(request.post_data or "") if "/kontext/events/" in request.url else None
    )
    await chat_with_ad(page, site)
    await shown(page)
    await until(lambda: any("ad.viewed" in body for body in told))
    await page.wait_for_timeout(1200)
    assert sum('"ad.viewed"' in body for body in told) == 1
