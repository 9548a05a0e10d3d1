"""The modal of the sandbox's interstitial in a real browser (protocol 6.6)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from .sandbox_host import BID_ID, Host

pytest_plugins = ["tests.e2e.sandbox_fixtures"]
pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LINE = "The window is yours, the suitcase sleeps under the bed, and nobody weighs it."


async def opened(host: Host, **bid: Any) -> None:
    await host.mount(format="interstitial", text="By train or by plane?", bid=bid)
    await host.hear("ad.render-completed")
    await host.frame.get_by_role("button", name="Take a closer look").click()


async def test_the_button_asks_for_the_modal(host: Host) -> None:
    await opened(host)
    asked = await host.hear("open-component-iframe")
    assert (asked["component"], asked["timeout"], asked["componentParams"]) == (
        "modal",
        4000,
        {"line": 1, "openedBy": "button"},
    )


async def test_the_modal_says_that_it_is_ready_and_is_viewed_when_it_shows(host: Host) -> None:
    await opened(host)
    viewed = await host.hear("ad.viewed")
    assert viewed["payload"] == {"id": BID_ID, "content": LINE, "messageId": "a1", "format": "interstitial"}
    assert await host.log(modal=True) == [
        "init-component-iframe",
        "init-iframe",
        "ad-done-component-iframe",
        "ad.viewed",
    ]
    assert "ad.viewed" not in await host.log()


async def test_what_concerns_the_modal_names_its_component(host: Host) -> None:
    await opened(host)
    await host.hear("ad-done-component-iframe")
    named = await host.page.evaluate("log.filter(({component}) => component === 'modal').map(({type}) => type)")
    assert named == ["open-component-iframe", "init-component-iframe", "ad-done-component-iframe"]


async def test_it_shows_the_line_of_the_card_and_the_greeting_of_the_character(host: Host) -> None:
    await opened(host, greeting="Hi there!")
    await host.hear("ad-done-component-iframe")
    await expect((await host.modal()).get_by_role("heading", name="Slowline Night Trains")).to_be_visible()
    await expect((await host.modal()).get_by_role("main", name="Slowline Night Trains")).to_be_visible()
    await expect((await host.modal()).get_by_text(LINE)).to_be_visible()
    await expect((await host.modal()).get_by_text("“Hi there!”")).to_be_visible()


async def test_its_button_asks_to_close_it(host: Host) -> None:
    await opened(host)
    await host.hear("ad-done-component-iframe")
    await (await host.modal()).get_by_role("button", name="Close").click()
    assert (await host.hear("close-component-iframe"))["component"] == "modal"
    await expect(host.page.locator("iframe.modal")).to_have_count(0)


async def test_the_focus_begins_at_the_button_and_escape_closes(host: Host) -> None:
    await opened(host)
    await host.hear("ad-done-component-iframe")
    await expect((await host.modal()).get_by_role("button", name="Close")).to_be_focused()
    await host.page.keyboard.press("Escape")
    await host.hear("close-component-iframe")


async def test_its_call_to_action_tells_of_a_click(host: Host) -> None:
    await opened(host)
    await host.hear("ad-done-component-iframe")
    await (await host.modal()).get_by_role("link").click()
    clicked = (await host.hear("ad.clicked"))["payload"]
    assert (clicked["format"], clicked["area"], clicked["url"]) == ("interstitial", "cta", "/landing/slowline")
    assert (await host.hear("click-iframe"))["modal"] is True


async def test_a_theme_of_the_page_reaches_the_modal(host: Host) -> None:
    await host.mount(format="interstitial", otherParams={"theme": "v2-dark"})
    await host.hear("ad.render-completed")
    await host.frame.get_by_role("button").click()
    await host.hear("ad-done-component-iframe")
    await expect((await host.modal()).locator("body[data-theme=dark]")).to_be_attached()


async def test_a_silent_modal_says_nothing(host: Host) -> None:
    await opened(host, modal="silent")
    await expect((await host.modal()).locator("main")).to_be_attached()
    assert await host.log(modal=True) == []


@pytest.mark.parametrize(("modal_error", "error_type"), [("", None), ("render_failed", "render_failed")])
async def test_a_modal_that_fails_says_so(host: Host, modal_error: str, error_type: str | None) -> None:
    await opened(host, modal="fails", modal_error=modal_error)
    error = await host.hear("error-component-iframe")
    assert (error["component"], error.get("errorType"), bool(error["message"])) == ("modal", error_type, True)
    assert await host.log(modal=True) == ["error-component-iframe"]


async def test_a_modal_that_hangs_shows_and_offers_no_way_out(host: Host) -> None:
    await opened(host, modal="hangs")
    await host.hear("ad-done-component-iframe")
    await host.page.keyboard.press("Escape")
    await expect((await host.modal()).get_by_role("button")).to_have_count(0)
    await host.hear("ad.viewed")
    assert "close-component-iframe" not in await host.log(modal=True)


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_it_fits_and_its_close_button_is_large_enough_for_a_finger(host: Host, width: int) -> None:
    await host.page.set_viewport_size({"width": width, "height": 640})
    await opened(host, greeting="Hi there! " * 20)
    await host.hear("ad-done-component-iframe")
    assert await (await host.modal()).evaluate("document.documentElement.scrollWidth") == width
    box = await (await host.modal()).get_by_role("button", name="Close").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
