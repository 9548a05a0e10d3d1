"""The ad server breaks in every way there is, while a real server process writes replies: the chat does not feel it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.ad_breakages import HUGE, REFUSED, WAYS, answer, fill, says
from tests.e2e.broken_ads import BrokenAds
from tests.e2e.cluster import daphne, prepare, production
from tests.e2e.servers import Model
from tests.e2e.services import Service, service
from tests.e2e.visiting import Reply, Visitor, visitor
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

TOKEN = "token-of-a-publisher"
NOWHERE = "http://nowhere.invalid"
PRIVATE = "Mirabelle"
"""A word of the person's; `ANSWERED` is one of the reply."""
ANSWERED = "Quince"
UNANSWERED = ["hang", "drip of headers", "drip of a body"]
"""After these ways the ad server still speaks, or is silent, when the reply has long been complete."""
MOST_GROWTH_KB = 20_000


@dataclass(frozen=True)
class Chat:
    """One server process whose ad server is `ads`."""

    server: Service
    ads: BrokenAds
    model: Model

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def memory_kb(self) -> int:
        """The most that the process ever had."""
        assert self.server.running
        status = Path(f"/proc/{self.server.running.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])


Chats = tuple[Chat, Chat]
"""Two processes on one database; the ad server of the second has a name that nobody knows."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def env(tmp_path_factory: pytest.TempPathFactory, model: Model) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("chat")
    return production(
        folder,
        model,
        DATABASE_URL=f"sqlite:///{folder / 'chat.sqlite3'}",
        KONTEXT_PUBLISHER_TOKEN=TOKEN,
        SECURE_COOKIES="false",
        LOG_LEVEL="DEBUG",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chats(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str], model: Model) -> AsyncIterator[Chats]:
    """Both processes have had their first turn: what they need, they have loaded."""
    ads = BrokenAds()
    await ads.start()
    prepare(env)
    folder = tmp_path_factory.mktemp("daphne")
    with ExitStack() as stack:
        started = [
            Chat(stack.enter_context(service(daphne(folder, env | {"KONTEXT_AD_SERVER_URL": url}, name))), ads, model)
            for name, url in (("one", ads.url), ("two", NOWHERE))
        ]
        async with visitor(started[0].url) as person:
            await turn_with_ad(started[0], person)
        yield started[0], started[1]
    ads.stop()


@pytest.fixture
def chat(chats: Chats) -> Chat:
    return chats[0]


async def begin(chat: Chat, person: Visitor) -> None:
    """A reply under way, whose first words have come."""
    chat.model.reset()
    await person.send(f"{PRIVATE} and then?")
    chat.model.say(f"{ANSWERED} first. ")
    await person.sees(f"{ANSWERED} first.")


async def end(chat: Chat, person: Visitor) -> Reply:
    chat.model.say("All said.")
    chat.model.end()
    await person.sees_the_end()
    return await person.reply()


async def turn_with_ad(chat: Chat, person: Visitor) -> None:
    await begin(chat, person)
    await end(chat, person)
    await person.sees_an_ad()
    # Of this reply: what was on its way may have found the one before.
    await until(person.has_ad)


async def turn_without_ad(chat: Chat, person: Visitor, way: str) -> None:
    before = len(chat.ads.asked)
    await begin(chat, person)
    if way != REFUSED:
        await until(lambda: chat.ads.preloads(person.conversation, before))
    assert await end(chat, person) == Reply("complete", f"{ANSWERED} first. All said.", has_ad=False)
    if way in UNANSWERED:
        await until(lambda: person.conversation in chat.ads.open)


async def unharmed(chat: Chat) -> None:
    async with visitor(chat.url) as somebody:
        assert await somebody.get("/healthz") == "ok"
    log = chat.server.log()
    for word in (PRIVATE, ANSWERED, TOKEN, "Traceback"):
        assert word not in log


@pytest.mark.parametrize("way", [REFUSED, *WAYS])
async def test_however_it_breaks_a_turn_is_whole_and_once_it_works_the_next_has_an_ad(chat: Chat, way: str) -> None:
    before = chat.memory_kb()
    async with visitor(chat.url) as person:
        async with chat.ads.broken(way):
            await turn_without_ad(chat, person, way)
        await turn_with_ad(chat, person)
    assert chat.ads.sent < HUGE / 2
    assert chat.memory_kb() - before < MOST_GROWTH_KB
    await unharmed(chat)


async def test_a_name_that_nobody_knows_costs_nothing_and_another_one_mends_it(chats: Chats) -> None:
    working, lost = chats
    async with visitor(lost.url) as person:
        await turn_without_ad(lost, person, REFUSED)
        await unharmed(lost)
        # As after a restart with the right name: the same conversation, the same cookies.
        lost.server.stop()
        await person.leave()
        person.url = working.url
        await turn_with_ad(working, person)
    await unharmed(working)


async def test_one_conversation_goes_through_all_of_it(chat: Chat) -> None:
    async with visitor(chat.url) as person:
        for way in (REFUSED, *WAYS):
            async with chat.ads.broken(way):
                await turn_without_ad(chat, person, way)
        await turn_with_ad(chat, person)
    await unharmed(chat)


@pytest.mark.parametrize("label", ["text/html", "application/json; charset=utf-16", "image/png; charset=koi8-r"])
async def test_a_wrong_label_on_a_good_answer_costs_no_ad(chat: Chat, label: str) -> None:
    chat.ads.breaks = says(answer(fill(), Content_Type=label))
    async with visitor(chat.url) as person:
        await turn_with_ad(chat, person)
    chat.ads.breaks = None


@pytest.mark.parametrize(
    ("by", "answered"), [("/init", b'{"enabled": false}'), ("/preload", b'{"permanent": true, "errCode": "geo"}')]
)
async def test_a_session_that_is_disabled_stays_so_and_a_new_conversation_has_ads(
    chat: Chat, by: str, answered: bytes
) -> None:
    """Nothing enables it again, and nothing more is asked (protocol 2.3, 2.4)."""
    known = chat.ads.people()
    chat.ads.breaks = says(answer(answered))
    async with visitor(chat.url) as person:
        await turn_without_ad(chat, person, REFUSED)
        await until(lambda: chat.ads.people() - known if by == "/init" else chat.ads.preloads(person.conversation))
        # The answer may still be on its way when the next message is sent.
        await turn_without_ad(chat, person, REFUSED)
        asked = chat.ads.preloads(person.conversation)
        chat.ads.breaks = None
        await turn_without_ad(chat, person, REFUSED)
        assert chat.ads.preloads(person.conversation) == asked
    async with visitor(chat.url) as another:
        await turn_with_ad(chat, another)


async def test_the_next_message_hangs_up_on_an_ad_server_that_hangs(chat: Chat) -> None:
    async with visitor(chat.url) as person, chat.ads.broken("hang"):
        for turns in range(1, 4):
            await turn_without_ad(chat, person, "hang")
            await until(lambda: chat.ads.open.count(person.conversation) == 1)
            assert chat.ads.preloads(person.conversation) == turns
