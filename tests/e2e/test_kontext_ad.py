"""`<kontext-ad>` in a real browser: a page with the real policy, and a creative on another origin (protocol 6)."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from kontext_integration.sandbox.creatives import CREATIVES
from kontext_integration.sandbox.store import Bid

from .ad_site import SNAPSHOT, AdSite
from .ad_steps import bid_of, creative, heard, lines_html, open_page, say, settle, show, slot_html, until

if TYPE_CHECKING:
    from pytest_django import Settings

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]


class TestMounting:
    def test_a_frame_gets_its_address_only_near_the_viewport(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html("near") + lines_html(30) + slot_html("far"))
        creative(ad_page, "near")
        assert ad_page.locator("#ad-far iframe").get_attribute("src") is None
        ad_page.evaluate("scrollTo(0, 2000)")
        creative(ad_page, "far")
        assert len(ad_site.frames) == 2

    def test_a_box_that_scrolls_by_itself_counts_like_the_viewport(self, ad_page: Page, ad_site: AdSite) -> None:
        body = slot_html("near") + lines_html(9) + slot_html("close") + lines_html(30) + slot_html("far")
        open_page(ad_page, ad_site, f'<div class="box">{body}</div>')
        creative(ad_page, "near")
        creative(ad_page, "close")
        assert ad_page.locator("#ad-far iframe").get_attribute("src") is None

    def test_an_element_that_arrives_later_works_the_same(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, '<div id="ad-a1" data-ad-slot="a1" class="kontext-slot"></div>')
        inner = re.sub(r"^<div.*?>|</div>$", "", slot_html("a1"))
        ad_page.evaluate("(html) => document.querySelector('#ad-a1').insertAdjacentHTML('beforeend', html)", inner)
        show(ad_page)

    def test_changes_elsewhere_do_not_reload_the_frame(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, f'<article id="m">text</article>{slot_html()}<div id="end"></div>')
        frame = show(ad_page)
        frame.evaluate("window.mark = 1")
        ad_page.evaluate("m.replaceChildren('new'); m.before('more'); end.remove(); document.body.append('last')")
        settle(ad_page)
        assert frame.evaluate("window.mark") == 1
        assert len(ad_site.frames) == 1

    def test_a_removed_ad_that_is_put_in_again_starts_anew(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        show(ad_page)
        ad_page.evaluate("window.ad = document.querySelector('kontext-ad'); ad.remove()")
        assert ad_page.evaluate("timers.size") == 0
        ad_page.evaluate("document.querySelector('#ad-a1').append(ad)")
        expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")
        show(ad_page)
        assert len(ad_site.frames) == 2

    def test_a_move_that_keeps_the_frame_alive_keeps_the_ad(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html() + '<div id="end"></div>')
        frame = show(ad_page)
        ad_page.evaluate("document.body.moveBefore(document.querySelector('#ad-a1'), null)")
        say(frame, "resize-iframe", {"height": 300})
        expect(ad_page.locator("iframe")).to_have_attribute("height", "300")
        assert len(ad_site.frames) == 1

    def test_the_ad_goes_on_when_the_person_comes_back(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        show(ad_page)
        ad_page.evaluate("window.mark = 1")
        ad_page.goto(ad_site.page_url + "/other")
        ad_page.go_back(wait_until="commit")
        expect(ad_page.locator("kontext-ad")).to_be_attached()
        if ad_page.evaluate("window.mark") == 1:  # kept by the browser: frame and all
            expect(ad_page.locator("iframe")).to_have_attribute("height", "333")
        else:
            show(ad_page)


class TestConversation:
    def test_the_frame_is_answered_with_the_frozen_messages(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        assert heard(creative(ad_page), "update-iframe") == {
            "origin": ad_site.page_url,
            "type": "update-iframe",
            "data": {
                "messages": SNAPSHOT,
                "sdk": "sdk-js",
                "messageId": "a1",
                "otherParams": {},
                "code": "inlineAd",
            },
        }

    def test_it_is_answered_each_time_from_one_request(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = creative(ad_page)
        say(frame, "init-iframe")
        frame.wait_for_function("() => heard.filter((message) => message.type === 'update-iframe').length === 2")
        assert ad_site.snapshots == ["/kontext/slots/a1/inlineAd/"]

    def test_the_frame_is_asked_for_by_the_address_of_the_protocol(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        creative(ad_page)
        assert ad_site.frames == [f"/api/frame/{bid_of('a1')}?code=inlineAd&messageId=a1&sdk=sdk-js"]

    def test_messages_of_others_are_ignored(self, ad_page: Page, ad_site: AdSite) -> None:
        body = f'{slot_html("a1")}{slot_html("a2")}<iframe id="rival" src="/rival"></iframe>'
        open_page(ad_page, ad_site, body)
        creative(ad_page, "a1")
        other = creative(ad_page, "a2")
        forged = "([type, data]) => top.postMessage({type, data}, '*')"
        rival = next(frame for frame in ad_page.frames if frame.url.endswith("/rival"))
        for message in (["resize-iframe", {"height": 99}], ["show-iframe", {}]):
            ad_page.evaluate(forged, message)
            rival.evaluate(forged, message)
        show(ad_page, "a2", 50)
        assert other.evaluate("origin") == ad_site.ad_url
        assert ad_page.locator("#ad-a1 kontext-ad").get_attribute("filled") is None
        assert ad_page.locator("#ad-a1 iframe").get_attribute("height") == "0"

    def test_hostile_messages_do_no_harm(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = creative(ad_page)
        frame.evaluate(
            """() => {
              const loop = {}; loop.self = loop;
              for (const message of [null, 7, "{", [], {type: "__proto__"},
                {type: "resize-iframe", data: {height: "9"}},
                {type: "show-iframe", data: {code: "banner"}},
                {type: "event-iframe", data: {name: "ad.viewed", payload: loop}},
                {type: "event-iframe", data: {name: "ad.viewed", payload: {big: 1n}}},
                {type: "event-iframe", data: {name: "ad.viewed", payload: {long: "x".repeat(99999)}}}])
                parent.postMessage(message, "*");
            }"""
        )
        show(ad_page)
        assert ad_site.events == []

    def test_the_heartbeat_tells_nine_numbers(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, lines_html(2) + slot_html())
        frame = show(ad_page)
        settle(ad_page)
        frame.evaluate("heard.length = 0")
        data = heard(frame, "update-dimensions-iframe")["data"]
        assert {key: round(value) for key, value in data.items()} == {
            "windowWidth": 1000,
            "windowHeight": 600,
            "screenWidth": ad_page.evaluate("screen.width"),
            "screenHeight": ad_page.evaluate("screen.height"),
            "containerWidth": ad_page.evaluate("document.body.clientWidth"),
            "containerHeight": ad_page.evaluate("document.querySelector('#ad-a1').offsetHeight"),
            "containerX": 0,
            "containerY": 200,
            "keyboardHeight": 0,
        }

    def test_one_heartbeat_serves_all_frames_and_ends_with_the_last(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, lines_html(30) + slot_html("a1") + slot_html("a2"))
        ad_page.wait_for_load_state("networkidle")
        assert ad_page.evaluate("timers.size") == 0
        ad_page.evaluate("scrollTo(0, 3000)")
        for message_id in ("a1", "a2"):
            heard(creative(ad_page, message_id), "update-dimensions-iframe")
        assert ad_page.evaluate("timers.size") == 1
        ad_page.evaluate("document.querySelector('#ad-a1 kontext-ad').remove()")
        assert ad_page.evaluate("timers.size") == 1
        ad_page.evaluate("document.querySelector('#ad-a2 kontext-ad').remove()")
        assert ad_page.evaluate("timers.size") == 0

    def test_what_the_person_does_reaches_the_ads_of_that_placement(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = creative(ad_page)
        tell = "(detail) => document.dispatchEvent(new CustomEvent('kontext:user-event', {detail}))"
        for detail in (None, {"name": "unheard.of"}, {"name": "user.typing.started", "code": "banner"}):
            ad_page.evaluate(tell, detail)
        ad_page.evaluate(tell, {"name": "user.typing.started"})
        assert heard(frame, "user-event-iframe")["data"] == {"name": "user.typing.started", "code": "inlineAd"}
        assert frame.evaluate("heard.filter(({type}) => type === 'user-event-iframe').length") == 1


def test_a_creative_of_the_sandbox_shows_and_counts_as_viewed(
    ad_page: Page, ad_site: AdSite, settings: Settings
) -> None:
    settings.KONTEXT = {**settings.KONTEXT, "AD_SERVER_URL": ad_site.sandbox_url}
    ad_site.sandbox.add_bid(Bid(bid_of("a1"), "inlineAd", CREATIVES[0], ("u1",), "speaks"))
    open_page(ad_page, ad_site, slot_html())
    expect(ad_page.locator("kontext-ad")).to_have_attribute("filled", "")
    until(lambda: any(event["name"] == "ad.viewed" for event in ad_site.events), ad_page)
    names = [event["name"] for event in ad_site.events if event["name"] != "ad.height"]
    assert names == ["ad.render-started", "ad.render-completed", "ad.viewed"]


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

    def test_a_flood_of_events_ends_at_the_element(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = creative(ad_page)
        frame.evaluate("for (let i = 0; i < 500; i += 1) say('event-iframe', {name: 'ad.clicked', payload: {i}})")
        until(lambda: len(ad_site.events) == 60, ad_page)
        settle(ad_page)
        assert len(ad_site.events) == 60

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


class TestFacts:
    def test_the_browser_is_told_of_once_with_its_own_install_id(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        until(lambda: ad_site.facts, ad_page)
        ad_page.reload()
        until(lambda: len(ad_site.facts) == 2, ad_page)
        facts = ad_site.facts[0]
        assert facts["installId"] == ad_site.facts[1]["installId"]
        assert facts["installId"] == ad_page.evaluate("localStorage.getItem('kontextso:installId')")
        assert uuid.UUID(facts["installId"]).version == 7
        assert facts["screen"] == ad_page.evaluate(
            "({width: screen.width, height: screen.height, dpr: devicePixelRatio, orientation: 'landscape-primary'})"
        )
        assert facts["timezone"] == ad_page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
        assert (facts["language"], facts["darkMode"]) == (ad_page.evaluate("navigator.language"), False)
        assert facts["userAgent"] == ad_page.evaluate("navigator.userAgent")
        assert set(ad_site.tokens) == {"token-of-the-cookie"}

    def test_a_change_is_told_of(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, "")
        until(lambda: ad_site.facts, ad_page)
        ad_page.emulate_media(color_scheme="dark")
        until(lambda: len(ad_site.facts) == 2, ad_page)
        assert [facts["darkMode"] for facts in ad_site.facts] == [False, True]

    def test_blocked_storage_costs_only_the_install_id(self, ad_page: Page, ad_site: AdSite) -> None:
        ad_page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw Error('blocked'); }})")
        open_page(ad_page, ad_site, slot_html())
        until(lambda: ad_site.facts, ad_page)
        assert "installId" not in ad_site.facts[0]
        show(ad_page)
