"""Protocol 4.10: two processes over one database live random lives as the reference does (see `shells.py`)."""

from __future__ import annotations

import pytest
from django.test import override_settings

from kontext_integration.entities import Message
from kontext_integration.models import AdEvent
from tests.waiting import until

from . import lives
from .builders import CODES
from .fakes import AdServer, Process, assistant, bid, filled, user
from .rows import slots
from .shells import Shells

LIVES = 40
RACES = 15
KONTEXT = {"PUBLISHER_TOKEN": "tok", "AD_SERVER_URL": "http://ads.test", "PLACEMENT_CODES": CODES}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(LIVES))
async def test_4_10_two_processes_live_as_one_session_should(seed):
    life = lives.new_life(seed)
    with override_settings(KONTEXT=KONTEXT):
        await Shells(f"conversation {seed}").live(life)


async def race(number: int, one: Process, two: Process, rival: Message) -> list[str]:
    """An answer comes to one process while the other one adds a message; the names of the events."""
    conversation = f"race {number}"
    gate = one.server.hold("/preload", filled(bid(f"{number:08x}-0000-4000-8000-000000000000")))
    asking, other = await one.get(conversation), await two.get(conversation)
    before = len(one.server.to("/preload"))
    await asking.add_message(user(1))
    await until(lambda: len(one.server.to("/preload")) > before)
    gate.set()
    await other.add_message(rival)
    await one.idle()
    await two.idle()
    rows = AdEvent.objects.filter(session__conversation_id=conversation).order_by("id")
    return [row.name async for row in rows]


@pytest.mark.django_db(transaction=True)
async def test_4_5_an_answer_and_the_reply_meet_though_they_come_at_once_to_two_processes(server: AdServer) -> None:
    one, two = Process(server), Process(server)
    for number in range(RACES):
        assert await race(number, one, two, assistant(1)) == ["ad.filled"]
    assert [slot.message_id for slot in await slots()] == ["a1"] * RACES


@pytest.mark.django_db(transaction=True)
async def test_4_4_an_answer_is_taken_or_superseded_when_both_come_at_once_to_two_processes(server: AdServer) -> None:
    one, two = Process(server), Process(server)
    for number in range(RACES):
        assert await race(number, one, two, user(2)) in (["ad.filled", "ad.no-fill"], ["ad.no-fill"])
    assert await slots() == []
