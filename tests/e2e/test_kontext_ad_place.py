"""What a shown ad does to the page in a real browser: its space, its label, and what the person is reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .ad_steps import creative, lines_html, open_page, say, settle, show, slot_html, top

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]


class TestShowing:
    def test_an_empty_slot_takes_no_space_and_says_nothing(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html() + '<p id="next">next</p>')
        creative(ad_page)
        assert top(ad_page, "#next") == 0
        expect(ad_page.get_by_role("region")).to_have_count(0)
        expect(ad_page.get_by_text("Sponsored")).to_be_hidden()

    def test_a_shown_ad_is_a_labelled_region(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        show(ad_page)
        region = ad_page.get_by_role("region", name="Sponsored")
        expect(region).to_be_visible()
        expect(region.get_by_text("Sponsored")).to_be_visible()
        expect(region.get_by_title("Advertisement")).to_be_visible()

    def test_the_frame_is_as_high_as_it_asks_and_as_wide_as_the_slot(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page, height=210)
        say(frame, "resize-iframe", {"height": 320.5})
        expect(ad_page.locator("iframe")).to_have_attribute("height", "320.5")
        box = ad_page.locator("iframe").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (ad_page.evaluate("document.body.clientWidth"), 320.5)

    def test_hiding_gives_the_space_back_and_keeps_the_height(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html() + '<p id="next">next</p>')
        frame = show(ad_page)
        say(frame, "hide-iframe")
        expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")
        ad_page.wait_for_function("() => document.querySelector('#next').getBoundingClientRect().top === 0")
        expect(ad_page.get_by_role("region")).to_have_count(0)
        say(frame, "show-iframe")
        expect(ad_page.locator("kontext-ad")).to_have_attribute("filled", "")
        assert ad_page.locator("iframe").get_attribute("height") == "210"

    def test_a_frame_without_height_is_not_shown(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = creative(ad_page)
        say(frame, "show-iframe")
        for height in (0, -5):
            say(frame, "resize-iframe", {"height": height})
        settle(ad_page)
        expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")
        say(frame, "resize-iframe", {"height": 100})
        expect(ad_page.locator("kontext-ad")).to_have_attribute("filled", "")

    def test_the_keyboard_goes_into_the_frame_and_out_of_it(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, '<button id="one">1</button>' + slot_html() + '<button id="two">2</button>')
        frame = show(ad_page)
        ad_page.focus("#one")
        ad_page.keyboard.press("Tab")
        ad_page.wait_for_function("() => document.activeElement.tagName === 'IFRAME'")
        frame.wait_for_function("() => document.activeElement.tagName === 'BUTTON'")
        ad_page.keyboard.press("Tab")
        ad_page.wait_for_function("() => document.activeElement.id === 'two'")

    def test_before_it_shows_the_keyboard_passes_it_by(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, '<button id="one">1</button>' + slot_html() + '<button id="two">2</button>')
        creative(ad_page)
        ad_page.focus("#one")
        ad_page.keyboard.press("Tab")
        ad_page.wait_for_function("() => document.activeElement.id === 'two'")

    def test_an_ad_shown_before_finds_its_place_kept(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html(height=180) + '<p id="next">next</p>')
        place = top(ad_page, "#next")
        assert place > 180
        frame = creative(ad_page)
        say(frame, "show-iframe")
        expect(ad_page.locator("kontext-ad")).to_have_attribute("filled", "")
        settle(ad_page)
        assert top(ad_page, "#next") == place
        assert ad_page.evaluate("shifts") == 0

    def test_a_place_that_was_kept_in_vain_is_given_up(self, ad_page: Page, ad_site: AdSite) -> None:
        ad_page.clock.install()
        open_page(ad_page, ad_site, slot_html(height=180) + '<p id="next">next</p>')
        expect(ad_page.locator("kontext-ad")).to_have_attribute("mounted", "")
        assert top(ad_page, "#next") > 180
        ad_page.clock.fast_forward(10_000)
        ad_page.wait_for_function("() => !document.querySelector('kontext-ad').hasAttribute('data-height')")
        assert ad_page.locator("#ad-a1").evaluate("(slot) => slot.offsetHeight") in range(181)

    def test_without_script_there_is_no_gap(self, ad_browser: Browser, ad_site: AdSite) -> None:
        context = ad_browser.new_context(java_script_enabled=False)
        opened = context.new_page()
        open_page(opened, ad_site, slot_html(height=180) + '<p id="next">next</p>')
        box = opened.locator("#next").bounding_box()
        context.close()
        assert box is not None
        assert box["y"] == 0


class TestReadingPosition:
    @pytest.mark.parametrize(
        ("box", "scroll"),
        [
            ("", "document.scrollingElement"),
            ("box", "document.querySelector('.box')"),
            ("box own", "document.querySelector('.box')"),
        ],
    )
    def test_what_is_read_does_not_move_when_an_ad_above_it_grows(
        self, ad_page: Page, ad_site: AdSite, box: str, scroll: str
    ) -> None:
        open_page(ad_page, ad_site, f'<div class="{box}">{lines_html(3)}{slot_html()}{lines_html(30, "read")}</div>')
        frame = creative(ad_page)
        ad_page.evaluate(f"{scroll}.scrollTop = 700")
        settle(ad_page)
        read = top(ad_page, "#read5")
        for height in (210, 400, 90):
            say(frame, "resize-iframe", {"height": height})
            say(frame, "show-iframe")
            expect(ad_page.locator("iframe")).to_have_attribute("height", str(height))
            expect(ad_page.locator("kontext-ad")).to_have_attribute("filled", "")
            settle(ad_page)
            assert top(ad_page, "#read5") == pytest.approx(read, abs=0.5)
        say(frame, "error-iframe")
        expect(ad_page.locator("kontext-ad")).to_have_count(0)
        settle(ad_page)
        assert top(ad_page, "#read5") == pytest.approx(read, abs=0.5)

    @pytest.mark.parametrize("box", ["box", "box own"])
    def test_what_is_read_below_an_ad_half_in_sight_does_not_move(
        self, ad_page: Page, ad_site: AdSite, box: str
    ) -> None:
        open_page(ad_page, ad_site, f'<div class="{box}">{lines_html(3)}{slot_html()}{lines_html(30, "read")}</div>')
        frame = show(ad_page, height=200)
        settle(ad_page)
        ad_page.evaluate("document.querySelector('.box').scrollTop = 400")
        settle(ad_page)
        read = top(ad_page, "#read1")
        say(frame, "resize-iframe", {"height": 300})
        expect(ad_page.locator("iframe")).to_have_attribute("height", "300")
        settle(ad_page)
        assert top(ad_page, "#read1") == pytest.approx(read, abs=0.5)

    def test_a_host_that_follows_by_itself_is_left_to_it(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, f'<div class="box own">{lines_html(3)}{slot_html()}{lines_html(30, "read")}</div>')
        ad_page.evaluate(
            """() => document.addEventListener("kontext:resize", (event) => {
              event.preventDefault(); window.told = {...event.detail, id: event.target.id};
            })"""
        )
        frame = creative(ad_page)
        ad_page.evaluate("document.querySelector('.box').scrollTop = 700")
        say(frame, "resize-iframe", {"height": 210})
        say(frame, "show-iframe")
        ad_page.wait_for_function("() => window.told")
        told = ad_page.evaluate("told")
        assert (told["id"], told["above"]) == ("ad-a1", True)
        assert round(told["delta"]) == ad_page.evaluate("document.querySelector('#ad-a1').offsetHeight")
        assert ad_page.evaluate("document.querySelector('.box').scrollTop") == 700

    @pytest.mark.parametrize(("motion", "animations"), [("no-preference", 1), ("reduce", 0)])
    def test_it_grows_smoothly_in_sight_unless_less_motion_is_asked(
        self, ad_page: Page, ad_site: AdSite, motion: Any, animations: int
    ) -> None:
        ad_page.emulate_media(reduced_motion=motion)
        open_page(ad_page, ad_site, slot_html())
        ad_page.evaluate(
            """() => document.addEventListener("kontext:resize", () => queueMicrotask(() => {
              window.animations = document.querySelector("kontext-ad").getAnimations().length;
            }))"""
        )
        show(ad_page)
        assert ad_page.evaluate("animations") == animations


def test_the_look_that_a_frame_asks_for_replaces_the_one_before_and_stays_in_its_box(
    ad_page: Page, ad_site: AdSite
) -> None:
    open_page(ad_page, ad_site, slot_html())
    frame = show(ad_page)
    ad = ad_page.locator("kontext-ad")
    say(frame, "set-styles-iframe", {"containerStyles": {"paddingTop": 12, "position": "fixed"}})
    expect(ad).to_have_css("padding-top", "12px")
    expect(ad).to_have_css("position", "static")
    say(frame, "set-styles-iframe", {"iframeStyles": {"borderRadius": "9px"}})
    expect(ad).to_have_css("padding-top", "0px")
    expect(ad.locator("iframe")).to_have_css("border-radius", "9px")
