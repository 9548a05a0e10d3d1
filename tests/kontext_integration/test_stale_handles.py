"""Protocol 4.10: a handle that is held for long keeps an old copy; what it does counts all the same."""

from __future__ import annotations

from typing import Any

import pytest

from kontext_integration.models import AdSession
from kontext_integration.signals import user_event
from kontext_integration.state import SessionState

from .fakes import AdServer, Process

pytestmark = pytest.mark.django_db(transaction=True)


async def stored() -> SessionState:
    return SessionState.from_dict((await AdSession.objects.aget()).state)


async def test_4_10_the_last_options_count_though_this_handle_gave_the_same_before(server: AdServer) -> None:
    here, there = await Process(server).get(), await Process(server).get()
    await here.update_options(variant_id="A")
    await there.update_options(variant_id="B")
    await here.update_options(variant_id="A")
    assert (await stored()).options.variant_id == "A"


async def test_4_10_an_ad_that_another_process_created_can_be_removed(server: AdServer) -> None:
    here, there = await Process(server).get(), await Process(server).get()
    await there.create_ad("a1")
    await here.remove_ad("a1")
    assert (await stored()).ads == []


async def test_4_2_a_session_that_another_process_destroyed_announces_no_user_event(server: AdServer) -> None:
    heard: list[Any] = []

    def hear(**given: Any) -> None:
        heard.append(given)

    user_event.connect(hear)
    try:
        one = Process(server)
        here, there = await one.get(), await Process(server).get()
        await there.destroy()
        await here.send_user_event("user.typing.started")
        await one.idle()
    finally:
        user_event.disconnect(hear)
    assert heard == []
