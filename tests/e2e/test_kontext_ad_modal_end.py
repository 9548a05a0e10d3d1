"""Every way in which an ad's modal ends, in a real browser; the ad in the page stays (protocol 6.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from .ad_steps import (
    creative,
    expect_no_modal,
    listen,
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

FAILED = {"message": "Modal component error", "errCode": "modal_component_error"}


@pytest.fixture
def page(ad_page: Page, ad_site: AdSite) -> Page:
    """An ad shows; the page notes when its modal opens and ends."""
    open_page(ad_page, ad_site, slot_html() + "<p>text</p>")
    show(ad_page)
    listen(ad_page, "kontext:modal-open", "kontext:modal-close")
    return ad_page


class TestEnding:
    @pytest.mark.parametrize("shown", [True, False])
    @pytest.mark.parametrize("speaker", ["modal", "inline"])
    def test_the_creative_closes_it(self, page: Page, speaker: str, shown: bool) -> None:
        frame = show_modal(page) if shown else open_modal(page)
        say(frame if speaker == "modal" else creative(page), "close-component-iframe")
        expect_no_modal(page, "creative")
        assert page.evaluate("timers.size") == 1, "the heartbeat of the ad in the page goes on"

    @pytest.mark.parametrize(
        ("data", "payload"),
        [({"message": "No film", "errorType": "late"}, {"message": "No film", "errCode": "late"}), ({}, FAILED)],
    )
    def test_an_error_closes_it_and_is_reported(
        self, page: Page, ad_site: AdSite, data: dict[str, str], payload: dict[str, str]
    ) -> None:
        say(show_modal(page), "error-component-iframe", data)
        expect_no_modal(page, "error")
        until(lambda: any(event["name"] == "ad.error" for event in ad_site.events), page)
        assert [event["payload"] for event in ad_site.events if event["name"] == "ad.error"] == [payload]

    def test_that_it_has_rendered_changes_nothing(self, page: Page) -> None:
        frame = show_modal(page)
        say(frame, "ad-done-component-iframe")
        settle(page)
        expect(page.get_by_role("dialog")).to_be_visible()

    def test_the_person_closes_it_by_its_button(self, page: Page) -> None:
        show_modal(page)
        page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
        expect_no_modal(page, "person")

    def test_the_person_closes_it_by_escape(self, page: Page) -> None:
        show_modal(page)
        page.keyboard.press("Escape")
        expect_no_modal(page, "person")

    def test_it_can_be_opened_again(self, page: Page, ad_site: AdSite) -> None:
        show_modal(page)
        page.keyboard.press("Escape")
        expect_no_modal(page, "person")
        show_modal(page)
        assert len(ad_site.modals) == 2

    @pytest.mark.parametrize("shown", [True, False])
    @pytest.mark.parametrize(
        "change", ["document.querySelector('kontext-ad').remove()", "document.querySelector('#ad-a1').innerHTML = ''"]
    )
    def test_it_goes_with_its_ad(self, page: Page, change: str, shown: bool) -> None:
        frame = show_modal(page) if shown else open_modal(page)
        page.evaluate(change)
        until(frame.is_detached, page)
        expect(page.locator("dialog")).to_have_count(0)
        assert told(page)[-1] == ["kontext:modal-close", {"reason": "removed"}]
        assert page.evaluate("timers.size") == 0

    @pytest.mark.parametrize("speaker", ["modal", "inline"])
    def test_an_ad_that_fails_takes_it_along(self, page: Page, ad_site: AdSite, speaker: str) -> None:
        frame = show_modal(page)
        say(frame if speaker == "modal" else creative(page), "error-iframe")
        expect(page.locator("dialog, kontext-ad")).to_have_count(0)
        until(lambda: any(event["name"] == "ad.error" for event in ad_site.events), page)
        assert told(page)[-1] == ["kontext:modal-close", {"reason": "removed"}]

    def test_an_ad_that_goes_before_its_modal_could_be_made_leaves_none(self, page: Page, ad_site: AdSite) -> None:
        frame = creative(page)
        frame.evaluate("say('open-component-iframe'); say('error-iframe')")
        expect(page.locator("kontext-ad")).to_have_count(0)
        settle(page)
        expect(page.locator("dialog")).to_have_count(0)
        assert ad_site.modals == []

    def test_it_is_still_there_when_the_person_comes_back(self, page: Page, ad_site: AdSite) -> None:
        show_modal(page)
        page.evaluate("window.mark = 1")
        page.goto(ad_site.page_url + "/other")
        page.go_back(wait_until="commit")
        expect(page.locator("kontext-ad")).to_be_attached()
        if page.evaluate("window.mark") == 1:  # kept by the browser: modal and all
            page.get_by_role("dialog").get_by_role("button", name="Close").click()
            expect_no_modal(page, "person")
        else:
            show_modal(page)
