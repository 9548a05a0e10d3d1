"""How an ad opens its modal, and how long it may take, in a real browser (protocol 6.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from .ad_steps import (
    bid_of,
    creative,
    expect_no_modal,
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
    until,
)

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

ADDRESS = f"/api/modal/{bid_of('a1')}?code=inlineAd&messageId=a1&sdk=sdk-js"


@pytest.fixture
def page(ad_page: Page, ad_site: AdSite) -> Page:
    """An ad shows; the page notes when its modal opens and ends."""
    open_page(ad_page, ad_site, slot_html() + "<p>text</p>")
    show(ad_page)
    listen(ad_page, "kontext:modal-open", "kontext:modal-close")
    return ad_page


class TestOpening:
    def test_it_loads_unseen_until_it_says_that_it_is_ready(self, page: Page, ad_site: AdSite) -> None:
        frame = open_modal(page)
        assert ad_site.modals == [ADDRESS]
        expect(page.locator("kontext-ad")).to_have_attribute("modal", "opening")
        expect(page.locator("dialog")).to_be_hidden()
        assert told(page) == []
        say(frame, "init-component-iframe", {"component": "modal"})
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.locator("kontext-ad")).to_have_attribute("modal", "open")
        assert told(page) == [["kontext:modal-open", None]]
        assert ad_site.modals == [ADDRESS], "to be shown it is not loaded again"

    def test_the_frame_in_the_page_may_say_that_it_is_ready(self, page: Page) -> None:
        open_modal(page)
        say(creative(page), "init-component-iframe")
        expect(page.get_by_role("dialog")).to_be_visible()

    def test_it_fills_the_screen_below_its_bar(self, page: Page) -> None:
        show_modal(page)
        settle(page)
        assert page.locator("dialog").bounding_box() == {"x": 0, "y": 0, "width": 1000, "height": 600}
        box = page.locator("dialog iframe").bounding_box()
        assert box is not None
        assert (box["width"], box["y"] + box["height"]) == (1000, 600)
        assert 40 < box["y"] < 70

    def test_what_the_ad_tells_it_is_in_its_address(self, page: Page, ad_site: AdSite) -> None:
        frame = open_modal(page, componentParams={"page": 2, "note": "a&b=ü"})
        assert ad_site.modals == [f"{ADDRESS}&componentParams=%7B%22page%22%3A2%2C%22note%22%3A%22a%26b%3D%C3%BC%22%7D"]
        found = frame.evaluate("JSON.parse(new URLSearchParams(location.search).get('componentParams'))")
        assert found == {"page": 2, "note": "a&b=ü"}

    @pytest.mark.parametrize("params", ["text", ["list"], None, 7])
    def test_what_is_no_object_is_not_told(self, page: Page, ad_site: AdSite, params: Any) -> None:
        open_modal(page, componentParams=params)
        assert ad_site.modals == [ADDRESS]

    @pytest.mark.parametrize("component", ["skoverlay", "unheard-of"])
    def test_another_component_is_ignored(self, page: Page, ad_site: AdSite, component: str) -> None:
        frame = creative(page)
        say(frame, "open-component-iframe", {"component": component})
        say(frame, "resize-iframe", {"height": 99})
        expect(page.locator("kontext-ad iframe")).to_have_attribute("height", "99")
        assert ad_site.modals == []

    def test_it_needs_no_name(self, page: Page, ad_site: AdSite) -> None:
        say(creative(page), "open-component-iframe")
        modal(page)
        assert ad_site.modals == [ADDRESS]

    def test_before_one_is_opened_an_ad_costs_nothing_of_it(self, page: Page) -> None:
        loaded = "performance.getEntriesByType('resource').filter(({name}) => name.endsWith('/modal.js')).length"
        for word in ("init", "close", "error", "ad-done"):
            say(creative(page), f"{word}-component-iframe")
        settle(page)
        assert page.evaluate(loaded) == 0
        open_modal(page)
        assert page.evaluate(loaded) == 1

    def test_a_second_opening_replaces_the_first(self, page: Page, ad_site: AdSite) -> None:
        first = show_modal(page)
        say(creative(page), "open-component-iframe", {"componentParams": {"page": 2}})
        until(first.is_detached, page)
        expect(page.locator("dialog")).to_have_count(1)
        expect(page.locator("dialog")).to_be_hidden()
        assert ad_site.modals[1].startswith(f"{ADDRESS}&componentParams=")
        assert told(page)[-1] == ["kontext:modal-close", {"reason": "replaced"}]
        say(modal(page), "init-component-iframe")
        expect(page.get_by_role("dialog")).to_be_visible()

    def test_an_ad_that_opens_it_again_and_again_is_not_heard_any_more(self, page: Page, ad_site: AdSite) -> None:
        for _ in range(12):
            say(creative(page), "open-component-iframe")
            say(creative(page), "close-component-iframe")
        until(lambda: len(told(page)) == 10, page)
        say(creative(page), "open-component-iframe")
        settle(page)
        expect_no_modal(page, "creative")
        assert len(told(page)) == 10


class TestTimeLimit:
    @pytest.fixture(autouse=True)
    def _clock(self, ad_page: Page) -> None:
        ad_page.clock.install()

    @pytest.mark.parametrize(("wish", "limit"), [({}, 5000), ({"timeout": -1}, 5000), ({"timeout": 60_000}, 60_000)])
    def test_a_modal_that_does_not_come_is_silently_given_up(
        self, page: Page, ad_site: AdSite, wish: dict[str, int], limit: int
    ) -> None:
        open_modal(page, **wish)
        page.clock.fast_forward(limit - 1500)
        expect(page.locator("kontext-ad")).to_have_attribute("modal", "opening")
        page.clock.fast_forward(1500)
        expect_no_modal(page, "timeout")
        assert [event for event in ad_site.events if event["name"] == "ad.error"] == []

    def test_one_that_shows_stays(self, page: Page) -> None:
        show_modal(page)
        page.clock.fast_forward(60_000)
        settle(page)
        expect(page.get_by_role("dialog")).to_be_visible()

    def test_a_second_opening_starts_the_time_anew(self, page: Page) -> None:
        open_modal(page)
        page.clock.fast_forward(4000)
        say(creative(page), "open-component-iframe")
        until(lambda: told(page), page)
        page.clock.fast_forward(3500)
        expect(page.locator("kontext-ad")).to_have_attribute("modal", "opening")
        page.clock.fast_forward(1500)
        expect_no_modal(page, "timeout")

    def test_a_limit_beyond_what_a_timer_holds_is_no_limit_of_nothing(self, page: Page) -> None:
        open_modal(page, timeout=1e12)
        page.clock.fast_forward(60_000)
        settle(page)
        expect(page.locator("kontext-ad")).to_have_attribute("modal", "opening")
