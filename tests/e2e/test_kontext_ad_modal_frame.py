"""What the frame of a modal may say, and whose modal it is, in a real browser (protocol 6.4, 6.6, 6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from .ad_site import SNAPSHOT, AdSite
from .ad_steps import bid_of, creative, heard, open_page, say, settle, show, show_modal, slot_html, until

if TYPE_CHECKING:
    from pytest_django import Settings

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

THREE = ("a1", "a2", "a3")


@pytest.fixture
def page(ad_page: Page, ad_site: AdSite) -> Page:
    open_page(ad_page, ad_site, slot_html())
    show(ad_page)
    return ad_page


class TestSpeaking:
    def test_its_question_is_answered_as_that_of_the_ad_in_the_page(self, page: Page, ad_site: AdSite) -> None:
        frame = show_modal(page)
        say(frame, "init-iframe", {"component": "modal"})
        assert heard(frame, "update-iframe") == heard(creative(page), "update-iframe")
        assert heard(frame, "update-iframe")["data"]["messages"] == SNAPSHOT
        assert len(ad_site.snapshots) == 1

    def test_an_answer_that_comes_too_late_goes_nowhere(self, page: Page) -> None:
        frame = show_modal(page)
        frame.evaluate("say('init-iframe'); say('close-component-iframe')")
        expect(page.locator("dialog")).to_have_count(0)
        settle(page)
        expect(page.locator("kontext-ad")).to_have_attribute("filled", "")

    def test_its_events_are_those_of_the_ad(self, page: Page, ad_site: AdSite) -> None:
        payload = {"id": bid_of("a1"), "content": "c", "format": "modal"}
        say(show_modal(page), "event-iframe", {"name": "ad.viewed", "payload": payload, "component": "modal"})
        until(lambda: any(event["name"] == "ad.viewed" for event in ad_site.events), page)
        viewed = {
            "message_id": "a1",
            "code": "inlineAd",
            "bid_id": bid_of("a1"),
            "name": "ad.viewed",
            "payload": payload,
        }
        assert viewed in ad_site.events

    def test_its_clicks_open_their_address(self, page: Page, ad_site: AdSite) -> None:
        frame = show_modal(page)
        with page.context.expect_page() as opened:
            frame.click("button")
        opened.value.wait_for_load_state()
        assert opened.value.url == ad_site.ad_url + "/redirect/abc?a=1"

    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("resize-iframe", {"height": 999}),
            ("hide-iframe", {}),
            ("set-styles-iframe", {"containerStyles": {"paddingTop": 99}}),
        ],
    )
    def test_the_box_in_the_page_is_not_its_own(self, page: Page, kind: str, data: dict[str, Any]) -> None:
        frame = show_modal(page)
        settle(page)
        before = page.locator("#ad-a1").bounding_box()
        say(frame, kind, data)
        say(frame, kind, {**data, "component": "modal"})
        say(frame, "close-component-iframe")
        expect(page.locator("dialog")).to_have_count(0)
        settle(page)
        assert page.locator("#ad-a1").bounding_box() == before

    def test_it_cannot_show_an_ad_that_does_not_want_to_be_seen(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        say(creative(ad_page), "resize-iframe", {"height": 99})
        frame = show_modal(ad_page)
        say(frame, "show-iframe")
        say(frame, "close-component-iframe")
        expect(ad_page.locator("dialog")).to_have_count(0)
        settle(ad_page)
        expect(ad_page.locator("kontext-ad")).not_to_have_attribute("filled", "")

    def test_it_hears_its_own_size(self, page: Page) -> None:
        frame = show_modal(page)
        say(frame, "init-iframe")
        settle(page)
        frame.evaluate("heard.length = 0")
        data = heard(frame, "update-dimensions-iframe")["data"]
        box = page.locator("dialog iframe").bounding_box()
        assert box == {key: data[f"container{key.capitalize()}"] for key in ("x", "y", "width", "height")}

    def test_it_keeps_the_sandbox_of_the_setting(self, ad_page: Page, ad_site: AdSite, settings: Settings) -> None:
        settings.KONTEXT = {**settings.KONTEXT, "FRAME_SANDBOX": "allow-scripts allow-same-origin"}
        open_page(ad_page, ad_site, slot_html())
        show_modal(ad_page)
        expect(ad_page.locator("dialog iframe")).to_have_attribute("sandbox", "allow-scripts allow-same-origin")


class TestSeveralAds:
    """Three ads of one placement: code and origin are the same, only the window tells who speaks."""

    @pytest.fixture
    def page(self, ad_page: Page, ad_site: AdSite) -> Page:
        open_page(ad_page, ad_site, "".join(slot_html(message_id) for message_id in THREE))
        for number, message_id in enumerate(THREE):
            show(ad_page, message_id, 50 + number)
        return ad_page

    def test_each_has_its_own_height_and_answer(self, page: Page) -> None:
        for number, message_id in enumerate(THREE):
            expect(page.locator(f"#ad-{message_id} iframe")).to_have_attribute("height", str(50 + number))
            assert heard(creative(page, message_id), "update-iframe")["data"]["messageId"] == message_id

    def test_each_has_its_own_modal(self, page: Page, ad_site: AdSite) -> None:
        frames = {message_id: show_modal(page, message_id) for message_id in THREE}
        assert [address.split("?")[0] for address in ad_site.modals] == [f"/api/modal/{bid_of(name)}" for name in THREE]
        say(frames["a2"], "event-iframe", {"name": "video.started"})
        until(lambda: any(event["name"] == "video.started" for event in ad_site.events), page)
        assert [event["message_id"] for event in ad_site.events if event["name"] == "video.started"] == ["a2"]
        say(frames["a2"], "close-component-iframe")
        until(frames["a2"].is_detached, page)
        expect(page.locator("dialog")).to_have_count(2)
        for message_id, state in (("a1", "open"), ("a3", "open")):
            expect(page.locator(f"#ad-{message_id} kontext-ad")).to_have_attribute("modal", state)

    def test_neither_ad_nor_modal_ends_the_modal_of_another(self, page: Page) -> None:
        mine = show_modal(page, "a1")
        theirs = show_modal(page, "a2")
        for frame in (creative(page, "a3"), theirs):
            frame.evaluate("for (const word of ['error', 'close', 'init']) say(`${word}-component-iframe`)")
        until(theirs.is_detached, page)
        expect(page.locator("#ad-a1 kontext-ad")).to_have_attribute("modal", "open")
        assert not mine.is_detached()

    def test_the_end_of_one_ad_leaves_the_others(self, page: Page) -> None:
        mine = show_modal(page, "a1")
        say(creative(page, "a2"), "error-iframe")
        expect(page.locator("kontext-ad")).to_have_count(2)
        assert not mine.is_detached()
        expect(page.locator("#ad-a3 kontext-ad")).to_have_attribute("filled", "")
