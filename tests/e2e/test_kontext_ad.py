"""`<kontext-ad>` in a real browser, against a page with the real policy and a creative on another origin."""

from __future__ import annotations

import re
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

from kontext_integration import assets, slots
from kontext_integration.store import Slot

from .ad_site import SNAPSHOT, AdSite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.e2e, pytest.mark.urls("tests.kontext_integration.host")]

ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
COUNT_TIMERS = """
window.timers = new Set();
const {setInterval: start, clearInterval: stop} = window;
window.setInterval = (...args) => { const id = start(...args); timers.add(id); return id; };
window.clearInterval = (id) => { timers.delete(id); stop(id); };
"""
SHIFTS = (
    "window.shifts = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) shifts += e.value; })"
)
SHIFTS += '.observe({type: "layout-shift", buffered: true});'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=ARGS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield launched
        launched.close()


@pytest.fixture
def site(settings: SettingsWrapper) -> Iterator[AdSite]:
    started = AdSite()
    started.start()
    settings.KONTEXT = {"PUBLISHER_TOKEN": "test-token", "AD_SERVER_URL": started.ad_url + "/"}
    started.head = assets.styles() + assets.script(None)
    yield started
    started.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1000 by 600; the test fails when it writes an error to its console."""
    context = browser.new_context(viewport={"width": 1000, "height": 600})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.add_init_script(COUNT_TIMERS + SHIFTS)
    yield opened
    context.close()
    assert errors == []


def slot(message_id: str = "a1", height: int | None = None) -> str:
    bid = str(uuid.uuid5(uuid.NAMESPACE_OID, message_id))
    stored = Slot(1, "c", "alice", message_id, "inlineAd", bid, None, height, datetime.now(UTC))
    return slots.render_slot(message_id, known={message_id: stored})


def text(lines: int, name: str = "line") -> str:
    return "".join(f'<p id="{name}{number}">{name} {number}</p>' for number in range(lines))


def open_page(page: Page, site: AdSite, body: str) -> None:
    site.body = body
    page.goto(site.page_url)


def creative(page: Page, message_id: str = "a1", state: str = "ready") -> Frame:
    """The frame of an ad, as soon as it was answered."""
    expect(page.locator(f"#ad-{message_id} kontext-ad")).to_have_attribute(state, "")
    handle = page.locator(f"#ad-{message_id} iframe").element_handle()
    frame = handle.content_frame()
    assert frame is not None
    return frame


def say(frame: Frame, kind: str, data: dict[str, Any] | None = None) -> None:
    frame.evaluate("([type, data]) => say(type, data ?? undefined)", [kind, data])


def show(page: Page, message_id: str = "a1", height: int = 210) -> Frame:
    frame = creative(page, message_id)
    say(frame, "resize-iframe", {"height": height})
    say(frame, "show-iframe")
    expect(page.locator(f"#ad-{message_id} kontext-ad")).to_have_attribute("filled", "")
    return frame


def heard(frame: Frame, kind: str) -> Any:
    frame.wait_for_function("(type) => last(type)", arg=kind)
    return frame.evaluate("(type) => last(type)", kind)


def until(condition: Callable[[], object], page: Page) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        page.evaluate("() => new Promise(requestAnimationFrame)")


def top(page: Page, selector: str) -> float:
    return float(page.evaluate("(selector) => document.querySelector(selector).getBoundingClientRect().top", selector))


def settle(page: Page) -> None:
    """Two frames later: what scroll anchoring had to do is done, and nothing grows any more."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("() => Promise.all(document.getAnimations().map(({finished}) => finished)).then(() => {})")


