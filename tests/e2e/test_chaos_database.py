"""The database is restarted, locked and full while replies are written: nothing that was shown is lost."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.chatting import expect_reply, open_chat, reply, send, words
from tests.e2e.cluster import Cluster, at, begin, daphne, prepare, production, tab
from tests.e2e.servers import Model
from tests.e2e.services import service

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

LOCKED_S = 12
"""Longer than a reply may go without a sign of life."""


async def finish(both: Cluster, first: Page, expected: str) -> None:
    """The reply ends, and every process shows the same of it, now and after a reload."""
    both.model.end()
    await expect(reply(first)).to_have_attribute("data-state", "complete", timeout=20_000)
    assert await words(first) == expected
    for door in both.doors:
        await open_chat(first, at(door, first))
        await expect_reply(first, expected)
        assert await words(first) == expected


async def test_a_restart_of_the_database_in_mid_reply_loses_nothing(both: Cluster, person: BrowserContext) -> None:
    first = await begin(both, person, 0, "one ", "two ")
    second = await tab(person, at(both.doors[1], first))
    await expect_reply(second, "two", state="streaming")
    with both.database.away(signal.SIGINT):
        both.model.say("three ")
        for page in (first, second):
            await expect_reply(page, "three", state="streaming")
    both.model.say("four")
    await expect_reply(second, "four", state="streaming")
    await finish(both, first, "one two three four")
    await expect_reply(second, "one two three four")


async def test_a_reply_may_even_end_while_the_database_is_away(both: Cluster, person: BrowserContext) -> None:
    first = await begin(both, person, 0, "one ")
    with both.database.away(signal.SIGINT):
        both.model.say("two")
        await expect_reply(first, "two", state="streaming")
        both.model.end()
        await asyncio.sleep(1)
        await expect(reply(first)).to_have_attribute("data-state", "streaming")
    await finish(both, first, "one two")


async def test_a_locked_database_stops_no_words_and_kills_no_reply(both: Cluster, person: BrowserContext) -> None:
    first = await begin(both, person, 0, "one ")
    second = await tab(person, at(both.doors[1], first))
    await expect_reply(second, "one", state="streaming")
    url = f"host=127.0.0.1 port={both.database.port} user=chat dbname=chat"
    async with await psycopg.AsyncConnection.connect(url) as other:
        await other.execute("LOCK TABLE chatapp_message IN ACCESS EXCLUSIVE MODE")
        both.model.say("two ")
        for page in (first, second):
            await expect_reply(page, "two", state="streaming")
        await asyncio.sleep(LOCKED_S)
        both.model.say("three ")
        await expect_reply(first, "three", state="streaming")
    both.model.say("four")
    await finish(both, first, "one two three four")


# Full: SQLite with a limit on its pages


@dataclass
class Small:
    """A chat on a database that can be full."""

    url: str
    file: Path
    model: Model

    def fill(self) -> None:
        """Nothing more fits in."""
        with closing(sqlite3.connect(self.file, timeout=20, isolation_level=None)) as other:
            other.execute(f"PRAGMA max_page_count = {PAGES}")
            other.execute("CREATE TABLE IF NOT EXISTS filling (what BLOB)")
            for size in (100_000, 4000, 1000, 100):
                for _ in range(100_000):
                    try:
                        other.execute("INSERT INTO filling VALUES (zeroblob(?))", [size])
                    except sqlite3.OperationalError:
                        break

    def empty(self) -> None:
        with closing(sqlite3.connect(self.file, timeout=20, isolation_level=None)) as other:
            other.execute("DELETE FROM filling")


PAGES = 400


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small(tmp_path_factory: pytest.TempPathFactory, model: Model) -> AsyncIterator[Small]:
    folder = tmp_path_factory.mktemp("small")
    file = folder / "chat.sqlite3"
    settings = {"SECURE_COOKIES": "false", "TEST_MAX_PAGES": str(PAGES)}
    env = production(folder, model, DATABASE_URL=f"sqlite:///{file}", **settings)
    prepare(env)
    with ExitStack() as stack:
        server = stack.enter_context(service(daphne(folder, env)))
        yield Small(f"http://127.0.0.1:{server.port}", file, model)


async def test_a_full_database_keeps_what_streams_until_there_is_room_again(
    small: Small, context: BrowserContext
) -> None:
    page = await context.new_page()
    await open_chat(page, small.url)
    await send(page, "A long one")
    long = " ".join(f"word{n}" for n in range(2000))
    small.model.say("Once ")
    await expect_reply(page, "Once", state="streaming")
    small.fill()
    small.model.say(long)
    small.model.end()
    await expect_reply(page, "word1999", state="streaming")
    await asyncio.sleep(2)
    await expect(reply(page)).to_have_attribute("data-state", "streaming")
    small.empty()
    await expect(reply(page)).to_have_attribute("data-state", "complete", timeout=20_000)
    await page.reload()
    assert await words(page) == f"Once {long}"


async def test_a_full_database_says_so_and_the_message_stays_with_the_person(
    small: Small, context: BrowserContext
) -> None:
    page = await context.new_page()
    await open_chat(page, small.url)
    small.model.say("One.")
    small.model.end()
    await send(page, "First")
    await expect_reply(page, "One.")
    small.fill()
    box = page.get_by_role("textbox", name="Message")
    await box.fill("Second " * 900)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("could not take your message")
    await expect(box).to_have_value("Second " * 900)
    small.empty()
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator('[data-role="user"]')).to_have_count(2)
    small.model.end()
