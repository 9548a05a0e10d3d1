"""What the page and the frame of an ad say to each other, in a real browser (protocol 6.1, 6.4, 6.8)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from .ad_site import SNAPSHOT, AdSite
from .ad_steps import AGAIN, bid_of, creative, heard, lines_html, open_page, say, settle, show, slot_html, until

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

ANSWERS = "heard.filter(({type}) => type === 'update-iframe').length"


def test_the_frame_is_answered_with_the_frozen_messages(ad_page: Page, ad_site: AdSite) -> None:
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


def test_it_is_answered_each_time_from_one_request(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html())
    frame = creative(ad_page)
    say(frame, "init-iframe")
    frame.wait_for_function(f"() => {ANSWERS} === 2")
    assert ad_site.snapshots == ["/kontext/slots/a1/inlineAd/"]


def test_a_frame_that_loads_again_is_not_answered_for_the_one_before(ad_page: Page, ad_site: AdSite) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    ad_page.route("**/kontext/slots/**", hold)
    open_page(ad_page, ad_site, slot_html())
    creative(ad_page, state="mounted").wait_for_function("() => typeof say === 'function'")
    settle(ad_page)
    ad_page.evaluate(AGAIN)
    until(lambda: len(ad_site.frames) == 2, ad_page)
    creative(ad_page, state="mounted").wait_for_function("() => typeof say === 'function'")
    settle(ad_page)
    waiting[0].fulfill(json={"messages": SNAPSHOT})
    frame = creative(ad_page)
    frame.evaluate("say('init-iframe')")
    frame.wait_for_function(f"() => {ANSWERS} >= 2")
    settle(ad_page)
    assert frame.evaluate(ANSWERS) == 2


def test_an_answer_of_our_server_that_failed_is_asked_for_again(ad_page: Page, ad_site: AdSite) -> None:
    ad_page.route("**/kontext/slots/**", lambda route: route.fulfill(status=204), times=1)
    open_page(ad_page, ad_site, slot_html())
    frame = creative(ad_page)
    frame.evaluate("heard.length = 0")
    say(frame, "init-iframe")
    assert heard(frame, "update-iframe")["data"]["messages"] == SNAPSHOT


def test_the_frame_is_asked_for_by_the_address_of_the_protocol(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html())
    creative(ad_page)
    assert ad_site.frames == [f"/api/frame/{bid_of('a1')}?code=inlineAd&messageId=a1&sdk=sdk-js"]


def test_messages_of_others_are_ignored(ad_page: Page, ad_site: AdSite) -> None:
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


def test_hostile_messages_do_no_harm(ad_page: Page, ad_site: AdSite) -> None:
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


def test_the_heartbeat_tells_nine_numbers(ad_page: Page, ad_site: AdSite) -> None:
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


def test_one_heartbeat_serves_all_frames_and_ends_with_the_last(ad_page: Page, ad_site: AdSite) -> None:
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
