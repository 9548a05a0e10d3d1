"""Frames that mean no good, in a real browser: the page goes on, and what they cost is bounded (protocol 6.4, 6.5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Frame, Page, expect

from .ad_steps import (
    creative,
    heard,
    lines_html,
    open_modal,
    open_page,
    say,
    settle,
    show,
    show_modal,
    slot_html,
    until,
)

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

MANY = 10_000
ANSWERS = "heard.filter(({type}) => type === 'update-iframe').length"
LONGEST_TASK = """window.longest = 0; new PerformanceObserver((list) => {
  for (const {duration} of list.getEntries()) longest = Math.max(longest, duration);
}).observe({type: "longtask", buffered: true});"""
FORGE = """([type, data]) => top.postMessage({type, data}, "*")"""
FORGED = [
    ["resize-iframe", {"height": 999}],
    ["show-iframe", {}],
    ["event-iframe", {"name": "ad.viewed", "payload": {"content": "c", "format": "f"}}],
    ["open-component-iframe", {}],
    ["init-component-iframe", {}],
    ["close-component-iframe", {}],
    ["error-component-iframe", {}],
    ["error-iframe", {}],
]


def nodes(page: Page) -> int:
    return int(page.evaluate("document.querySelectorAll('*').length"))


class TestForgers:
    @pytest.fixture
    def page(self, ad_page: Page, ad_site: AdSite) -> Page:
        """Two ads, one with a modal, and a frame of the page's own origin between them."""
        open_page(ad_page, ad_site, slot_html("a1") + '<iframe id="rival" src="/rival"></iframe>' + slot_html("a2"))
        creative(ad_page, "a1")
        show(ad_page, "a2", 60)
        return ad_page

    def unharmed(self, page: Page, site: AdSite) -> None:
        say(creative(page, "a1"), "resize-iframe", {"height": 77})
        expect(page.locator("#ad-a1 iframe")).to_have_attribute("height", "77")
        expect(page.locator("#ad-a1 kontext-ad")).not_to_have_attribute("filled", "")
        assert [event for event in site.events if event["message_id"] == "a1" and event["name"] != "ad.height"] == []

    def test_another_origin_is_not_heard(self, page: Page, ad_site: AdSite) -> None:
        rival = next(frame for frame in page.frames if frame.url.endswith("/rival"))
        for message in FORGED:
            rival.evaluate(FORGE, message)
        self.unharmed(page, ad_site)
        expect(page.locator("dialog")).to_have_count(0)

    def test_the_window_of_an_ad_is_not_heard_when_another_origin_speaks_in_it(
        self, ad_page: Page, ad_site: AdSite
    ) -> None:
        open_page(ad_page, ad_site, re.sub(r'data-src="[^"]*/frame/[^"]*"', 'data-src="/rival"', slot_html("a1")))
        expect(ad_page.locator("kontext-ad")).to_have_attribute("mounted", "")
        until(lambda: any(frame.url.endswith("/rival") for frame in ad_page.frames), ad_page)
        rival = next(frame for frame in ad_page.frames if frame.url.endswith("/rival"))
        for message in FORGED:
            rival.evaluate(FORGE, message)
        settle(ad_page)
        expect(ad_page.locator("kontext-ad iframe")).to_have_attribute("height", "0")
        expect(ad_page.locator("dialog")).to_have_count(0)
        assert ad_site.events == []

    def test_the_page_itself_is_not_heard(self, page: Page, ad_site: AdSite) -> None:
        for message in FORGED:
            page.evaluate(FORGE, message)
            page.evaluate("([type, data]) => dispatchEvent(new MessageEvent('message', {data: {type, data}}))", message)
        self.unharmed(page, ad_site)

    def test_the_ad_server_in_a_frame_that_is_no_ad_is_not_heard(self, page: Page, ad_site: AdSite) -> None:
        page.evaluate("(address) => { rival.src = address; }", f"{ad_site.ad_url}/api/frame/x")
        until(lambda: any(frame.url.endswith("/api/frame/x") for frame in page.frames), page)
        forger = next(frame for frame in page.frames if frame.url.endswith("/api/frame/x"))
        forger.wait_for_function("() => typeof say === 'function'")
        for message in FORGED:
            forger.evaluate(FORGE, message)
        self.unharmed(page, ad_site)

    @pytest.mark.parametrize("speaker", ["inline", "modal"])
    def test_another_ad_of_the_same_code_is_not_heard(self, page: Page, ad_site: AdSite, speaker: str) -> None:
        open_modal(page, "a1")
        forger: Frame = show_modal(page, "a2") if speaker == "modal" else creative(page, "a2")
        forger.evaluate("(messages) => messages.forEach(([type, data]) => say(type, data))", FORGED)
        until(forger.is_detached, page)
        expect(page.locator("#ad-a1 kontext-ad")).to_have_attribute("modal", "opening")
        self.unharmed(page, ad_site)


