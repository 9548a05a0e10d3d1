"""What a frame reports and clicks, and what our own code gets wrong, in a real browser (protocol 2.5, 5, 6.7)."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from .ad_steps import bid_of, creative, open_page, say, settle, show, slot_html, until

if TYPE_CHECKING:
    from pytest_django import Settings

    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]


class TestReporting:
    def test_events_go_to_the_server_and_up_the_page(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        ad_page.evaluate("window.told = []; document.addEventListener('kontext:event', (e) => told.push(e.detail))")
        frame = creative(ad_page)
        payload = {"id": "b", "content": "c", "format": "inline"}
        say(frame, "event-iframe", {"name": "ad.unheard-of", "payload": payload})
        say(frame, "event-iframe", {"name": "ad.viewed", "payload": payload, "code": "inlineAd"})
        until(lambda: ad_site.events, ad_page)
        assert ad_site.events == [
            {"message_id": "a1", "code": "inlineAd", "bid_id": bid_of("a1"), "name": "ad.viewed", "payload": payload}
        ]
        assert ad_page.evaluate("told") == [{"name": "ad.viewed", "payload": payload}]
        assert set(ad_site.tokens) == {"token-of-the-cookie"}

    def test_many_heights_are_one_report(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        for height in range(100, 131):
            say(frame, "resize-iframe", {"height": height})
        until(lambda: ad_site.events and ad_site.events[-1]["payload"] == {"height": 130}, ad_page)
        assert len(ad_site.events) <= 3
        assert {event["name"] for event in ad_site.events} == {"ad.height"}

    def test_a_flood_of_one_event_ends_at_the_element_and_drowns_no_other(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = creative(ad_page)
        frame.evaluate("for (let i = 0; i < 500; i += 1) say('event-iframe', {name: 'ad.clicked', payload: {i}})")
        until(lambda: len(ad_site.events) == 50, ad_page)
        say(frame, "event-iframe", {"name": "ad.viewed", "payload": {}})
        until(lambda: ad_site.events[-1]["name"] == "ad.viewed", ad_page)
        assert len(ad_site.events) == 51

    def test_a_frame_that_failed_is_reported_and_removed(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        ad_page.evaluate("document.addEventListener('kontext:error', (e) => { window.told = e.detail; })")
        frame = show(ad_page)
        say(frame, "error-iframe")
        expect(ad_page.locator("kontext-ad")).to_have_count(0)
        expect(ad_page.locator("#ad-a1")).to_be_empty()
        until(lambda: any(event["name"] == "ad.error" for event in ad_site.events), ad_page)
        error = {"message": "Error loading iframe", "errCode": "iframe_error"}
        assert next(event["payload"] for event in ad_site.events if event["name"] == "ad.error") == error
        assert ad_page.evaluate("told") == error
        assert ad_page.evaluate("timers.size") == 0


class TestClicks:
    def test_a_click_opens_its_address_once_and_tells_nothing_of_the_page(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        with ad_page.context.expect_page() as opened:
            frame.click("button")
        popup = opened.value
        popup.wait_for_load_state()
        assert popup.url == ad_site.ad_url + "/redirect/abc?a=1"
        assert popup.evaluate("[window.opener, document.referrer]") == [None, ""]
        settle(ad_page)
        assert len(ad_page.context.pages) == 2

    def test_a_publisher_can_leave_clicks_to_the_frame(
        self, ad_page: Page, ad_site: AdSite, settings: Settings
    ) -> None:
        settings.KONTEXT = {**settings.KONTEXT, "OPEN_CLICKS": False}
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        frame.click("button")
        say(frame, "event-iframe", {"name": "ad.clicked", "payload": {"url": ad_site.ad_url + "/redirect/x"}})
        until(lambda: any(event["name"] == "ad.clicked" for event in ad_site.events), ad_page)
        assert len(ad_page.context.pages) == 1

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "amazon://item", "", None, 7])
    def test_an_address_that_is_not_of_the_web_opens_nothing(self, ad_page: Page, ad_site: AdSite, url: object) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        frame.evaluate("(url) => { document.querySelector('button').onclick = () => say('click-iframe', {url}); }", url)
        frame.click("button")
        say(frame, "resize-iframe", {"height": 99})
        expect(ad_page.locator("iframe")).to_have_attribute("height", "99")
        assert len(ad_page.context.pages) == 1

    def test_without_a_click_of_the_person_none_opens_whatever_the_browser_allows(
        self, ad_page: Page, ad_site: AdSite
    ) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        ad_page.evaluate("() => { window.open = (address) => { window.opened = address; }; }")
        ad_page.evaluate("Object.defineProperty(navigator, 'userActivation', {value: {isActive: false}})")
        say(frame, "click-iframe", {"url": "/redirect/abc"})
        say(frame, "resize-iframe", {"height": 99})
        expect(ad_page.locator("iframe")).to_have_attribute("height", "99")
        assert ad_page.evaluate("window.opened") is None


class TestFaults:
    """Failures of our own code: a browser that cannot measure stands for all of them."""

    BROKEN = """() => {
      Element.prototype.getBoundingClientRect = () => { throw new TypeError("it cannot measure " + "x".repeat(300)); };
    }"""

    def test_one_is_told_to_the_server_once_for_each_ad_and_place(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html("a1") + slot_html("a2"))
        frames = {message_id: creative(ad_page, message_id) for message_id in ("a1", "a2")}
        ad_page.evaluate(self.BROKEN)
        for _ in range(3):
            for frame in frames.values():
                say(frame, "resize-iframe", {"height": 99})
                say(frame, "show-iframe")
        until(lambda: len(ad_site.faults) == 4, ad_page)
        say(frames["a1"], "event-iframe", {"name": "ad.viewed"})
        until(lambda: any(event["name"] == "ad.viewed" for event in ad_site.events), ad_page)
        for message_id, where in itertools.product(frames, ("Ad.receive", "Ad.beat")):
            ad = {"message_id": message_id, "code": "inlineAd", "bid_id": bid_of(message_id)}
            error = f"TypeError: it cannot measure {'x' * 300}"[:200]
            assert ad_site.faults.count({**ad, "where": where, "error": error}) == 1
        assert len(ad_site.faults) == 4

    def test_one_in_what_comes_later_is_told_too(self, ad_page: Page, ad_site: AdSite) -> None:
        broken = "throw new TypeError('it is broken')"
        ad_page.route("**/modal.js", lambda route: route.fulfill(body=broken, content_type="text/javascript"))
        open_page(ad_page, ad_site, slot_html())
        say(creative(ad_page), "open-component-iframe")
        until(lambda: ad_site.faults, ad_page)
        assert (ad_site.faults[0]["where"], ad_site.faults[0]["error"]) == ("Ad.receive", "TypeError: it is broken")
        show(ad_page)

    def test_a_template_without_a_modal_has_none(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, re.sub(r"<template>.*</template>", "", slot_html(), flags=re.DOTALL))
        say(creative(ad_page), "open-component-iframe")
        show(ad_page)
        expect(ad_page.locator("dialog")).to_have_count(0)
        assert ad_site.faults == []

    def test_nothing_that_a_person_does_is_a_fault(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        frame.evaluate("say('init-iframe'); say('open-component-iframe'); say('error-iframe')")
        expect(ad_page.locator("kontext-ad")).to_have_count(0)
        settle(ad_page)
        assert ad_site.faults == []
