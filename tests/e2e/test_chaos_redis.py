"""Redis is restarted, slow and full while replies are written: it carries live updates, and is never the only copy."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest
from playwright.async_api import BrowserContext, Page, expect
from redis import Redis, ResponseError

from tests.e2e.chatting import expect_reply, open_chat, send, words
from tests.e2e.cluster import Cluster, at, begin, tab

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def two(both: Cluster, person: BrowserContext) -> tuple[Page, Page]:
    """A reply under way, a tab at its writer's door and one at the other process's."""
    first = await begin(both, person, 0, "one ")
    second = await tab(person, at(both.doors[1], first))
    await expect_reply(second, "one", state="streaming")
    return first, second


async def all_there(both: Cluster, pages: tuple[Page, ...], expected: str) -> None:
    both.model.end()
    for page in pages:
        await expect_reply(page, expected.rsplit(maxsplit=1)[-1])
        assert await words(page) == expected


def fill(redis: Redis) -> None:
    for number in range(1000):
        redis.set(f"filling {number}", b"x" * 10_000)


async def test_a_restart_of_redis_in_mid_reply_loses_nothing(both: Cluster, person: BrowserContext) -> None:
    pages = await two(both, person)
    with both.redis.away(signal.SIGKILL):
        both.model.say("two ")
        await asyncio.sleep(2)
    both.model.say("three ")
    await asyncio.sleep(2)
    both.model.say("four")
    await all_there(both, pages, "one two three four")


async def test_without_redis_the_chat_goes_on_from_the_store(both: Cluster, person: BrowserContext) -> None:
    with both.redis.away(signal.SIGKILL):
        page = await person.new_page()
        await page.goto(both.doors[0])
        await page.get_by_role("textbox", name="Message").fill("Anybody?")
        await page.get_by_role("button", name="Send").click()
        both.model.say("Here ", "I am.")
        both.model.end()
        await expect(page.locator("#chat[connected]")).to_have_count(1, timeout=15_000)
        await expect_reply(page, "Here I am.")


async def test_a_redis_that_hangs_holds_up_no_reply(both: Cluster, person: BrowserContext) -> None:
    pages = await two(both, person)
    with Redis(port=both.redis.port) as redis:
        redis.execute_command("CLIENT", "PAUSE", 6000)
        began = time.monotonic()
        both.model.say("two ", "three ")
        reloaded = await tab(person, at(both.doors[0], pages[0]))
        await expect_reply(reloaded, "three", state="streaming")
        assert time.monotonic() - began < 6
    both.model.say("four")
    await all_there(both, (*pages, reloaded), "one two three four")


async def test_a_full_redis_costs_nothing_but_work(both: Cluster, person: BrowserContext) -> None:
    with Redis(port=both.redis.port) as redis:
        redis.config_set("maxmemory-policy", "noeviction")
        redis.config_set("maxmemory", "2mb")
        with pytest.raises(ResponseError):
            fill(redis)
        try:
            pages = await two(both, person)
            both.model.say("two")
            await all_there(both, pages, "one two")
            await open_chat(pages[0], pages[0].url)
            await send(pages[0], "And then?")
            both.model.say("three")
            await all_there(both, pages, "three")
        finally:
            redis.config_set("maxmemory", "0")
            redis.flushall()
