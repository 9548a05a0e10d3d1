"""Sessions that exist, found without being opened, and what is done to them in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from kontext_integration.events import UserEvent
from kontext_integration.exceptions import UnknownUserEventError
from kontext_integration.models import AdSession, AdSlot
from kontext_integration.session import NoSession, Session
from kontext_integration.signals import user_event
from kontext_integration.state import SessionState

from .fakes import AdServer, Process, assistant, filled, user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server() -> AdServer:
    return AdServer()


@pytest.fixture
def process(server: AdServer) -> Process:
    return Process(server)


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []

    def hear(sender: object, **given: Any) -> None:
        heard.append({name: given[name] for name in ("event", "conversation_id", "user_id")})

    user_event.connect(hear)
    yield heard
    user_event.disconnect(hear)


async def stored() -> SessionState:
    return SessionState.from_dict((await AdSession.objects.aget()).state)


async def turn(process: Process, server: AdServer) -> None:
    """A question whose ad goes under its reply."""
    server.script("/preload", filled())
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    await session.add_message(assistant(1))
    await process.idle()


async def test_a_conversation_without_a_session_has_a_handle_that_does_nothing(
    process: Process, server: AdServer
) -> None:
    session = await process.sessions.find("conv-1")
    await session.add_message(user(1))
    assert isinstance(session, NoSession)
    assert server.seen == []
    assert not await AdSession.objects.aexists()


async def test_a_session_is_found_in_another_process_and_not_opened_again(process: Process, server: AdServer) -> None:
    await process.get()
    await process.idle()
    other = Process(server)
    await (await other.sessions.find("conv-1")).add_message(user(1))
    await other.idle()
    assert [message.id for message in (await stored()).messages] == ["u1"]
    assert len(server.to("/init")) == 1


async def test_while_ads_are_off_no_session_is_found(process: Process, settings: Settings) -> None:
    await process.get()
    settings.KONTEXT = {**settings.KONTEXT, "PUBLISHER_TOKEN": ""}
    assert isinstance(await process.sessions.find("conv-1"), NoSession)


async def test_what_is_told_a_session_happens_in_the_background(process: Process) -> None:
    await process.get()
    process.sessions.tell("conv-1", lambda session: session.add_message(user(1)))
    await process.idle()
    assert [message.id for message in (await stored()).messages] == ["u1"]


async def test_46_an_ad_that_a_page_shows_keeps_its_bid_beyond_the_last_thirty_messages(
    process: Process, server: AdServer
) -> None:
    await turn(process, server)
    session = await process.get()
    await session.create_ad("a1")
    for number in range(2, 34):
        await session.add_message(assistant(number))
    assert isinstance(session, Session)
    assert "a1" in (await stored()).links
    assert (await AdSlot.objects.aget()).released_at is None


async def test_46_with_its_last_ad_the_bid_of_a_message_is_discarded_for_good(
    process: Process, server: AdServer
) -> None:
    await turn(process, server)
    session = await process.get()
    await session.create_ad("a1")
    await session.create_ad("a1", "banner")
    await session.remove_ad("a1")
    assert (await AdSlot.objects.aget()).released_at is None
    await session.remove_ad("a1", "banner")
    assert (await AdSlot.objects.aget()).released_at is not None
    assert (await stored()).links == {}


async def test_68_a_user_event_is_announced_for_the_pages(process: Process, told: list[dict[str, Any]]) -> None:
    session = await process.get()
    await session.send_user_event("user.typing.started", {"length": 3}, code="banner")
    await process.idle()
    event = UserEvent("user.typing.started", "banner", {"length": 3})
    assert told == [{"event": event, "conversation_id": "conv-1", "user_id": "user-1"}]


async def test_68_an_unknown_user_event_is_refused_with_ads_on_and_off(process: Process) -> None:
    session = await process.get()
    with pytest.raises(UnknownUserEventError, match=r"user\.typing\.started"):
        await session.send_user_event("user.left")
    with pytest.raises(UnknownUserEventError):
        await NoSession().send_user_event("user.left")


async def test_42_after_the_end_no_user_event_is_announced(process: Process, told: list[dict[str, Any]]) -> None:
    session = await process.get()
    await session.destroy()
    await session.send_user_event("user.typing.started")
    await process.idle()
    assert told == []


async def test_25_a_fault_in_the_page_is_reported_with_its_bid(process: Process, server: AdServer) -> None:
    session = await process.get()
    await process.idle()
    await session.report_fault(bid_id="11111111-1111-1111-1111-111111111111", error="TypeError: x", where="Ad.receive")
    await process.idle()
    (report,) = server.to("/error")
    assert (report.body["error"], report.body["stack"]) == ("TypeError: x", "Ad.receive")
    assert report.body["additionalData"]["bidId"] == "11111111-1111-1111-1111-111111111111"


async def test_25_a_fault_is_kept_to_ourselves_when_init_closed_the_gate(process: Process, server: AdServer) -> None:
    server.script("/init", httpx.Response(200, json={"reportErrors": False}))
    session = await process.get()
    await process.idle()
    await (await process.get()).report_fault(bid_id="1" * 36, error="TypeError", where="Ad.receive")
    await session.destroy()
    await process.idle()
    assert server.to("/error") == []
