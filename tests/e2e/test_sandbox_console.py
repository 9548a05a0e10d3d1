"""The start page of the sandbox in a real browser: its forms, and its log as things happen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from tests.kontext_integration.sandbox_client import Sandbox, running_sandbox

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


class Desk(NamedTuple):
    page: Page
    sandbox: Sandbox

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Live log")

    def rows(self) -> Locator:
        return self.log.locator("tbody tr:visible")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    """The page as it is opened; the test fails when it complains of anything."""
    async with running_sandbox() as sandbox, await browser.new_context() as context:
        page = await context.new_page()
        complaints: list[str] = []

        def note(complaint: object) -> None:
            complaints.append(str(complaint))

        page.on("pageerror", note)
        page.on("console", lambda message: note(message.text) if message.type == "error" else None)
        await page.goto(str(sandbox.client.make_url("/")))
        yield Desk(page, sandbox)
        assert complaints == []


async def test_what_happens_is_added_on_top_as_it_happens(desk: Desk) -> None:
    await expect(desk.log).to_contain_text("Nothing yet.")
    await desk.sandbox.post("/init")
    await desk.sandbox.say("My secret trip #skip:frequency_cap")
    await expect(desk.rows()).to_have_count(2)
    await expect(desk.rows().first).to_contain_text("frequency_cap #skip:frequency_cap")
    await expect(desk.rows().last).to_contain_text("session enabled")
    await expect(desk.log).not_to_contain_text("secret")
    await expect(desk.log).not_to_contain_text("Nothing yet.", use_inner_text=True)


async def test_a_row_looks_the_same_live_and_after_a_reload(desk: Desk) -> None:
    await desk.sandbox.say("#500")
    await expect(desk.rows()).to_have_count(1)
    live = await desk.rows().evaluate("(row) => [row.className, row.dataset.kind, row.innerText]")
    await desk.page.reload()
    await expect(desk.rows()).to_have_count(1)
    assert await desk.rows().evaluate("(row) => [row.className, row.dataset.kind, row.innerText]") == live
    assert live[0] == "refused"


async def test_kinds_can_be_left_out(desk: Desk) -> None:
    await desk.sandbox.post("/init")
    await desk.sandbox.say("Hi")
    await expect(desk.rows()).to_have_count(2)
    await desk.page.get_by_role("checkbox", name="Preloads").uncheck()
    await expect(desk.rows()).to_have_count(1)
    await desk.sandbox.say("Hi")
    await desk.sandbox.post("/init")
    await expect(desk.rows()).to_have_count(2)
    await desk.page.get_by_role("checkbox", name="Preloads").check()
    await expect(desk.rows()).to_have_count(4)


async def test_the_log_can_be_held_and_goes_on_where_it_was(desk: Desk) -> None:
    hold = desk.page.get_by_role("button", name="Hold")
    await hold.press("Enter")
    await expect(hold).to_have_attribute("aria-pressed", "true")
    await desk.sandbox.post("/init")
    await desk.sandbox.say("Hi")
    await expect(hold).to_have_text("Hold (2)")
    await expect(desk.rows()).to_have_count(0)
    await hold.press("Enter")
    await expect(desk.rows()).to_have_count(2)
    await expect(desk.rows().first).to_contain_text("POST /preload")


async def test_the_log_can_be_cleared(desk: Desk) -> None:
    await desk.sandbox.post("/init")
    await expect(desk.rows()).to_have_count(1)
    await desk.page.get_by_role("button", name="Clear").click()
    await expect(desk.log).to_contain_text("Nothing yet.")
    await expect(desk.rows()).to_have_count(0)


async def test_the_defaults_are_set_by_the_form(desk: Desk) -> None:
    await desk.page.get_by_label("Outcome").select_option("#err:rate_limited")
    await desk.page.get_by_label("Format").select_option("#video")
    await desk.page.get_by_label("Latency").fill("250")
    await desk.page.get_by_role("button", name="Apply").click()
    await expect(desk.rows().first).to_contain_text("outcome #err:rate_limited; format #video; latency_ms 250")
    await expect(desk.page.get_by_label("Outcome")).to_have_value("#err:rate_limited")
    assert (await (await desk.sandbox.say("Hi")).json())["errCode"] == "rate_limited"
    await desk.page.get_by_role("button", name="Reset").click()
    await expect(desk.page.get_by_label("Outcome")).to_have_value("")


async def test_answers_are_paused_and_resumed(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Pause").click()
    await expect(desk.page.get_by_role("status")).to_have_text("Paused: nothing is answered.")
    await desk.page.get_by_role("button", name="Resume").click()
    await expect(desk.page.get_by_role("button", name="Pause")).to_be_visible()
    assert (await desk.sandbox.say("Hi")).status == 200


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_the_page_fits(desk: Desk, width: int) -> None:
    for content in ("#skip:frequency_cap", "#video #late", "#500"):
        await desk.sandbox.say(content)
    await desk.page.set_viewport_size({"width": width, "height": 800})
    await expect(desk.rows()).to_have_count(4)
    assert await desk.page.evaluate("document.documentElement.scrollWidth") == width


async def test_without_scripts_the_log_is_a_table_and_the_forms_work(browser: Browser) -> None:
    async with running_sandbox() as sandbox, await browser.new_context(java_script_enabled=False) as context:
        await sandbox.say("#skip")
        desk = Desk(await context.new_page(), sandbox)
        await desk.page.goto(str(sandbox.client.make_url("/")))
        await expect(desk.rows()).to_have_count(1)
        await expect(desk.page.get_by_role("button", name="Hold")).to_have_count(0)
        await desk.page.get_by_role("button", name="Pause").click()
        assert sandbox.control.paused


async def test_another_site_can_press_no_button(desk: Desk) -> None:
    """A page of another port, so of another origin, with a form of its own."""
    target = str(desk.sandbox.client.make_url("/control"))
    form = f'<form method="post" action="{target}"><button name="do" value="pause">Win a prize</button></form>'
    async with running_sandbox() as other:
        page = await desk.page.context.new_page()
        await page.route("**/evil", lambda route: route.fulfill(body=form, content_type="text/html"))
        await page.goto(str(other.client.make_url("/evil")))
        async with page.expect_navigation() as navigation:
            await page.get_by_role("button").click()
        response = await navigation.value
        assert (response.status, desk.sandbox.control.paused) == (403, False)
        await page.close()
