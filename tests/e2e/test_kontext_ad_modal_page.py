"""What an ad's modal does to the page behind it, and how it looks, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from .ad_steps import lines_html, open_page, settle, show, show_modal, slot_html, top, until

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]


class TestPageBehind:
    @pytest.fixture
    def page(self, ad_page: Page, ad_site: AdSite) -> Page:
        """A long text that wraps, read in its middle."""
        words = "".join(f'<p id="w{number}">{"some words " * 60}</p>' for number in range(40))
        open_page(ad_page, ad_site, slot_html() + words.replace("<p", '<p class="wrap"'))
        show(ad_page)
        ad_page.evaluate("scrollTo(0, 700)")
        settle(ad_page)
        return ad_page

    def test_it_is_found_again_where_it_was(self, page: Page) -> None:
        before = page.evaluate("[scrollY, document.body.clientWidth]"), top(page, "#w20")
        show_modal(page)
        settle(page)
        assert (page.evaluate("[scrollY, document.body.clientWidth]"), top(page, "#w20")) == before
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        settle(page)
        assert (page.evaluate("[scrollY, document.body.clientWidth]"), top(page, "#w20")) == before

    def test_neither_wheel_nor_keys_scroll_it(self, page: Page) -> None:
        before = page.evaluate("scrollY")
        show_modal(page)
        for y in (20, 300):
            page.mouse.move(500, y)
            page.mouse.wheel(0, 400)
        for key in ("PageDown", "ArrowDown", "End"):
            page.keyboard.press(key)
        settle(page)
        assert page.evaluate("scrollY") == before

    def test_it_scrolls_again_afterwards(self, page: Page) -> None:
        before = page.evaluate("scrollY")
        show_modal(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        page.mouse.move(500, 300)
        page.mouse.wheel(0, 400)
        until(lambda: page.evaluate("scrollY") == before + 400, page)

    def test_nothing_of_it_shifts(self, page: Page) -> None:
        shifts = page.evaluate("shifts")
        show_modal(page)
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        settle(page)
        assert page.evaluate("shifts") == shifts


@pytest.mark.parametrize(("motion", "animations"), [("no-preference", 1), ("reduce", 0)])
def test_it_appears_gently_unless_less_motion_is_asked(
    ad_page: Page, ad_site: AdSite, motion: Any, animations: int
) -> None:
    ad_page.emulate_media(reduced_motion=motion)
    open_page(ad_page, ad_site, slot_html() + lines_html(2))
    ad_page.evaluate(
        """() => document.addEventListener("kontext:modal-open", () => {
          window.animations = document.querySelector("dialog").getAnimations().length;
        })"""
    )
    show_modal(ad_page)
    assert ad_page.evaluate("animations") == animations


def test_it_fits_a_phone(ad_page: Page, ad_site: AdSite) -> None:
    ad_page.set_viewport_size({"width": 390, "height": 780})
    open_page(ad_page, ad_site, slot_html() + lines_html(20))
    show_modal(ad_page)
    settle(ad_page)
    assert ad_page.locator("dialog").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    close = ad_page.get_by_role("button", name="Close").bounding_box()
    assert close is not None
    assert min(close["width"], close["height"]) >= 44
    assert ad_page.evaluate("document.documentElement.scrollWidth") == 390
