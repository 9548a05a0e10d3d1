"""The model's endpoint breaks in every way: what was said is kept, the person is told, and can go on.

All the ways at once, on one server process. Who asks is a plain client; what a person sees is in a browser.
"""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e import breakages
from tests.e2e.breakages import CASES, SAID, Case
from tests.e2e.broken_model import WHOLE, BrokenModel, Call
from tests.e2e.chatting import expect_reply, open_chat, reply, send, words
from tests.e2e.cluster import daphne, prepare, production
from tests.e2e.plain_person import PATIENCE_S, Person, Reply, person, plain
from tests.e2e.services import Service, service
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

AT_ONCE = 10
MB = 1024 * 1024
BROKEN = [name for name, case in CASES.items() if case.told]
FLOWER = "marigold"
"""A word of every question and every answer."""


@dataclass
class Chat:
    """A chat and the model that it asks. At `lost`, another process of it has a model whose name nobody knows."""

    url: str
    lost: str
    process: Service
    model: BrokenModel

    def memory(self) -> int:
        """What its process has of memory, in bytes."""
        assert self.process.running is not None
        command = ["ps", "-o", "rss=", "-p", str(self.process.running.pid)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1024


@dataclass
class Outcome:
    """What came of a question, and of the second try where there was one."""

    reply: Reply
    page: str
    text: str
    calls: list[Call]
    again: Reply | None = None
    whole: str = ""


@dataclass
class Run:
    outcomes: dict[str, asyncio.Task[Outcome]] = field(default_factory=dict)
    health: list[float] = field(default_factory=list)
    """How long each look at `/healthz` took meanwhile, in seconds."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chat(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chat]:
    folder: Path = tmp_path_factory.mktemp("broken")
    async with AsyncExitStack() as stack:
        model = await stack.enter_async_context(BrokenModel().serve())
        env = production(
            folder,
            model,  # type: ignore[arg-type] # of which only the address is asked
            DATABASE_URL=f"sqlite:///{folder / 'chat.sqlite3'}",
            DJANGO_SETTINGS_MODULE="tests.e2e.model_settings",
            SECURE_COOKIES="false",
            LOG_LEVEL="DEBUG",
        )
        processes = ExitStack()
        stack.push_async_callback(asyncio.to_thread, processes.close)
        await asyncio.to_thread(prepare, env)
        other = env | {"OPENAI_BASE_URL": "http://nowhere.invalid/v1"}
        here, lost = await asyncio.gather(
            asyncio.to_thread(processes.enter_context, service(daphne(folder, env))),
            asyncio.to_thread(processes.enter_context, service(daphne(folder, other, "lost"))),
        )
        yield Chat(f"http://127.0.0.1:{here.port}", f"http://127.0.0.1:{lost.port}", here, model)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(chat: Chat) -> AsyncIterator[Run]:
    """Everything breaks, much of it at the same time."""
    running, gate = Run(), asyncio.Semaphore(AT_ONCE)

    async def gated(name: str, case: Case) -> Outcome:
        async with gate:
            return await go_through(chat, name, case)

    running.outcomes = {name: asyncio.create_task(gated(name, case)) for name, case in CASES.items()}
    watching = asyncio.create_task(watch_health(chat, running))
    yield running
    for task in (watching, *running.outcomes.values()):
        task.cancel()


async def go_through(chat: Chat, name: str, case: Case) -> Outcome:
    """Ask, see how it ends, reload, and try again where something went wrong."""
    question = f"{FLOWER}: {name}"
    chat.model.breaks(question, *case.how)
    async with person(chat.url) as someone:
        shown = await someone.ask(question)
        await someone.read(shown)
        page, stored = await someone.page(shown), await someone.stored(shown)
        assert stored["state"] == shown.state
        outcome = Outcome(shown, page, stored["text"], chat.model.asked(question))
        async with asyncio.timeout(PATIENCE_S):
            for call in outcome.calls:
                await call.closed.wait()
        if case.told:
            outcome.again, outcome.whole = await try_again(someone, shown)
    return outcome


async def try_again(someone: Person, shown: Reply) -> tuple[Reply, str]:
    again = await someone.retry(shown)
    await someone.read(again)
    return again, (await someone.stored(again))["text"]


async def watch_health(chat: Chat, running: Run) -> None:
    async with person(chat.url) as probe:
        while True:
            began = time.monotonic()
            async with probe.http.get("/healthz") as answer:
                assert answer.status == 200
            running.health.append(time.monotonic() - began)
            await asyncio.sleep(0.2)


# Every breakage


@pytest.mark.parametrize("name", CASES)
async def test_what_was_said_before_the_breakage_is_shown_and_kept_to_the_character(run: Run, name: str) -> None:
    outcome = await run.outcomes[name]
    assert outcome.text == CASES[name].text
    expected = " ".join(CASES[name].text.split())
    assert expected in " ".join(plain(outcome.reply.frames).split())
    assert expected in " ".join(plain(outcome.page).split())


@pytest.mark.parametrize("name", CASES)
async def test_a_person_reads_how_it_ended_and_can_try_again_if_it_went_wrong(run: Run, name: str) -> None:
    outcome, case = await run.outcomes[name], CASES[name]
    assert outcome.reply.state == case.state
    for shown in (outcome.reply.frames, outcome.page):
        assert f'data-state="{case.state}"' in shown
        assert (case.told or "The reply is complete.") in plain(shown)
        assert (f"/m/{outcome.reply.id}/retry/" in shown) == bool(case.told)


@pytest.mark.parametrize("name", BROKEN)
async def test_the_second_try_gives_a_whole_reply_when_the_model_is_well_again(run: Run, name: str) -> None:
    outcome = await run.outcomes[name]
    assert outcome.again is not None
    assert (outcome.again.state, outcome.whole) == ("complete", "".join(WHOLE))


@pytest.mark.parametrize("name", CASES)
async def test_the_model_is_asked_no_more_often_than_needed_and_its_connection_is_closed(run: Run, name: str) -> None:
    outcome = await run.outcomes[name]
    assert len(outcome.calls) == len(CASES[name].how)
    assert all(call.closed.is_set() for call in outcome.calls)


async def test_meanwhile_the_process_is_well_and_its_log_knows_no_message(run: Run, chat: Chat) -> None:
    await asyncio.wait(run.outcomes.values())
    assert len(run.health) > 5
    assert max(run.health) < 5
    log = chat.process.log()
    assert "ended early: malformed" in log
    assert "Traceback" not in log
    assert FLOWER not in log


async def test_answers_without_end_leave_no_memory_behind(run: Run, chat: Chat) -> None:
    await asyncio.wait(run.outcomes.values())
    before = chat.memory()
    large = [name for name in CASES if "50 MB" in name or "100 kB" in name or "thousand" in name]
    for number in range(2):
        for name in large:
            await go_through(chat, f"{name}, once more: {number}", CASES[name])
    assert chat.memory() - before < 20 * MB


# Others


async def test_another_conversation_streams_while_one_hangs(chat: Chat) -> None:
    chat.model.breaks(f"{FLOWER}: hang", breakages.signs_of_life)
    async with person(chat.url) as one, person(chat.url) as two:
        hanging = await one.ask(f"{FLOWER}: hang")
        shown = await two.ask(f"{FLOWER}: hello")
        await two.read(shown)
        assert (shown.state, (await two.stored(shown))["text"]) == ("complete", "".join(WHOLE))
        assert (await one.stored(hanging))["state"] == "pending"


async def test_where_nobody_listens_the_person_is_told_and_can_try_again(chat: Chat) -> None:
    async with person(chat.url) as someone:
        async with chat.model.away():
            shown = await someone.ask(f"{FLOWER}: anybody?")
            await someone.read(shown)
        assert (shown.state, (await someone.stored(shown))["text"]) == ("failed", "")
        assert "cannot be reached right now" in plain(await someone.page(shown))
        again, text = await try_again(someone, shown)
        assert (again.state, text) == ("complete", "".join(WHOLE))


async def test_a_model_whose_name_nobody_knows_is_told_and_a_right_one_answers(chat: Chat) -> None:
    async with person(chat.lost) as someone:
        shown = await someone.ask(f"{FLOWER}: where?")
        await someone.read(shown)
        assert shown.state == "failed"
        page = plain(await someone.page(shown))
        # Where there is no name server to say that there is no such name, the look-up takes too long.
        assert "cannot be reached right now" in page or breakages.LATE in page
        async with person(chat.url) as later:
            later.http.cookie_jar.update_cookies({c.key: c.value for c in someone.http.cookie_jar})
            again, text = await try_again(later, shown)
        assert (again.state, text) == ("complete", "".join(WHOLE))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_a_person_sees_what_was_said_why_it_ended_and_a_button(
    chat: Chat, browser: Browser, width: int, scheme: str
) -> None:
    question = f"{FLOWER}: stall, {width}, {scheme}"
    chat.model.breaks(question, breakages.stall)
    context = await browser.new_context(viewport={"width": width, "height": 780}, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    await open_chat(page, chat.url)
    await send(page, question)
    await expect_reply(page, SAID.strip(), state="streaming")
    await expect_reply(page, SAID.strip(), state="interrupted")
    assert await words(page) == SAID.strip()
    await expect(reply(page).locator(".status__note")).to_contain_text(breakages.LATE)
    await expect(page.locator("#announcer")).to_contain_text(breakages.LATE)
    again = reply(page).get_by_role("button", name="Try again")
    await expect(again).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await again.click()
    await until(lambda: len(chat.model.asked(question)) == 2)
    await expect_reply(page, "".join(WHOLE))
    await expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    await context.close()
