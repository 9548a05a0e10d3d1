"""The browser relay in a real browser: a chat whose server has no way to the ad server, and still shows its ads."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, expect

from tests.e2e.chatting import connected, open_chat, reply, send
from tests.e2e.servers import ROOT, free_port, process
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: what this server sends by itself ends here."""
QUESTION = "A long weekend in Rome"
SESSION = b'"sessionId":"33333333-3333-3333-3333-333333333333"'
HOSTILE = {
    "a page": b"<!doctype html><script>document.title = 'taken over'</script>",
    "no end": b'{"sessionId":"' + b"x" * 3_000_000,
    "another shape": b"{" + SESSION + b',"bids":{"0":{"code":"inlineAd"}}}',
    "an evil bid": b"{" + SESSION + b',"bids":[{"bidId":"\\"><script>","code":"inlineAd"}]}',
    "no text": b"\xff\xfe\x00\xd8",
    "nothing": b"",
}


@dataclass(frozen=True)
class RelaySite:
    chat: str
    ads: str
    database: Path

    def events(self) -> list[str]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            return [name for (name,) in database.execute("select name from kontext_integration_adevent order by id")]

    def waiting(self) -> int:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as database:
            return int(database.execute("select count(*) from kontext_integration_adrelay").fetchone()[0])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def relay_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RelaySite]:
    chat, ads = free_port(), free_port()
    database = tmp_path_factory.mktemp("relay") / "chat.sqlite3"
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.relay_settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "PORT": str(chat),
        "KONTEXT_SANDBOX_PORT": str(ads),
        "KONTEXT_TRANSPORT": "browser",
        # No page has a place for an ad of the second one.
        "KONTEXT_PLACEMENT_CODES": "inlineAd,banner",
        "OPENAI_BASE_URL": "",
        "DEBUG": "true",
        "LOG_LEVEL": "WARNING",
        **dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), NOWHERE),
        **dict.fromkeys(("no_proxy", "NO_PROXY"), ""),
    }
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    await asyncio.to_thread(subprocess.run, migrate, cwd=ROOT, env=os.environ | env, check=True)
    here, there = f"http://127.0.0.1:{chat}", f"http://127.0.0.1:{ads}"
    with ExitStack() as running:
        sandbox = process("manage.py", "ad_sandbox", "--port", str(ads), answers=f"{there}/", env=env)
        server = process("manage.py", "runserver", "--noreload", str(chat), answers=f"{here}/healthz", env=env)
        await asyncio.to_thread(running.enter_context, sandbox)
        await asyncio.to_thread(running.enter_context, server)
        yield RelaySite(here, there, database)


@pytest_asyncio.fixture(loop_scope="session")
async def relay_context(browser: Browser, relay_site: RelaySite) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(base_url=relay_site.chat, viewport={"width": 390, "height": 780})
    opened.set_default_timeout(15_000)
    yield opened
    await opened.close()


@pytest.fixture
def posted(relay_context: BrowserContext, relay_site: RelaySite) -> list[Request]:
    """What pages have posted to the ad server's endpoints."""
    requests: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.startswith(relay_site.ads):
            requests.append(request)

    relay_context.on("request", note)
    return requests


@pytest.fixture
def complaints(relay_context: BrowserContext) -> list[str]:
    """What the pages complain of."""
    heard: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            heard.append(message.text)

    relay_context.on("console", note)
    relay_context.on("weberror", lambda error: heard.append(str(error.error)))
    return heard


def paths(posted: list[Request], path: str = "/preload") -> list[str]:
    return [request.url for request in posted if urlsplit(request.url).path == path]


async def ask(page: Page, text: str = QUESTION) -> None:
    await send(page, text)
    await expect(reply(page)).to_have_attribute("data-state", "complete")


async def hostile(context: BrowserContext, body: bytes) -> None:
    async def fulfill(route: Route) -> None:
        await route.fulfill(status=200, body=body, headers={"Access-Control-Allow-Origin": "*"})

    await context.route("**/preload", fulfill)


async def test_an_ad_shows_though_the_server_cannot_reach_the_ad_server(
    relay_context: BrowserContext, relay_site: RelaySite, posted: list[Request], complaints: list[str]
) -> None:
    page = await relay_context.new_page()
    await open_chat(page)
    await ask(page)
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)
    await expect(page.get_by_text("Sponsored")).to_be_visible()
    assert len(paths(posted)) == len(paths(posted, "/init")) == 1
    await until(lambda: relay_site.waiting() == 0)
    assert await page.locator("kontext-relay").count() == 0
    assert complaints == []


