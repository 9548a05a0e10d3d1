"""What an ad's modal is to a keyboard and to a screen reader, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from .ad_steps import (
    creative,
    listen,
    modal,
    open_modal,
    open_page,
    say,
    settle,
    show,
    show_modal,
    slot_html,
    told,
)

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

FOCUS = "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"


def accessible(page: Page) -> list[dict[str, Any]]:
    """What the browser tells a screen reader."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [node for node in nodes if not node["ignored"] and "name" in node]


@pytest.fixture
def page(ad_page: Page, ad_site: AdSite) -> Page:
    """An ad between two boxes to type in; the first has the focus."""
    open_page(ad_page, ad_site, f'<input id="one">{slot_html()}<input id="two">')
    show(ad_page)
    ad_page.focus("#one")
    return ad_page


class TestNames:
    def test_dialog_frames_and_the_way_out_have_names(self, page: Page) -> None:
        show_modal(page)
        dialog = page.get_by_role("dialog", name="Advertisement", exact=True)
        expect(dialog).to_be_visible()
        expect(dialog.get_by_text("Sponsored")).to_be_visible()
        expect(dialog.get_by_role("button", name="Close", exact=True)).to_be_visible()
        expect(dialog.locator("iframe")).to_have_attribute("title", "Full-screen advertisement")

    def test_while_it_shows_nothing_else_is_there_for_a_screen_reader(self, page: Page) -> None:
        expect(page.get_by_role("textbox")).to_have_count(2)
        show_modal(page)
        names = [(node["role"]["value"], node["name"]["value"]) for node in accessible(page)]
        assert ("dialog", "Advertisement") in names
        assert ("button", "Close") in names
        assert not {"textbox", "region", "paragraph"} & {role for role, _ in names}

    def test_before_it_shows_it_is_not_there(self, page: Page) -> None:
        open_modal(page)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("textbox")).to_have_count(2)


class TestFocus:
    def test_it_goes_to_the_way_out_when_the_modal_shows_and_not_before(self, page: Page) -> None:
        frame = open_modal(page)
        settle(page)
        assert page.evaluate(FOCUS) == "one"
        say(frame, "init-component-iframe")
        expect(page.get_by_role("button", name="Close")).to_be_focused()

    @pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
    def test_it_never_comes_to_the_page_behind(self, page: Page, key: str) -> None:
        show_modal(page)
        seen = set()
        for _ in range(8):
            page.keyboard.press(key)
            settle(page)
            seen.add(page.evaluate(FOCUS))
        assert {"kontext-modal__close", "kontext-modal__frame"} <= seen
        assert seen <= {"kontext-modal__close", "kontext-modal__frame", "BODY"}, "BODY: the browser's own controls"

    @pytest.mark.parametrize("change", ["scrollTo(0, 0)", "document.querySelector('#two').focus()"])
    def test_the_page_behind_cannot_take_it(self, page: Page, change: str) -> None:
        show_modal(page)
        page.evaluate(change)
        expect(page.get_by_role("button", name="Close")).to_be_focused()

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("close-component-iframe", {}),
            ("error-component-iframe", {}),
            ("open-component-iframe", {}),
            ("error-iframe", {}),
        ],
    )
    def test_it_is_given_back_when_the_ad_ends_it(self, page: Page, kind: str, data: dict[str, Any]) -> None:
        frame = show_modal(page)
        say(frame, kind, data)
        expect(page.locator("#one")).to_be_focused()
        expect(page.get_by_role("dialog")).to_have_count(0)

    @pytest.mark.parametrize("key", ["Escape", "Enter", " "])
    def test_it_is_given_back_when_the_person_ends_it(self, page: Page, key: str) -> None:
        show_modal(page)
        page.keyboard.press(key)
        expect(page.locator("dialog")).to_have_count(0)
        expect(page.locator("#one")).to_be_focused()
        page.keyboard.type("go on")
        expect(page.locator("#one")).to_have_value("go on")

    def test_it_is_given_back_when_the_ad_is_removed(self, page: Page) -> None:
        show_modal(page)
        page.evaluate("document.querySelector('kontext-ad').remove()")
        expect(page.locator("#one")).to_be_focused()

    def test_to_say_twice_that_it_is_ready_changes_nothing(self, page: Page) -> None:
        listen(page, "kontext:modal-open", "kontext:modal-close")
        frame = show_modal(page)
        frame.evaluate("say('init-component-iframe'); say('close-component-iframe')")
        expect(page.locator("#one")).to_be_focused()
        assert told(page) == [["kontext:modal-open", None], ["kontext:modal-close", {"reason": "creative"}]]

    def test_it_goes_back_into_the_ad_that_was_clicked(self, page: Page) -> None:
        frame = creative(page)
        frame.evaluate("document.querySelector('button').onclick = () => say('open-component-iframe')")
        frame.click("button")
        say(modal(page), "init-component-iframe")
        page.get_by_role("button", name="Close").click()
        expect(page.locator("dialog")).to_have_count(0)
        assert page.evaluate(FOCUS) == "kontext-ad__frame"
        frame.wait_for_function("() => document.hasFocus()")

    def test_one_that_never_showed_does_not_touch_it(self, page: Page) -> None:
        frame = open_modal(page)
        page.focus("#two")
        say(frame, "close-component-iframe")
        expect(page.locator("dialog")).to_have_count(0)
        expect(page.locator("#two")).to_be_focused()
