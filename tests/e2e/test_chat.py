"""The chat in a real browser: what only a browser can show."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute, expect

from tests.e2e.chatting import connected, expect_reply, open_chat, reply, send
from tests.e2e.conftest import Site
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

PARAGRAPHS = [f"Paragraph {n} with enough words to fill a line or two on a narrow phone screen.\n\n" for n in range(12)]


async def test_a_message_is_sent_and_the_reply_streams_in(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "Where to eat in Rome?")
    await expect(page).to_have_url(f"{site.chat}/c/{page.url.split('/c/')[1]}")
    site.model.say("In **Trast")
    await expect_reply(page, "In Trast", state="streaming")
    await expect(reply(page).locator("strong")).to_have_text("Trast")
    site.model.say("evere**.")
    site.model.end()
    await expect_reply(page, "In Trastevere.")


async def test_a_second_message_arrives_once_though_post_and_socket_both_bring_it(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("One.")
    site.model.end()
    await send(page, "First")
    await expect_reply(page, "One.")
    await send(page, "Second")
    site.model.say("Two.")
    site.model.end()
    await expect_reply(page, "Two.")
    await expect(page.locator("[data-message-id]")).to_have_count(4)
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")


async def test_a_second_tab_sees_what_the_first_does(page: Page, context: BrowserContext, site: Site) -> None:
    await open_chat(page)
    site.model.say("One.")
    site.model.end()
    await send(page, "First")
    await expect_reply(page, "One.")
    other = await context.new_page()
    await open_chat(other, page.url)
    await send(page, "Second")
    site.model.say("Live ")
    await expect_reply(other, "Live", state="streaming")
    site.model.say("in both.")
    site.model.end()
    await expect_reply(other, "Live in both.")
    await expect(other.locator("[data-message-id]")).to_have_count(4)
    first, second = [await tab.locator("#transcript [data-message-body]").all_inner_texts() for tab in (page, other)]
    assert first == second


async def test_a_reload_in_mid_stream_shows_what_there_is_and_goes_on(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "Count")
    site.model.say("- one\n", "- two\n", "- thr")
    await expect_reply(page, "thr", state="streaming")
    await page.reload()
    await connected(page)
    await expect_reply(page, "thr", state="streaming")
    site.model.say("ee\n", "- four")
    site.model.end()
    await expect_reply(page, "four")
    assert await reply(page).locator("li").all_inner_texts() == ["one", "two", "three", "four"]


async def test_a_lost_connection_heals_and_loses_nothing(page: Page, site: Site) -> None:
    sockets: list[WebSocketRoute] = []

    async def through(route: WebSocketRoute) -> None:
        sockets.append(route)
        route.connect_to_server()

    await page.route_web_socket("**/ws/**", through)
    await open_chat(page)
    await send(page, "Count")
    site.model.say("one, ")
    await expect_reply(page, "one", state="streaming")
    await sockets[-1].close(code=1012)
    site.model.say("two, ")
    await until(lambda: len(sockets) > 1)
    site.model.say("three.")
    site.model.end()
    await expect_reply(page, "one, two, three.")


async def test_stop_keeps_the_text_and_closes_the_model_s_stream(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "Tell me everything")
    site.model.say("Half of it")
    await expect_reply(page, "Half of it", state="streaming")
    await expect(page.get_by_role("button", name="Send")).to_be_hidden()
    await page.get_by_role("button", name="Stop").click()
    await expect_reply(page, "Half of it", state="stopped")
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    async with asyncio.timeout(2):
        while not site.model.closed.is_set():
            site.model.say(" ")
            await asyncio.sleep(0.02)


async def test_a_model_that_fails_is_explained_and_can_be_tried_again(page: Page, site: Site) -> None:
    site.model.status = 500
    await open_chat(page)
    await send(page, "Anybody there?")
    await expect(reply(page)).to_have_attribute("data-state", "failed")
    site.model.status = 200
    await reply(page).get_by_role("button", name="Try again").click()
    site.model.say("Here I am.")
    site.model.end()
    await expect_reply(page, "Here I am.")
    await expect(page.get_by_role("button", name="Try again")).to_be_hidden()


async def test_enter_sends_and_shift_enter_breaks_the_line(page: Page, site: Site) -> None:
    await open_chat(page)
    box = page.get_by_role("textbox", name="Message")
    await box.press_sequentially("one")
    await box.press("Shift+Enter")
    await box.press_sequentially("two")
    await expect(box).to_have_value("one\ntwo")
    await box.press("Enter")
    await expect(page.locator('[data-role="user"] [data-message-body]')).to_have_text("one\ntwo")
    site.model.end()


async def test_the_enter_that_confirms_a_word_of_an_input_method_does_not_send(page: Page, site: Site) -> None:
    await open_chat(page)
    box = page.get_by_role("textbox", name="Message")
    await box.fill("にほん")
    for how in ("isComposing: true", "keyCode: 229"):
        event = f"new KeyboardEvent('keydown', {{key: 'Enter', bubbles: true, cancelable: true, {how}}})"
        await box.evaluate(f"(box) => box.dispatchEvent({event})")
    await expect(box).to_have_value("にほん")
    assert page.url == f"{site.chat}/"


async def test_a_message_that_cannot_be_sent_stays_in_the_box_with_the_reason_beside_it(page: Page, site: Site) -> None:
    await open_chat(page)
    box = page.get_by_role("textbox", name="Message")
    await box.fill("x" * 8001)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("8,000 characters")
    await expect(box).to_have_value("x" * 8001)
    await box.fill(" ")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_have_text("Type a message first.")
    page.complaints.clear()  # type: ignore[attr-defined] # the browser itself reports each answer of 422


async def test_offline_the_message_stays_in_the_box(page: Page, context: BrowserContext, site: Site) -> None:
    await open_chat(page)
    await page.get_by_role("textbox", name="Message").fill("Hello?")
    await context.set_offline(True)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("offline")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("Hello?")
    page.complaints.clear()  # type: ignore[attr-defined] # the browser itself reports the failed request


async def test_a_reader_at_the_end_is_kept_at_the_end(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "A lot, please")
    site.model.say(*PARAGRAPHS)
    site.model.end()
    await expect_reply(page, "Paragraph 11")
    await until(lambda: page.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY < 2"))


async def test_a_reader_above_is_not_moved_by_one_pixel(page: Page, site: Site) -> None:
    await open_chat(page)
    await send(page, "A lot, please")
    site.model.say(*PARAGRAPHS)
    await expect_reply(page, "Paragraph 11", state="streaming")
    await page.mouse.move(200, 300)
    await page.mouse.wheel(0, -400)
    jump = page.get_by_role("button", name="Jump to the latest")
    await expect(jump).to_be_visible()
    where = "document.querySelector('[data-role=assistant] [data-message-body] p').getBoundingClientRect().top"
    before = await page.evaluate(where)
    site.model.say(*(f"More {n}.\n\n" for n in range(20)))
    site.model.end()
    await expect_reply(page, "More 19.")
    assert await page.evaluate(where) == before
    await jump.click()
    await until(lambda: page.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY < 2"))
    await expect(jump).to_be_hidden()


async def test_scrolling_up_brings_earlier_messages_without_moving_what_is_read(page: Page, site: Site) -> None:
    await open_chat(page)
    for n in range(8):
        site.model.say(f"Answer {n}.\n\n" + "A line that takes some room.\n\n" * 4)
        site.model.end()
        await send(page, f"Question {n}")
        await expect_reply(page, f"Answer {n}.")
    await open_chat(page, page.url)
    assert await page.locator("[data-message-id]").count() == 10
    first = page.locator("[data-message-id]").first
    ident = await first.get_attribute("data-message-id")
    await first.evaluate("(element) => scrollBy(0, element.getBoundingClientRect().top - 60)")
    await expect(page.locator("[data-message-id]")).to_have_count(16)
    kept = page.locator(f'[data-message-id="{ident}"]')
    assert await kept.evaluate("(element) => Math.abs(element.getBoundingClientRect().top - 60) < 1.5")


async def test_without_javascript_a_message_is_sent_and_the_reply_is_read(context: BrowserContext, site: Site) -> None:
    browser = context.browser
    assert browser
    plain = await browser.new_context(base_url=site.chat, java_script_enabled=False)
    page = await plain.new_page()
    await page.goto("/")
    site.model.say("Plain **but** readable.")
    site.model.end()
    await page.get_by_role("textbox", name="Message").fill("Hello")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("[data-role=assistant] [data-message-body] strong")).to_have_text("but")
    await plain.close()


async def test_the_state_of_a_reply_is_told_politely(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("Done.")
    await send(page, "Hello")
    await expect(page.locator("#announcer")).to_have_text("The assistant is writing.")
    site.model.end()
    await expect(page.locator("#announcer")).to_have_text("The reply is complete.")
    assert await page.locator("#announcer").get_attribute("role") == "status"


async def test_earlier_conversations_are_reached_by_keyboard(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("One.")
    site.model.end()
    await send(page, "Find me again")
    await expect_reply(page, "One.")
    await page.goto("/")
    await page.get_by_role("button", name="Conversations").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Find me again").focus()
    await page.keyboard.press("Enter")
    await expect_reply(page, "One.")


async def test_focus_is_never_lost_to_a_button_that_goes_away(page: Page, site: Site) -> None:
    focused = "document.activeElement.id"
    await open_chat(page)
    await send(page, "Tell me everything")
    site.model.say("Half of it")
    await expect_reply(page, "Half of it", state="streaming")
    await page.get_by_role("button", name="Stop").press("Enter")
    await expect_reply(page, "Half of it", state="stopped")
    await until(lambda: page.evaluate(focused))
    assert await page.evaluate(focused) == "composer-text"


async def test_a_message_whose_answer_was_lost_leaves_the_box_when_the_page_shows_it(page: Page, site: Site) -> None:
    await open_chat(page)
    site.model.say("One.")
    site.model.end()
    await send(page, "First")
    await expect_reply(page, "One.")

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/c/**", lose_the_answer)
    await page.get_by_role("textbox", name="Message").fill("Second")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator('[data-role="user"] [data-message-body]').last).to_have_text("Second")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    await page.unroute("**/c/**")
    site.model.say("Two.")
    site.model.end()
    await expect_reply(page, "Two.")
    await send(page, "Third")
    await expect(page.locator('[data-role="user"]')).to_have_count(3)
    site.model.end()
    page.complaints.clear()  # type: ignore[attr-defined] # the browser itself reports the lost answer


async def test_a_page_that_is_out_of_date_keeps_the_text_and_says_what_to_do(
    page: Page, context: BrowserContext, site: Site
) -> None:
    await open_chat(page)
    await context.clear_cookies(name="csrftoken")
    await page.get_by_role("textbox", name="Message").fill("Do not lose me")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("out of date")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("Do not lose me")
    page.complaints.clear()  # type: ignore[attr-defined] # the browser itself reports the answer of 403
