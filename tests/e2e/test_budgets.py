"""How much a page weighs: gzip of what the browser is sent, the debugging script of development left out."""

from __future__ import annotations

import gzip

import pytest
from playwright.async_api import Page, Response, expect

from tests.e2e.chatting import expect_reply, open_chat, send
from tests.e2e.conftest import Site

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

ASKED_FOR_BEFORE_LOAD = """
    performance.getEntriesByType("resource")
        .filter(({startTime}) => startTime < performance.getEntriesByType("navigation")[0].loadEventStart)
        .map(({name}) => name)
"""


async def weights(page: Page, address: str) -> dict[str, int]:
    """Bytes by kind of all that is asked for until the page has loaded and its box can be typed into.

    What comes afterwards, when the browser has nothing else to do, keeps nobody from chatting.
    """
    responses: list[Response] = []

    def note(response: Response) -> None:
        responses.append(response)

    page.on("response", note)
    await page.goto(address)
    await expect(page.get_by_role("textbox", name="Message")).to_be_editable()
    early = set(await page.evaluate(ASKED_FOR_BEFORE_LOAD)) | {page.url}
    found: dict[str, int] = {}
    for response in list(responses):
        kind = response.request.resource_type
        if response.url not in early or response.url.endswith("/django-htmx.js"):
            continue
        if kind in ("script", "stylesheet", "document"):
            found[kind] = found.get(kind, 0) + len(gzip.compress(await response.body(), 9))
    return found


async def test_a_page_without_messages_is_light(page: Page, site: Site) -> None:
    weight = await weights(page, "/")
    assert weight["script"] <= 30_000
    assert weight["stylesheet"] <= 15_000
    assert weight["document"] <= 10_000


async def test_the_element_of_the_ad_comes_only_where_an_ad_is(page: Page, site: Site) -> None:
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[1]))
    await open_chat(page)
    site.model.say("Rome is at its best in the early morning.")
    site.model.end()
    await expect(page.get_by_role("textbox", name="Message")).to_be_editable()
    assert "kontext-ad.js" not in loaded
    await send(page, "A long weekend in Rome")
    await expect_reply(page, "Rome is at its best")
    await expect(page.locator("kontext-ad[filled]")).to_have_count(1)
    assert loaded.count("kontext-ad.js") == 1
