"""What the page tells our server about the browser (protocol 3)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

from .ad_steps import open_page, show, slot_html, until

if TYPE_CHECKING:
    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]


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
