"""Two server processes on PostgreSQL and Redis behind a proxy work as one, and what one of them loses the other has."""

from __future__ import annotations

import signal
import time

import pytest
from playwright.async_api import BrowserContext, expect

from tests.e2e.chatting import connected, expect_reply, open_chat, reply, send, words
from tests.e2e.cluster import Cluster, at, begin, tab
from tests.e2e.servers import free_port
from tests.e2e.services import caddy

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_the_other_process_shows_the_reply_while_it_is_written(both: Cluster, person: BrowserContext) -> None:
    first = await begin(both, person, 0, "one ", "two ")
    second = await tab(person, at(both.doors[1], first))
    await expect_reply(second, "two", state="streaming")
    both.model.say("three ")
    await expect_reply(second, "three", state="streaming")
    await second.reload()
    await connected(second)
    await expect_reply(second, "three", state="streaming")
    both.model.say("four")
    both.model.end()
    for page in (first, second):
        await expect_reply(page, "four")
        assert await words(page) == "one two three four"


async def test_what_one_tab_sends_the_tab_at_the_other_process_shows(both: Cluster, person: BrowserContext) -> None:
    first = await begin(both, person, 0, "one")
    both.model.end()
    await expect_reply(first, "one")
    second = await tab(person, at(both.doors[1], first))
    await send(second, "And then?")
    assert both.writer() == 1
    both.model.say("two")
    both.model.end()
    await expect_reply(first, "two")
    await expect(first.locator("[data-message-id]")).to_have_count(4)


async def test_stop_at_the_other_process_closes_the_stream_within_half_a_second(
    both: Cluster, person: BrowserContext
) -> None:
    first = await begin(both, person, 0, "Half of it")
    second = await tab(person, at(both.doors[1], first))
    await expect_reply(second, "Half of it", state="streaming")
    await second.get_by_role("button", name="Stop").click()
    began = time.monotonic()
    while not both.model.closed.is_set():
        both.model.say(" ")
        await second.wait_for_timeout(10)
        assert time.monotonic() - began < 0.75, "half a second, and some for the browser and this machine"
    for page in (first, second):
        await expect_reply(page, "Half of it", state="stopped")


async def test_a_killed_process_leaves_an_interrupted_reply_with_its_text_and_the_other_one_goes_on(
    both: Cluster, person: BrowserContext
) -> None:
    first = await begin(both, person, 0, "What was ", "saved")
    other = await tab(person, at(both.doors[1], first))
    roaming = await tab(person, at(both.url, first))
    await other.wait_for_timeout(1000)  # longer than the interval at which what has streamed is saved
    both.processes[0].stop(signal.SIGKILL)
    died = time.monotonic()
    for page in (other, roaming):
        await expect(reply(page)).to_have_attribute("data-state", "interrupted", timeout=15_000)
        await expect_reply(page, "What was saved", state="interrupted")
    assert time.monotonic() - died < 15
    await other.get_by_role("button", name="Try again").click()
    both.model.end()
    both.model.say("Again.")
    both.model.end()
    await expect_reply(other, "Again.")
    await expect_reply(roaming, "Again.")
    assert both.writer() == 1
    both.processes[0].start()
    await open_chat(first, first.url)
    await expect_reply(first, "Again.")


async def test_a_rolling_restart_loses_nothing(both: Cluster, person: BrowserContext) -> None:
    page = await tab(person, both.url)
    await send(page, "Count")
    both.model.say("one ", "two ")
    await expect_reply(page, "two", state="streaming")
    writer = both.writer()
    both.processes[writer].stop(signal.SIGTERM)
    await expect(reply(page)).to_have_attribute("data-state", "interrupted", timeout=5000)
    assert await words(page) == "one two"
    both.processes[writer].start()
    both.processes[1 - writer].stop(signal.SIGTERM)
    both.processes[1 - writer].start()
    await connected(page)
    both.model.reset()
    await page.get_by_role("button", name="Try again").click()
    both.model.say("one two three")
    both.model.end()
    await expect_reply(page, "one two three")
    await page.reload()
    await expect(page.locator("[data-message-id]")).to_have_count(3)


async def test_turn_after_turn_any_process_answers_and_nothing_is_lost(both: Cluster, person: BrowserContext) -> None:
    page, writers = await tab(person, both.url), set()
    for number in range(6):
        both.model.say(f"Answer {number}.")
        both.model.end()
        await send(page, f"Question {number}")
        await expect_reply(page, f"Answer {number}.")
        writers.add(both.writer())
        if number % 2:
            await page.reload()
            await connected(page)
    shown = await page.locator("#transcript [data-message-body]").all_inner_texts()
    assert shown == [text for n in range(6) for text in (f"Question {n}", f"Answer {n}.")]
    assert writers == {0, 1}


async def test_behind_caddy_it_is_the_same(both: Cluster, person: BrowserContext) -> None:
    port = free_port()
    with caddy(port, [process.port for process in both.processes]):
        page = await tab(person, f"https://127.0.0.1:{port}")
        for number in range(2):
            await send(page, f"Question {number}")
            both.model.say("one ")
            await expect_reply(page, "one", state="streaming")
            await expect(page.locator('#chat[data-by="socket"]')).to_have_count(1)
            both.model.say("two")
            both.model.end()
            await expect_reply(page, "one two")
            await page.reload()
            await connected(page)
        await expect(page.locator("[data-message-id]")).to_have_count(4)