@pytest.mark.parametrize(
    "message",
    [
        "'resize-iframe', {height: 100 + i % 700}",
        "i % 2 ? 'show-iframe' : 'hide-iframe'",
        "'set-styles-iframe', {containerStyles: {paddingTop: i % 9}}",
        "'event-iframe', {name: 'ad.clicked', payload: {i}}",
        "'click-iframe', {url: '/redirect/abc'}",
        "'init-iframe'",
        "'open-component-iframe', {timeout: 60000}",
        "'error-component-iframe', {message: 'x'.repeat(100)}",
        "'unheard-of-iframe', {i}",
    ],
)
def test_a_flood_leaves_the_page_responsive_and_no_larger(ad_page: Page, ad_site: AdSite, message: str) -> None:
    ad_page.add_init_script(LONGEST_TASK)
    open_page(ad_page, ad_site, slot_html() + lines_html(5))
    ad_page.evaluate("window.open = () => null")
    frame = show(ad_page)
    before = nodes(ad_page)
    frame.evaluate(f"() => {{ for (let i = 0; i < {MANY}; i += 1) say({message}); }}")
    say(frame, "event-iframe", {"name": "video.completed"})
    until(lambda: any(event["name"] == "video.completed" for event in ad_site.events), ad_page)
    settle(ad_page)
    assert ad_page.evaluate("longest") < 1000
    assert nodes(ad_page) <= before + 5, "at most one modal"
    assert len(ad_site.events) <= 60
    assert len(ad_site.modals) <= 10
    assert ad_site.faults == []
    assert frame.evaluate(ANSWERS) <= 50


def test_a_frame_that_resizes_for_ever_comes_to_rest(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html() + lines_html(5))
    frame = show(ad_page)
    frame.evaluate("() => { let i = 0; setInterval(() => say('resize-iframe', {height: 100 + i++ % 300}), 1); }")
    height = "document.querySelector('kontext-ad iframe').height"
    rested: list[str] = []

    def rests() -> bool:
        rested.append(ad_page.evaluate(height))
        return len(rested) > 60 and len(set(rested[-60:])) == 1

    until(rests, ad_page, seconds=30)
    say(frame, "hide-iframe")
    expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")
    assert heard(frame, "update-dimensions-iframe")


def test_a_huge_message_is_not_sent_on(ad_page: Page, ad_site: AdSite) -> None:
    open_page(ad_page, ad_site, slot_html())
    frame = show(ad_page)
    frame.evaluate(
        """() => {
          say("event-iframe", {name: "ad.viewed", payload: {content: "x".repeat(5e6)}});
          say("open-component-iframe", {componentParams: {text: "x".repeat(5e6)}});
          let deep = {}; for (let i = 0; i < 3000; i += 1) deep = {deep};
          say("event-iframe", {name: "ad.clicked", payload: deep});
          parent.postMessage("[".repeat(5e6), "*");
          say("event-iframe", {name: "video.started"});
        }"""
    )
    until(lambda: any(event["name"] == "video.started" for event in ad_site.events), ad_page)
    assert {event["name"] for event in ad_site.events} <= {"video.started", "ad.height"}
    expect(ad_page.locator("dialog")).to_have_count(1)
    assert "componentParams" not in ad_site.modals[0]