class TestMounting:
    def test_a_frame_gets_its_address_only_near_the_viewport(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot("near") + text(30) + slot("far"))
        creative(page, "near")
        assert page.locator("#ad-far iframe").get_attribute("src") is None
        page.evaluate("scrollTo(0, 2000)")
        creative(page, "far")
        assert len(site.frames) == 2

    def test_a_box_that_scrolls_by_itself_counts_like_the_viewport(self, page: Page, site: AdSite) -> None:
        body = f'<div class="box">{slot("near")}{text(9)}{slot("close")}{text(30)}{slot("far")}</div>'
        open_page(page, site, body)
        creative(page, "near")
        creative(page, "close")
        assert page.locator("#ad-far iframe").get_attribute("src") is None

    def test_an_element_that_arrives_later_works_the_same(self, page: Page, site: AdSite) -> None:
        open_page(page, site, '<div id="ad-a1" data-ad-slot="a1" class="kontext-slot"></div>')
        inner = re.sub(r"^<div.*?>|</div>$", "", slot("a1"))
        page.evaluate("(html) => document.querySelector('#ad-a1').insertAdjacentHTML('beforeend', html)", inner)
        show(page)

    def test_changes_elsewhere_do_not_reload_the_frame(self, page: Page, site: AdSite) -> None:
        open_page(page, site, f'<article id="m">text</article>{slot()}<div id="end"></div>')
        frame = show(page)
        frame.evaluate("window.mark = 1")
        page.evaluate("m.replaceChildren('new'); m.before('more'); end.remove(); document.body.append('last')")
        settle(page)
        assert frame.evaluate("window.mark") == 1
        assert len(site.frames) == 1

    def test_a_removed_ad_that_is_put_in_again_starts_anew(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        show(page)
        page.evaluate("window.ad = document.querySelector('kontext-ad'); ad.remove()")
        assert page.evaluate("timers.size") == 0
        page.evaluate("document.querySelector('#ad-a1').append(ad)")
        expect(page.locator("kontext-ad")).not_to_have_attribute("filled", "")
        show(page)
        assert len(site.frames) == 2

    def test_a_move_that_keeps_the_frame_alive_keeps_the_ad(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot() + '<div id="end"></div>')
        frame = show(page)
        page.evaluate("document.body.moveBefore(document.querySelector('#ad-a1'), null)")
        say(frame, "resize-iframe", {"height": 300})
        expect(page.locator("iframe")).to_have_attribute("height", "300")
        assert len(site.frames) == 1

    def test_the_ad_goes_on_when_the_person_comes_back(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        show(page)
        page.evaluate("window.mark = 1")
        page.goto(site.page_url + "/other")
        page.go_back(wait_until="commit")
        expect(page.locator("kontext-ad")).to_be_attached()
        if page.evaluate("window.mark") == 1:  # kept by the browser: frame and all
            expect(page.locator("iframe")).to_have_attribute("height", "333")
        else:
            show(page)


class TestConversation:
    def test_the_frame_is_answered_with_the_frozen_messages(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        assert heard(creative(page), "update-iframe") == {
            "origin": site.page_url,
            "type": "update-iframe",
            "data": {
                "messages": SNAPSHOT,
                "sdk": "sdk-js",
                "messageId": "a1",
                "otherParams": {},
                "code": "inlineAd",
            },
        }

    def test_it_is_answered_each_time_from_one_request(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = creative(page)
        say(frame, "init-iframe")
        frame.wait_for_function("() => heard.filter((message) => message.type === 'update-iframe').length === 2")
        assert site.snapshots == ["/kontext/slots/a1/inlineAd/"]

    def test_the_frame_is_asked_for_by_the_address_of_the_protocol(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        creative(page)
        bid = uuid.uuid5(uuid.NAMESPACE_OID, "a1")
        assert site.frames == [f"/api/frame/{bid}?code=inlineAd&messageId=a1&sdk=sdk-js"]

    def test_messages_of_others_are_ignored(self, page: Page, site: AdSite) -> None:
        body = f'{slot("a1")}{slot("a2")}<iframe id="rival" src="/rival"></iframe>'
        open_page(page, site, body)
        creative(page, "a1")
        other = creative(page, "a2")
        forged = "([type, data]) => top.postMessage({type, data}, '*')"
        rival = next(frame for frame in page.frames if frame.url.endswith("/rival"))
        for message in (["resize-iframe", {"height": 99}], ["show-iframe", {}]):
            page.evaluate(forged, message)
            rival.evaluate(forged, message)
        show(page, "a2", 50)
        assert other.evaluate("origin") == site.ad_url
        assert page.locator("#ad-a1 kontext-ad").get_attribute("filled") is None
        assert page.locator("#ad-a1 iframe").get_attribute("height") == "0"

    def test_hostile_messages_do_no_harm(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = creative(page)
        frame.evaluate(
            """() => {
              const loop = {}; loop.self = loop;
              for (const message of [null, 7, "{", [], {type: "__proto__"}, {type: "resize-iframe", data: {height: "9"}},
                {type: "show-iframe", data: {code: "banner"}},
                {type: "event-iframe", data: {name: "ad.viewed", payload: loop}},
                {type: "event-iframe", data: {name: "ad.viewed", payload: {big: 1n}}},
                {type: "event-iframe", data: {name: "ad.viewed", payload: {long: "x".repeat(99999)}}}])
                parent.postMessage(message, "*");
            }"""
        )
        show(page)
        assert site.events == []

    def test_the_heartbeat_tells_nine_numbers(self, page: Page, site: AdSite) -> None:
        open_page(page, site, text(2) + slot())
        frame = show(page)
        settle(page)
        frame.evaluate("heard.length = 0")
        data = heard(frame, "update-dimensions-iframe")["data"]
        assert {key: round(value) for key, value in data.items()} == {
            "windowWidth": 1000,
            "windowHeight": 600,
            "screenWidth": page.evaluate("screen.width"),
            "screenHeight": page.evaluate("screen.height"),
            "containerWidth": page.evaluate("document.body.clientWidth"),
            "containerHeight": page.evaluate("document.querySelector('#ad-a1').offsetHeight"),
            "containerX": 0,
            "containerY": 200,
            "keyboardHeight": 0,
        }

    def test_one_heartbeat_serves_all_frames_and_ends_with_the_last(self, page: Page, site: AdSite) -> None:
        open_page(page, site, text(30) + slot("a1") + slot("a2"))
        page.wait_for_load_state("networkidle")
        assert page.evaluate("timers.size") == 0
        page.evaluate("scrollTo(0, 3000)")
        for message_id in ("a1", "a2"):
            heard(creative(page, message_id), "update-dimensions-iframe")
        assert page.evaluate("timers.size") == 1
        page.evaluate("document.querySelector('#ad-a1 kontext-ad').remove()")
        assert page.evaluate("timers.size") == 1
        page.evaluate("document.querySelector('#ad-a2 kontext-ad').remove()")
        assert page.evaluate("timers.size") == 0

    def test_what_the_person_does_reaches_the_ads_of_that_placement(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = creative(page)
        tell = "(detail) => document.dispatchEvent(new CustomEvent('kontext:user-event', {detail}))"
        for detail in (None, {"name": "unheard.of"}, {"name": "user.typing.started", "code": "banner"}):
            page.evaluate(tell, detail)
        page.evaluate(tell, {"name": "user.typing.started"})
        assert heard(frame, "user-event-iframe")["data"] == {"name": "user.typing.started", "code": "inlineAd"}
        assert frame.evaluate("heard.filter(({type}) => type === 'user-event-iframe').length") == 1


class TestShowing:
    def test_an_empty_slot_takes_no_space_and_says_nothing(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot() + '<p id="next">next</p>')
        creative(page)
        assert top(page, "#next") == 0
        expect(page.get_by_role("region")).to_have_count(0)
        expect(page.get_by_text("Sponsored")).to_be_hidden()

    def test_a_shown_ad_is_a_labelled_region(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        show(page)
        region = page.get_by_role("region", name="Sponsored")
        expect(region).to_be_visible()
        expect(region.get_by_text("Sponsored")).to_be_visible()
        expect(region.get_by_title("Advertisement")).to_be_visible()

    def test_the_frame_is_as_high_as_it_asks_and_as_wide_as_the_slot(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = show(page, height=210)
        say(frame, "resize-iframe", {"height": 320.5})
        expect(page.locator("iframe")).to_have_attribute("height", "320.5")
        box = page.locator("iframe").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (page.evaluate("document.body.clientWidth"), 320.5)

    def test_hiding_gives_the_space_back_and_keeps_the_height(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot() + '<p id="next">next</p>')
        frame = show(page)
        say(frame, "hide-iframe")
        expect(page.locator("kontext-ad")).not_to_have_attribute("filled", "")
        page.wait_for_function("() => document.querySelector('#next').getBoundingClientRect().top === 0")
        expect(page.get_by_role("region")).to_have_count(0)
        say(frame, "show-iframe")
        expect(page.locator("kontext-ad")).to_have_attribute("filled", "")
        assert page.locator("iframe").get_attribute("height") == "210"

    def test_a_frame_without_height_is_not_shown(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = creative(page)
        say(frame, "show-iframe")
        for height in (0, -5):
            say(frame, "resize-iframe", {"height": height})
        settle(page)
        expect(page.locator("kontext-ad")).not_to_have_attribute("filled", "")
        say(frame, "resize-iframe", {"height": 100})
        expect(page.locator("kontext-ad")).to_have_attribute("filled", "")

    def test_the_keyboard_goes_into_the_frame_and_out_of_it(self, page: Page, site: AdSite) -> None:
        open_page(page, site, '<button id="one">1</button>' + slot() + '<button id="two">2</button>')
        frame = show(page)
        page.focus("#one")
        page.keyboard.press("Tab")
        page.wait_for_function("() => document.activeElement.tagName === 'IFRAME'")
        frame.wait_for_function("() => document.activeElement.tagName === 'BUTTON'")
        page.keyboard.press("Tab")
        page.wait_for_function("() => document.activeElement.id === 'two'")

    def test_before_it_shows_the_keyboard_passes_it_by(self, page: Page, site: AdSite) -> None:
        open_page(page, site, '<button id="one">1</button>' + slot() + '<button id="two">2</button>')
        creative(page)
        page.focus("#one")
        page.keyboard.press("Tab")
        page.wait_for_function("() => document.activeElement.id === 'two'")

    def test_an_ad_shown_before_finds_its_place_kept(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot(height=180) + '<p id="next">next</p>')
        place = top(page, "#next")
        assert place > 180
        frame = creative(page)
        say(frame, "show-iframe")
        expect(page.locator("kontext-ad")).to_have_attribute("filled", "")
        settle(page)
        assert top(page, "#next") == place
        assert page.evaluate("shifts") == 0

    def test_without_script_there_is_no_gap(self, browser: Browser, site: AdSite) -> None:
        context = browser.new_context(java_script_enabled=False)
        opened = context.new_page()
        open_page(opened, site, slot(height=180) + '<p id="next">next</p>')
        box = opened.locator("#next").bounding_box()
        context.close()
        assert box is not None
        assert box["y"] == 0


class TestReadingPosition:
    @pytest.mark.parametrize(
        ("box", "scroll"),
        [
            ("", "document.scrollingElement"),
            ("box", "document.querySelector('.box')"),
            ("box own", "document.querySelector('.box')"),
        ],
    )
    def test_what_is_read_does_not_move_when_an_ad_above_it_grows(
        self, page: Page, site: AdSite, box: str, scroll: str
    ) -> None:
        open_page(page, site, f'<div class="{box}">{text(3)}{slot()}{text(30, "read")}</div>')
        frame = creative(page)
        page.evaluate(f"{scroll}.scrollTop = 700")
        settle(page)
        read = top(page, "#read5")
        for height in (210, 400, 90):
            say(frame, "resize-iframe", {"height": height})
            say(frame, "show-iframe")
            expect(page.locator("iframe")).to_have_attribute("height", str(height))
            expect(page.locator("kontext-ad")).to_have_attribute("filled", "")
            settle(page)
            assert top(page, "#read5") == pytest.approx(read, abs=0.5)
        say(frame, "error-iframe")
        expect(page.locator("kontext-ad")).to_have_count(0)
        settle(page)
        assert top(page, "#read5") == pytest.approx(read, abs=0.5)

    @pytest.mark.parametrize("box", ["box", "box own"])
    def test_what_is_read_below_an_ad_half_in_sight_does_not_move(self, page: Page, site: AdSite, box: str) -> None:
        open_page(page, site, f'<div class="{box}">{text(3)}{slot()}{text(30, "read")}</div>')
        frame = show(page, height=200)
        settle(page)
        page.evaluate("document.querySelector('.box').scrollTop = 400")
        settle(page)
        read = top(page, "#read1")
        say(frame, "resize-iframe", {"height": 300})
        expect(page.locator("iframe")).to_have_attribute("height", "300")
        settle(page)
        assert top(page, "#read1") == pytest.approx(read, abs=0.5)

    def test_a_host_that_follows_by_itself_is_left_to_it(self, page: Page, site: AdSite) -> None:
        open_page(page, site, f'<div class="box own">{text(3)}{slot()}{text(30, "read")}</div>')
        page.evaluate(
            """() => document.addEventListener("kontext:resize", (event) => {
              event.preventDefault(); window.told = {...event.detail, id: event.target.id};
            })"""
        )
        frame = creative(page)
        page.evaluate("document.querySelector('.box').scrollTop = 700")
        say(frame, "resize-iframe", {"height": 210})
        say(frame, "show-iframe")
        page.wait_for_function("() => window.told")
        told = page.evaluate("told")
        assert (told["id"], told["above"]) == ("ad-a1", True)
        assert round(told["delta"]) == page.evaluate("document.querySelector('#ad-a1').offsetHeight")
        assert page.evaluate("document.querySelector('.box').scrollTop") == 700

    @pytest.mark.parametrize(("motion", "animations"), [("no-preference", 1), ("reduce", 0)])
    def test_it_grows_smoothly_in_sight_unless_less_motion_is_asked(
        self, page: Page, site: AdSite, motion: Any, animations: int
    ) -> None:
        page.emulate_media(reduced_motion=motion)
        open_page(page, site, slot())
        page.evaluate(
            """() => document.addEventListener("kontext:resize", () => queueMicrotask(() => {
              window.animations = document.querySelector("kontext-ad").getAnimations().length;
            }))"""
        )
        show(page)
        assert page.evaluate("animations") == animations


class TestReporting:
    def test_events_go_to_the_server_and_up_the_page(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        page.evaluate("window.told = []; document.addEventListener('kontext:event', (e) => told.push(e.detail))")
        frame = creative(page)
        payload = {"id": "b", "content": "c", "format": "inline"}
        say(frame, "event-iframe", {"name": "ad.unheard-of", "payload": payload})
        say(frame, "event-iframe", {"name": "ad.viewed", "payload": payload, "code": "inlineAd"})
        until(lambda: site.events, page)
        bid = str(uuid.uuid5(uuid.NAMESPACE_OID, "a1"))
        assert site.events == [
            {"message_id": "a1", "code": "inlineAd", "bid_id": bid, "name": "ad.viewed", "payload": payload}
        ]
        assert page.evaluate("told") == [{"name": "ad.viewed", "payload": payload}]
        assert set(site.tokens) == {"token-of-the-cookie"}

    def test_many_heights_are_one_report(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = show(page)
        for height in range(100, 131):
            say(frame, "resize-iframe", {"height": height})
        until(lambda: site.events and site.events[-1]["payload"] == {"height": 130}, page)
        assert len(site.events) <= 3
        assert {event["name"] for event in site.events} == {"ad.height"}

    def test_a_flood_of_events_ends_at_the_element(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = creative(page)
        frame.evaluate("for (let i = 0; i < 500; i += 1) say('event-iframe', {name: 'ad.clicked', payload: {i}})")
        until(lambda: len(site.events) == 60, page)
        settle(page)
        assert len(site.events) == 60

    def test_a_frame_that_failed_is_reported_and_removed(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        page.evaluate("document.addEventListener('kontext:error', (e) => { window.told = e.detail; })")
        frame = show(page)
        say(frame, "error-iframe")
        expect(page.locator("kontext-ad")).to_have_count(0)
        expect(page.locator("#ad-a1")).to_be_empty()
        until(lambda: any(event["name"] == "ad.error" for event in site.events), page)
        error = {"message": "Error loading iframe", "errCode": "iframe_error"}
        assert next(event["payload"] for event in site.events if event["name"] == "ad.error") == error
        assert page.evaluate("told") == error
        assert page.evaluate("timers.size") == 0


class TestClicks:
    def test_a_click_opens_its_address_once_and_tells_nothing_of_the_page(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        frame = show(page)
        with page.context.expect_page() as opened:
            frame.click("button")
        popup = opened.value
        popup.wait_for_load_state()
        assert popup.url == site.ad_url + "/redirect/abc?a=1"
        assert popup.evaluate("[window.opener, document.referrer]") == [None, ""]
        settle(page)
        assert len(page.context.pages) == 2

    def test_a_publisher_can_leave_clicks_to_the_frame(
        self, page: Page, site: AdSite, settings: SettingsWrapper
    ) -> None:
        settings.KONTEXT = {**settings.KONTEXT, "OPEN_CLICKS": False}
        open_page(page, site, slot())
        frame = show(page)
        frame.click("button")
        say(frame, "event-iframe", {"name": "ad.clicked", "payload": {"url": site.ad_url + "/redirect/x"}})
        until(lambda: any(event["name"] == "ad.clicked" for event in site.events), page)
        assert len(page.context.pages) == 1


class TestFacts:
    def test_the_browser_is_told_of_once_with_its_own_install_id(self, page: Page, site: AdSite) -> None:
        open_page(page, site, slot())
        until(lambda: site.facts, page)
        page.reload()
        until(lambda: len(site.facts) == 2, page)
        facts = site.facts[0]
        assert facts["installId"] == site.facts[1]["installId"]
        assert facts["installId"] == page.evaluate("localStorage.getItem('kontextso:installId')")
        assert uuid.UUID(facts["installId"]).version == 7
        assert facts["screen"] == page.evaluate(
            "({width: screen.width, height: screen.height, dpr: devicePixelRatio, orientation: screen.orientation.type})"
        )
        assert facts["timezone"] == page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
        assert (facts["language"], facts["darkMode"]) == (page.evaluate("navigator.language"), False)
        assert facts["userAgent"] == page.evaluate("navigator.userAgent")
        assert set(site.tokens) == {"token-of-the-cookie"}

    def test_a_change_is_told_of(self, page: Page, site: AdSite) -> None:
        open_page(page, site, "")
        until(lambda: site.facts, page)
        page.emulate_media(color_scheme="dark")
        until(lambda: len(site.facts) == 2, page)
        assert [facts["darkMode"] for facts in site.facts] == [False, True]

    def test_blocked_storage_costs_only_the_install_id(self, page: Page, site: AdSite) -> None:
        page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked'); }})")
        open_page(page, site, slot())
        until(lambda: site.facts, page)
        assert "installId" not in site.facts[0]
        show(page)
