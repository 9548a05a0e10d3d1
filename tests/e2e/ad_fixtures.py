"""The browser, the page and the two servers of the tests of `<kontext-ad>`: a plugin of those test modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kontext_integration import assets

from .ad_site import AdSite
from .browsers import chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LIKE_A_PERSON = ["--disable-back-forward-cache", "--hide-scrollbars"]
"""What Playwright turns off and a person's browser has."""
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
def ad_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=ARGS, ignore_default_args=LIKE_A_PERSON)
        yield launched
        launched.close()


@pytest.fixture
def ad_site(settings: Settings) -> Iterator[AdSite]:
    started = AdSite()
    started.start()
    settings.KONTEXT = {"PUBLISHER_TOKEN": "test-token", "AD_SERVER_URL": started.ad_url + "/"}
    started.head = assets.styles() + assets.script(None)
    yield started
    started.stop()


@pytest.fixture
def ad_page(ad_browser: Browser, ad_site: AdSite) -> Iterator[Page]:
    """A page of 1000 by 600; the test fails when it writes an error to its console."""
    context = ad_browser.new_context(viewport={"width": 1000, "height": 600})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.add_init_script(COUNT_TIMERS + SHIFTS)
    yield opened
    context.close()
    assert errors == []
