"""What the person does, told to the ads of a page by the page or by the server (protocol 6.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Frame, Page, expect

from kontext_integration import slots
from kontext_integration.events import UserEvent

from .ad_steps import creative, heard, open_page, settle, show, slot_html

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

TYPING = "user.typing.started"
INSERT = "(html) => document.body.insertAdjacentHTML('beforeend', html)"
OUT_OF_BAND = (
    "(html) => { const t = document.createElement('template'); t.innerHTML = html; document.body.append(t.content); }"
)


def heard_by(frame: Frame) -> list[Any]:
    return list(frame.evaluate("heard.filter(({type}) => type === 'user-event-iframe').map(({data}) => data)"))


class TestByThePage:
    def test_what_the_person_does_reaches_the_ads_of_that_placement(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html("a1") + slot_html("a2"))
        frames = [creative(ad_page, "a1"), creative(ad_page, "a2")]
        tell = "(detail) => document.dispatchEvent(new CustomEvent('kontext:user-event', {detail}))"
        for detail in (None, {"name": "unheard.of"}, {"name": TYPING, "code": "banner"}, {"name": TYPING}):
            ad_page.evaluate(tell, detail)
        for frame in frames:
            heard(frame, "user-event-iframe")
            assert heard_by(frame) == [{"name": TYPING, "code": "inlineAd"}]


class TestByTheServer:
    @pytest.mark.parametrize("insert", [INSERT, OUT_OF_BAND])
    def test_an_element_that_comes_into_the_page_says_it_once_and_goes(
        self, ad_page: Page, ad_site: AdSite, insert: str
    ) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        ad_page.evaluate(insert, slots.render_user_event(UserEvent(TYPING, payload={"words": 'a "b" <c>'})))
        heard(frame, "user-event-iframe")
        assert heard_by(frame) == [{"name": TYPING, "payload": {"words": 'a "b" <c>'}, "code": "inlineAd"}]
        expect(ad_page.locator("kontext-user-event")).to_have_count(0)

    def test_it_is_only_for_the_ads_of_its_placement(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        ad_page.evaluate(INSERT, slots.render_user_event(UserEvent(TYPING, "banner")))
        ad_page.evaluate(INSERT, slots.render_user_event(UserEvent(TYPING)))
        heard(frame, "user-event-iframe")
        assert heard_by(frame) == [{"name": TYPING, "code": "inlineAd"}]

    @pytest.mark.parametrize("payload", ["{", "7", "[1]", "null", "", "NaN"])
    def test_a_payload_that_is_no_json_object_counts_as_none(
        self, ad_page: Page, ad_site: AdSite, payload: str
    ) -> None:
        open_page(ad_page, ad_site, slot_html())
        frame = show(ad_page)
        html = f'<kontext-user-event data-name="{TYPING}" data-payload="{payload}" hidden></kontext-user-event>'
        ad_page.evaluate(INSERT, html)
        assert heard(frame, "user-event-iframe")["data"] == {"name": TYPING, "code": "inlineAd"}

    def test_without_an_ad_it_stays_unseen_and_is_not_told_to_one_that_comes_later(
        self, ad_page: Page, ad_site: AdSite
    ) -> None:
        open_page(ad_page, ad_site, "<p>text</p>")
        ad_page.evaluate(INSERT, slots.render_user_event(UserEvent(TYPING)))
        settle(ad_page)
        expect(ad_page.locator("kontext-user-event")).to_be_hidden()
        ad_page.evaluate(INSERT, slot_html())
        frame = show(ad_page)
        expect(ad_page.locator("kontext-user-event")).to_have_count(0)
        assert heard_by(frame) == []
