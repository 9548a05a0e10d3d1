"""What the page's requests do to the session of their ad, in the background."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from asgiref.sync import sync_to_async
from django.test import AsyncClient

from kontext_integration import opening
from kontext_integration.entities import Bid, Message
from kontext_integration.models import AdSession, AdSlot
from kontext_integration.outcomes import PreloadFilled
from kontext_integration.state import SessionState
from tests.waiting import until

from .builders import SESSION_ID, configuration, send
from .host import BID, KONTEXT, fill

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]

FAULT = {"message_id": "a1", "code": "inlineAd", "bid_id": BID, "where": "Ad.receive", "error": "TypeError: x is null"}
FAILED = {
    "message_id": "a1",
    "code": "inlineAd",
    "bid_id": BID,
    "name": "ad.error",
    "payload": {"errCode": "iframe_error"},
}


class AdServer:
    """Takes reports."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.reports.append(await request.json())
        return web.Response()


@pytest.fixture
async def ad_server(settings: Settings) -> AsyncIterator[AdServer]:
    server, app = AdServer(), web.Application()
    app.router.add_post("/error", server.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings.KONTEXT = {**KONTEXT, "AD_SERVER_URL": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    yield server
    await opening.sessions.worker().tasks.idle()
    await runner.cleanup()


@pytest.fixture
async def ad(ad_server: AdServer, settings: Settings) -> AdSlot:
    """Alice's ad under a1, as a whole turn leaves it behind."""
    config = configuration(user_id="alice", ad_server_url=settings.KONTEXT["AD_SERVER_URL"])
    state = SessionState(config, BID)
    state.apply_preload(send(state, "u1"), PreloadFilled(SESSION_ID, (Bid(BID, "inlineAd"),)))
    state.add_message(Message("a1", "assistant", "An answer", state.messages[0].created_at))
    await AdSession.objects.acreate(conversation_id="of alice", user_id="alice", state=state.to_dict())
    return await sync_to_async(fill)()


async def state() -> SessionState:
    return SessionState.from_dict((await AdSession.objects.aget()).state)


async def post(path: str, body: dict[str, Any], person: str = "alice") -> int:
    response = await AsyncClient().post(path, body, content_type="application/json", headers={"X-Person": person})
    return response.status_code


async def show(person: str = "alice") -> int:
    response = await AsyncClient().get("/kontext/slots/a1/inlineAd/", headers={"X-Person": person})
    return response.status_code


async def test_46_a_frame_that_is_opened_creates_its_ad(ad: AdSlot) -> None:
    assert await show() == 200

    async def created() -> bool:
        return ("a1", "inlineAd") in (await state()).ads

    await until(created)


async def test_a_stranger_creates_nothing(ad: AdSlot) -> None:
    assert await show("bob") == 404
    await opening.sessions.worker().tasks.idle()
    assert not (await state()).ads


async def test_65_a_frame_that_failed_destroys_its_ad_and_discards_the_bid(ad: AdSlot) -> None:
    await show()
    await opening.sessions.worker().tasks.idle()
    assert await post("/kontext/events/", FAILED) == 204

    async def discarded() -> bool:
        return not (await state()).links

    await until(discarded)
    await ad.arefresh_from_db()
    assert ad.released_at is not None


async def test_25_a_fault_is_told_the_ad_server_once_for_each_ad(ad: AdSlot, ad_server: AdServer) -> None:
    for _ in range(3):
        assert await post("/kontext/faults/", FAULT) == 204
    await opening.sessions.worker().tasks.idle()
    (report,) = ad_server.reports
    assert (report["error"], report["stack"]) == ("TypeError: x is null", "Ad.receive")
    assert report["additionalData"]["bidId"] == BID


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"where": ""}, 400),
        ({"where": None}, 400),
        ({"error": 7}, 400),
        ({"message_id": ["a1"]}, 400),
        ({"message_id": "a2"}, 404),
        ({"bid_id": "22222222-2222-2222-2222-222222222222"}, 404),
    ],
)
async def test_a_fault_of_no_such_shape_or_ad_is_refused(
    ad: AdSlot, ad_server: AdServer, change: dict[str, Any], status: int
) -> None:
    assert await post("/kontext/faults/", FAULT | change) == status
    await opening.sessions.worker().tasks.idle()
    assert ad_server.reports == []


async def test_a_stranger_reports_nothing(ad: AdSlot, ad_server: AdServer) -> None:
    assert await post("/kontext/faults/", FAULT, person="bob") == 404
    await opening.sessions.worker().tasks.idle()
    assert ad_server.reports == []
