"""Facts and consent that a page tells, in a real browser with fake consent platforms (protocol 3 and 7.2)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, Route
from pytest_django import Settings

from kontext_integration import assets

from .ad_site import AdSite
from .ad_steps import open_page, show, slot_html, until

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.urls("tests.kontext_integration.host"),
]

PLATFORMS = """
window.cmp = {tcf: [], gpp: [], usp: null, last: {}};
cmp.arrive = {
  tcf: () => { window.__tcfapi = (name, version, callback) => cmp.tcf.push(callback); },
  gpp: () => { window.__gpp = (name, callback) => name === "addEventListener" && cmp.gpp.push(callback); },
  usp: () => { window.__uspapi = (name, version, callback) => callback({version: 1, uspString: cmp.usp}, true); },
};
cmp.answer = (tcString, gdprApplies = true, eventStatus = "useractioncomplete") =>
  cmp.tcf.forEach((callback) => callback({tcString, gdprApplies, eventStatus, cmpStatus: "loaded"}, true));
cmp.ready = (gppString, applicableSections) =>
  cmp.gpp.forEach((callback) => callback({eventName: "signalStatus", data: "ready",
    pingData: {signalStatus: "ready", gppString, applicableSections}}, true));
"""
"""Consent platforms as a site has them: stubs that arrive when a test says so, and answer what it says."""


@pytest.fixture
def cmp_page(ad_page: Page) -> Page:
    """A page with such platforms, whose clock a test may hurry."""
    ad_page.clock.install()
    ad_page.add_init_script(PLATFORMS)
    return ad_page


@pytest.fixture
def consent_first(ad_site: AdSite, settings: Settings) -> None:
    settings.KONTEXT = {**settings.KONTEXT, "CONSENT_FIRST": True}
    ad_site.head = assets.styles() + assets.script(None)


def answers(site: AdSite) -> list[dict[str, Any]]:
    return [report["consent"] for report in site.facts if "consent" in report]


def told(page: Page, site: AdSite, number: int) -> dict[str, Any]:
    """The report of that number, from 1 on."""
    until(lambda: len(site.facts) >= number, page)
    return site.facts[number - 1]


def nothing_more(page: Page, site: AdSite) -> bool:
    """Whether ten minutes pass without another report."""
    before = len(site.facts)
    page.clock.run_for(600_000)
    page.evaluate("fetch('/other').then((response) => response.text())")
    return len(site.facts) == before


class TestFacts:
    def test_the_browser_is_told_of_once_with_its_own_install_id(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, slot_html())
        facts = told(ad_page, ad_site, 1)
        ad_page.reload()
        assert facts["installId"] == told(ad_page, ad_site, 2)["installId"]
        assert facts["installId"] == ad_page.evaluate("localStorage.getItem('kontextso:installId')")
        assert uuid.UUID(facts["installId"]).version == 7
        assert facts["screen"] == ad_page.evaluate(
            "({width: screen.width, height: screen.height, dpr: devicePixelRatio, orientation: 'landscape-primary'})"
        )
        assert facts["timezone"] == ad_page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
        assert (facts["language"], facts["darkMode"]) == (ad_page.evaluate("navigator.language"), False)
        assert facts["userAgent"] == ad_page.evaluate("navigator.userAgent")
        assert set(ad_site.tokens) == {"token-of-the-cookie"}

    def test_a_change_is_told_of_and_what_has_not_changed_is_not(self, ad_page: Page, ad_site: AdSite) -> None:
        open_page(ad_page, ad_site, "")
        told(ad_page, ad_site, 1)
        ad_page.evaluate("dispatchEvent(new Event('resize')); dispatchEvent(new Event('languagechange'))")
        ad_page.emulate_media(color_scheme="dark")
        told(ad_page, ad_site, 2)
        assert [facts["darkMode"] for facts in ad_site.facts] == [False, True]

    def test_blocked_storage_costs_only_the_install_id(self, ad_page: Page, ad_site: AdSite) -> None:
        ad_page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw Error('blocked'); }})")
        open_page(ad_page, ad_site, slot_html())
        assert "installId" not in told(ad_page, ad_site, 1)
        show(ad_page)

    def test_global_privacy_control_is_told(self, ad_page: Page, ad_site: AdSite) -> None:
        ad_page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
        open_page(ad_page, ad_site, "")
        assert told(ad_page, ad_site, 1)["gpc"] is True


class TestConsent:
    def test_a_page_without_a_platform_tells_none_and_is_silent_for_ever(self, cmp_page: Page, ad_site: AdSite) -> None:
        open_page(cmp_page, ad_site, "")
        assert "consent" not in told(cmp_page, ad_site, 1)
        assert nothing_more(cmp_page, ad_site)

    def test_an_answer_that_is_there_already_goes_with_the_facts(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script("cmp.usp = '1YNN'; cmp.arrive.usp()")
        open_page(cmp_page, ad_site, "")
        assert told(cmp_page, ad_site, 1)["consent"] == {"usPrivacy": "1YNN"}
        assert nothing_more(cmp_page, ad_site)

    def test_a_platform_may_come_late_and_its_person_answer_later(self, cmp_page: Page, ad_site: AdSite) -> None:
        open_page(cmp_page, ad_site, "")
        first = told(cmp_page, ad_site, 1)
        cmp_page.evaluate("cmp.arrive.tcf()")
        until(lambda: cmp_page.evaluate("cmp.tcf.length") == 1, cmp_page)
        cmp_page.evaluate("cmp.answer('CPX', true, 'cmpuishown')")
        cmp_page.evaluate("cmp.answer('CPX')")
        assert told(cmp_page, ad_site, 2) == {
            "installId": first["installId"],
            "consent": {"gdpr": 1, "gdprConsent": "CPX"},
        }
        cmp_page.evaluate("cmp.answer('CPX', true, 'tcloaded')")
        assert nothing_more(cmp_page, ad_site)

    def test_an_answer_that_is_taken_back_is_told(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script("cmp.arrive.tcf()")
        open_page(cmp_page, ad_site, "")
        told(cmp_page, ad_site, 1)
        for number, call in enumerate(["'CPX'", "'REFUSED'", "'', false"], start=2):
            cmp_page.evaluate(f"cmp.answer({call})")
            told(cmp_page, ad_site, number)
        assert answers(ad_site) == [
            {"gdpr": 1, "gdprConsent": "CPX"},
            {"gdpr": 1, "gdprConsent": "REFUSED"},
            {"gdpr": 0},
        ]

    def test_what_several_platforms_say_is_one_answer(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script("Object.values(cmp.arrive).forEach((arrive) => arrive())")
        open_page(cmp_page, ad_site, "")
        told(cmp_page, ad_site, 1)
        cmp_page.evaluate("cmp.usp = '1YYN'; cmp.ready('DBAA', [7, -1]); cmp.answer('CPX')")
        told(cmp_page, ad_site, 2)
        assert answers(ad_site) == [
            {"gdpr": 1, "gdprConsent": "CPX", "gpp": "DBAA", "gppSid": [7], "usPrivacy": "1YYN"}
        ]

    def test_us_privacy_that_was_changed_elsewhere_is_told_when_the_page_is_seen_again(
        self, cmp_page: Page, ad_site: AdSite
    ) -> None:
        cmp_page.add_init_script("cmp.usp = '1YNN'; cmp.arrive.usp()")
        open_page(cmp_page, ad_site, "")
        told(cmp_page, ad_site, 1)
        assert nothing_more(cmp_page, ad_site)
        cmp_page.evaluate("cmp.usp = '1YYN'")
        assert nothing_more(cmp_page, ad_site)
        cmp_page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert told(cmp_page, ad_site, 2)["consent"] == {"usPrivacy": "1YYN"}

    def test_facts_that_change_do_not_repeat_the_answer(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script("cmp.usp = '1YNN'; cmp.arrive.usp()")
        open_page(cmp_page, ad_site, "")
        told(cmp_page, ad_site, 1)
        cmp_page.emulate_media(color_scheme="dark")
        assert "consent" not in told(cmp_page, ad_site, 2)
        assert nothing_more(cmp_page, ad_site)

    def test_a_platform_that_fires_a_hundred_times_is_told_of_a_few_times_and_its_last_word_too(
        self, cmp_page: Page, ad_site: AdSite
    ) -> None:
        cmp_page.add_init_script("cmp.arrive.tcf()")
        open_page(cmp_page, ad_site, "")
        told(cmp_page, ad_site, 1)
        for number in range(100):
            cmp_page.evaluate(f"cmp.answer('CPX{number}')")
            cmp_page.clock.run_for(100)
        cmp_page.clock.run_for(60_000)
        until(lambda: answers(ad_site)[-1]["gdprConsent"] == "CPX99", cmp_page)
        assert len(answers(ad_site)) <= 10
        assert nothing_more(cmp_page, ad_site)

    def test_one_report_waits_for_the_other_so_that_none_overtakes_it(self, cmp_page: Page, ad_site: AdSite) -> None:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        cmp_page.route("**/kontext/browser/", hold, times=1)
        cmp_page.add_init_script("cmp.usp = '1YNN'; cmp.arrive.usp(); cmp.arrive.tcf()")
        open_page(cmp_page, ad_site, "")
        until(lambda: held, cmp_page)
        cmp_page.evaluate("cmp.answer('CPX'); cmp.answer('REFUSED')")
        assert nothing_more(cmp_page, ad_site)
        held[0].continue_()
        told(cmp_page, ad_site, 2)
        assert [consent.get("gdprConsent") for consent in answers(ad_site)] == [None, "REFUSED"]
        assert nothing_more(cmp_page, ad_site)

    def test_a_report_that_nobody_took_goes_again_when_the_page_is_seen_again(
        self, cmp_page: Page, ad_site: AdSite
    ) -> None:
        def lose(route: Route) -> None:
            route.fulfill(status=300)

        cmp_page.route("**/kontext/browser/", lose, times=1)
        cmp_page.add_init_script("cmp.usp = '1YNN'; cmp.arrive.usp()")
        with cmp_page.expect_response("**/kontext/browser/"):
            open_page(cmp_page, ad_site, "")
        assert nothing_more(cmp_page, ad_site)
        cmp_page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        assert told(cmp_page, ad_site, 1)["consent"] == {"usPrivacy": "1YNN"}

    def test_platforms_that_misbehave_are_not_felt(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script(
            "window.__tcfapi = () => { throw Error('broken'); }; window.__gpp = {};"
            "window.__uspapi = (name, version, callback) => { callback(null); callback({uspString: 7}, true); };"
        )
        open_page(cmp_page, ad_site, slot_html())
        assert "consent" not in told(cmp_page, ad_site, 1)
        show(cmp_page)


class TestConsentFirst:
    @pytest.mark.usefixtures("consent_first")
    def test_the_page_does_not_wait_until_it_has_nothing_else_to_do(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script("window.requestIdleCallback = () => {}; cmp.usp = '1YNN'; cmp.arrive.usp()")
        open_page(cmp_page, ad_site, "")
        assert told(cmp_page, ad_site, 1)["consent"] == {"usPrivacy": "1YNN"}

    def test_otherwise_it_does(self, cmp_page: Page, ad_site: AdSite) -> None:
        cmp_page.add_init_script("window.requestIdleCallback = (work) => { window.work = work; }")
        open_page(cmp_page, ad_site, "")
        until(lambda: cmp_page.evaluate("Boolean(window.work)"), cmp_page)
        assert ad_site.facts == []
        cmp_page.evaluate("work()")
        told(cmp_page, ad_site, 1)