async def test_the_request_is_the_browsers_own_without_its_cookies_or_its_address(
    relay_context: BrowserContext, relay_site: RelaySite, posted: list[Request]
) -> None:
    page = await relay_context.new_page()
    await open_chat(page)
    await ask(page)
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)
    [preload] = [request for request in posted if request.url.endswith("/preload")]
    headers = await preload.all_headers()
    assert headers["user-agent"] == await page.evaluate("navigator.userAgent")
    assert headers["origin"] == relay_site.chat
    assert headers["referer"] == f"{relay_site.chat}/"
    assert headers["kontextso-is-disabled"] == "0"
    assert "cookie" not in headers
    assert "x-forwarded-for" not in headers


async def test_every_turn_has_its_ad(relay_context: BrowserContext, posted: list[Request]) -> None:
    page = await relay_context.new_page()
    await open_chat(page)
    for turn in (1, 2):
        await ask(page, f"{QUESTION}, day {turn}")
        await expect(page.locator("kontext-ad")).to_have_count(turn)
    assert len(paths(posted)) == 2
    assert len(paths(posted, "/init")) == 1


async def test_an_ad_that_the_page_has_no_place_for_does_no_harm(
    relay_context: BrowserContext, relay_site: RelaySite, complaints: list[str]
) -> None:
    known = relay_site.events()
    page = await relay_context.new_page()
    await open_chat(page)
    await ask(page)
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)
    assert relay_site.events()[len(known) :][:2] == ["ad.filled", "ad.filled"]
    assert await page.locator("kontext-ad").get_attribute("data-code") == "inlineAd"
    assert complaints == []


async def test_of_two_tabs_one_posts_and_both_show_the_ad(
    relay_context: BrowserContext, posted: list[Request], complaints: list[str]
) -> None:
    first = await relay_context.new_page()
    await open_chat(first)
    await ask(first)
    await expect(first.locator("kontext-ad")).to_have_count(1)
    second = await relay_context.new_page()
    await open_chat(second, first.url)
    await ask(first, "And what to eat there?")
    for tab in (first, second):
        await expect(tab.locator("kontext-ad")).to_have_count(2)
    assert len(paths(posted)) == 2
    assert complaints == []


async def test_a_page_that_was_away_takes_what_waits_when_it_comes_back(
    relay_context: BrowserContext, posted: list[Request]
) -> None:
    page = await relay_context.new_page()
    await open_chat(page)
    await ask(page)
    await expect(page.locator("kontext-ad")).to_have_count(1)
    address = page.url
    await page.goto("about:blank")
    context = relay_context.request
    cookies = {cookie["name"]: cookie["value"] for cookie in await relay_context.cookies(address)}
    form = {"text": "And what to eat there?", "csrfmiddlewaretoken": cookies["csrftoken"]}
    await context.post(address, form=form, max_redirects=0)
    await page.goto(address)
    await connected(page)
    await expect(page.locator("kontext-ad")).to_have_count(2)
    assert len(paths(posted)) == 2


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_answer_is_an_error_and_nothing_else(
    relay_context: BrowserContext, relay_site: RelaySite, complaints: list[str], name: str
) -> None:
    await hostile(relay_context, HOSTILE[name])
    known = relay_site.events()
    page = await relay_context.new_page()
    await open_chat(page)
    await ask(page)
    await until(lambda: relay_site.events() == [*known, "ad.error"])
    assert await page.locator("kontext-ad").count() == 0
    assert "taken over" not in await page.title()
    await until(lambda: relay_site.waiting() == 0)
    assert complaints == []


async def test_what_a_blocker_stops_costs_the_chat_nothing(
    relay_context: BrowserContext, relay_site: RelaySite
) -> None:
    await relay_context.route(f"{relay_site.ads}/**", lambda route: route.abort("blockedbyclient"))
    known = relay_site.events()
    page = await relay_context.new_page()
    await open_chat(page)
    await ask(page)
    await ask(page, "And what to eat there?")
    assert await page.locator("kontext-ad").count() == 0
    await until(lambda: relay_site.events() == [*known, "ad.error"])


async def test_the_policy_of_the_page_lets_it_speak_to_the_ad_server_and_to_nobody_else(
    relay_context: BrowserContext, relay_site: RelaySite
) -> None:
    response = await relay_context.request.get("/")
    policy = response.headers["content-security-policy"]
    assert f"connect-src 'self' {relay_site.ads};" in f"{policy};"
