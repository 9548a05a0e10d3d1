"""`<kontext-ad>` shows what the sandbox serves: every format, its modal, and frames that misbehave (protocol 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Frame, Page, expect

from kontext_integration.events import parse_frame_event
from kontext_integration.sandbox.creatives import CREATIVES
from kontext_integration.sandbox.store import Bid
from kontext_integration.sandbox.turns import FORMATS, Format

from .ad_steps import bid_of, creative, open_page, slot_html, until
from .sandbox_server import SandboxServer

if TYPE_CHECKING:
    from pytest_django import Settings

    from .ad_site import AdSite

pytest_plugins = ["tests.e2e.ad_fixtures"]
pytestmark = [pytest.mark.e2e, pytest.mark.urls("tests.kontext_integration.host")]

HERE = re.compile("")
HALF_A_MINUTE_MS = 31_000


@pytest.fixture
def sandbox(ad_site: AdSite, settings: Settings) -> Iterator[SandboxServer]:
    """The ad server of the page."""
    server = SandboxServer()
    ad_site.ad_url = server.url
    settings.KONTEXT = {**settings.KONTEXT, "AD_SERVER_URL": server.url}
    yield server
    server.stop()


class Ad:
    """A page with one ad of the sandbox."""

    def __init__(self, page: Page, site: AdSite, sandbox: SandboxServer) -> None:
        self.page = page
        self._site = site
        self._sandbox = sandbox
        self.element = page.locator("kontext-ad")
        self.dialog = page.get_by_role("dialog")

    def open(self, frame: Any = "speaks", format_: Format = "native", **bid: Any) -> None:
        self._sandbox.store.add_bid(Bid(bid_of("a1"), "inlineAd", CREATIVES[0], ("u1",), frame, format_, **bid))
        open_page(self.page, self._site, slot_html() + "<p>text</p>")

    def show(self, frame: Any = "speaks", format_: Format = "native", **bid: Any) -> Frame:
        """The frame of the ad, which shows."""
        self.open(frame, format_, **bid)
        expect(self.element).to_have_attribute("filled", "")
        return creative(self.page)

    def open_modal(self, **bid: Any) -> None:
        self.show("speaks", "interstitial", **bid).get_by_role("button").click()

    def show_modal(self, **bid: Any) -> Frame:
        self.open_modal(**bid)
        expect(self.dialog).to_be_visible()
        return next(frame for frame in self.page.frames if "/api/modal/" in frame.url)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [event["payload"] for event in self._site.events if event["name"] == name]

    def hear(self, name: str) -> dict[str, Any]:
        until(lambda: self.events(name), self.page, seconds=15)
        return self.events(name)[0]


@pytest.fixture
def ad(ad_site: AdSite, sandbox: SandboxServer, ad_page: Page) -> Ad:
    """In this order, so that the page, which talks to the sandbox to its last moment, ends before it."""
    return Ad(ad_page, ad_site, sandbox)


class TestFormats:
    @pytest.mark.parametrize("format_", FORMATS)
    def test_every_format_shows_at_its_height_and_with_its_label(self, ad: Ad, format_: Format) -> None:
        frame = ad.show("speaks", format_)
        ad.hear("ad.render-completed")
        height = "Math.ceil(document.querySelector('.creative').getBoundingClientRect().height)"
        until(lambda: ad.page.locator("iframe").get_attribute("height") == str(frame.evaluate(height)), ad.page)
        expect(ad.page.get_by_role("region", name="Sponsored")).to_be_visible()
        assert ad.events("ad.error") == []

    @pytest.mark.parametrize("format_", ["native", "image", "video", "banner"])
    def test_a_view_is_reported(self, ad: Ad, format_: Format) -> None:
        ad.show("speaks", format_)
        assert ad.hear("ad.viewed")["id"] == bid_of("a1")

    def test_a_film_reports_its_start_and_its_end(self, ad: Ad) -> None:
        frame = ad.show("speaks", "video")
        ad.hear("video.started")
        frame.locator("video").evaluate("(film) => { film.playbackRate = 8; }")
        assert ad.hear("video.completed") == {"id": bid_of("a1")}

    def test_a_click_opens_the_advertisers_page(self, ad: Ad) -> None:
        frame = ad.show("speaks", "image")
        with ad.page.context.expect_page() as opened:
            frame.get_by_role("link").click()
        expect(opened.value.get_by_role("heading", name="Slowline Night Trains")).to_be_visible()
        assert ad.hear("ad.clicked")["area"] == "picture"


class TestModal:
    def test_it_shows_what_the_sandbox_serves_and_is_viewed_there(self, ad: Ad) -> None:
        frame = ad.show_modal(greeting="Hi there!")
        expect(frame.get_by_text("“Hi there!”")).to_be_visible()
        assert ad.hear("ad.viewed")["format"] == "interstitial"
        assert ad.events("ad.error") == []

    def test_its_own_button_closes_it(self, ad: Ad) -> None:
        ad.show_modal().get_by_role("button", name="Close").click()
        expect(ad.dialog).to_have_count(0)
        expect(ad.element).to_have_attribute("filled", "")

    def test_escape_in_it_closes_it(self, ad: Ad) -> None:
        ad.show_modal().get_by_role("button", name="Close").focus()
        ad.page.keyboard.press("Escape")
        expect(ad.dialog).to_have_count(0)

    def test_its_call_to_action_opens_the_advertisers_page(self, ad: Ad) -> None:
        frame = ad.show_modal()
        with ad.page.context.expect_page() as opened:
            frame.get_by_role("link").click()
        expect(opened.value.get_by_role("heading", name="Slowline Night Trains")).to_be_visible()
        assert ad.hear("ad.clicked")["format"] == "interstitial"

    def test_it_can_be_opened_again(self, ad: Ad) -> None:
        ad.show_modal().get_by_role("button", name="Close").click()
        expect(ad.dialog).to_have_count(0)
        creative(ad.page).get_by_role("button").click()
        expect(ad.dialog).to_be_visible()

    def test_a_silent_one_never_shows_and_goes_when_its_time_is_over(self, ad: Ad) -> None:
        ad.open_modal(modal="silent")
        expect(ad.element).to_have_attribute("modal", "opening")
        expect(ad.dialog).to_be_hidden()
        expect(ad.element).not_to_have_attribute("modal", HERE, timeout=10_000)
        assert ad.events("ad.error") == []

    @pytest.mark.parametrize(
        ("modal_error", "err_code"), [("", "modal_component_error"), ("render_failed", "render_failed")]
    )
    def test_one_that_fails_is_reported_and_goes(self, ad: Ad, modal_error: str, err_code: str) -> None:
        ad.open_modal(modal="fails", modal_error=modal_error)
        assert ad.hear("ad.error")["errCode"] == err_code
        expect(ad.page.locator("dialog")).to_have_count(0)
        expect(ad.element).to_have_attribute("filled", "")

    def test_one_that_hangs_has_the_pages_way_out(self, ad: Ad) -> None:
        ad.show_modal(modal="hangs")
        ad.dialog.get_by_role("button", name="Close").click()
        expect(ad.dialog).to_have_count(0)


class TestManners:
    def test_a_silent_frame_never_shows(self, ad: Ad) -> None:
        ad.open("silent")
        until(lambda: any("/api/frame/" in frame.url for frame in ad.page.frames), ad.page)
        ad.page.wait_for_load_state("networkidle")
        expect(ad.element).not_to_have_attribute("ready", HERE)
        expect(ad.element).not_to_have_attribute("filled", HERE)

    def test_a_frame_that_fails_goes(self, ad: Ad) -> None:
        ad.open("fails")
        assert ad.hear("ad.error")["errCode"] == "iframe_error"
        expect(ad.element).to_have_count(0)

    def test_a_frame_that_hides_goes_out_of_sight(self, ad: Ad) -> None:
        ad.show("hides")
        expect(ad.element).not_to_have_attribute("filled", HERE, timeout=10_000)
        expect(ad.element).to_have_count(1)

    def test_a_frame_gets_the_looks_that_it_may_have_and_no_others(self, ad: Ad) -> None:
        ad.show("styles")
        expect(ad.element).to_have_css("border-radius", "20px")
        expect(ad.element).to_have_css("position", "static")
        expect(ad.page.locator("iframe")).to_have_css("transform", "none")

    def test_a_frame_that_resizes_for_ever_comes_to_rest(self, ad: Ad) -> None:
        ad.page.clock.install()
        ad.show("resizes")
        ad.hear("ad.render-completed")
        ad.page.clock.run_for(HALF_A_MINUTE_MS)
        settled = ad.page.locator("iframe").get_attribute("height")
        ad.page.clock.run_for(HALF_A_MINUTE_MS)
        assert ad.page.locator("iframe").get_attribute("height") == settled in {"160", "320"}

    def test_a_flood_of_messages_is_neither_passed_on_nor_felt(self, ad: Ad) -> None:
        ad.show("floods")
        ad.hear("ad.render-completed")
        assert ad.page.evaluate("new Promise((done) => setTimeout(() => done(true), 1000))")
        expect(ad.element).to_have_attribute("filled", "")
        assert len(ad.events("ad.render-completed")) <= 50

    def test_forged_messages_change_nothing(self, ad: Ad) -> None:
        ad.show("forges")
        ad.hear("ad.viewed")
        assert {event["id"] for event in ad.events("ad.viewed")} == {bid_of("a1")}
        assert ad.events("ad.error") == []
        (forged,) = ad.events("ad.clicked")
        about = {"bid_id": bid_of("a1"), "message_id": "a1", "revenue": None}
        assert parse_frame_event("ad.clicked", forged, **about) is None, "the server drops it"
        assert int(ad.page.locator("iframe").get_attribute("height") or 0) < 400
        assert ad.page.evaluate("({}).polluted") is None
        assert len(ad.page.context.pages) == 1
        expect(ad.element).not_to_have_attribute("modal", HERE)


def test_the_log_of_the_sandbox_tells_both_sides(ad: Ad, sandbox: SandboxServer) -> None:
    ad.show_modal()
    ad.hear("ad.viewed")

    def told(what: str) -> bool:
        return any(entry.what == what for entry in sandbox.log.after())

    for what in (
        "GET frame",
        "host → frame update-iframe",
        "host → frame update-dimensions-iframe",
        "frame → host open-component-iframe",
        "GET modal",
        "modal → host init-component-iframe",
        "host → modal update-iframe",
    ):
        until(lambda what=what: told(what), ad.page)
    assert [entry.outcome for entry in sandbox.log.after() if entry.status not in {None, 200}] == []
