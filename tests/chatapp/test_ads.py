"""The chat with its ads, against an ad server of one's own: what goes out on the wire and what comes onto the page."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from django.test import AsyncClient, Client
from pytest_django import Settings

from chatapp import ads, live
from chatapp.models import Conversation, Message, Role, State
from kontext_integration import opening, signals
from kontext_integration.events import UserEvent
from kontext_integration.models import AdRelay
from tests.assertions import socket_of, visible
from tests.conftest import ALICE, cookie_of
from tests.fakes import ScriptedEngine
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]
HTMX = {
    "HX-Request": "true",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0",
    "Accept-Language": "de-DE,de",
}
SESSION = "33333333-3333-3333-3333-333333333333"


class AdServer:
    """Answers as a test wants, and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.bid = str(uuid.uuid4())
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.status = 200
        self.codes = ["inlineAd"]

    def to(self, path: str) -> list[tuple[dict[str, str], dict[str, Any]]]:
        return [(headers, body) for asked, headers, body in self.requests if asked == path]

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, dict(request.headers), await request.json()))
        if request.path != "/preload":
            return web.json_response({})
        await self.go_on.wait()
        bids = [{"bidId": self.bid, "code": code, "revenue": 0.05} for code in self.codes]
        return web.json_response({"sessionId": SESSION, "bids": bids}, status=self.status)


@pytest.fixture
async def ad_server(settings: Settings) -> AsyncIterator[AdServer]:
    server, app = AdServer(), web.Application()
    app.router.add_post("/{path}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    settings.KONTEXT = settings.KONTEXT | {"PUBLISHER_TOKEN": "pub", "AD_SERVER_URL": f"http://127.0.0.1:{port}"}
    yield server
    server.go_on.set()
    await until(lambda: not ads._tasks and not live._replies)
    await opening.sessions.worker().tasks.idle()
    await runner.cleanup()


async def ask(client: AsyncClient, text: str, conversation: Conversation | None = None) -> Conversation:
    address = f"/c/{conversation.pk}/" if conversation else "/"
    await client.post(address, {"text": text}, headers=HTMX)
    return conversation or await Conversation.objects.aget()


async def answered(conversation: Conversation, count: int = 1) -> Message:
    replies = conversation.messages.filter(role=Role.ASSISTANT, state=State.COMPLETE).order_by("-position")

    async def last() -> Message | None:
        return await replies.afirst() if await replies.acount() == count else None

    return await until(last)


async def shown_ad(client: AsyncClient, conversation: Conversation) -> str:
    async def page() -> str:
        text: str = (await client.get(f"/c/{conversation.pk}/")).text
        return text if "<kontext-ad" in text else ""

    return await until(page)


async def test_one_init_a_conversation_and_one_preload_a_message_before_the_reply_is_complete(
    alice: AsyncClient, ad_server: AdServer
) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append(["Half", go_on, " done."])
    conversation = await ask(alice, "A trip to Rome")
    await until(lambda: ad_server.to("/preload"))
    assert live._replies
    go_on.set()
    await answered(conversation)
    await ask(alice, "And wine?", conversation)
    await until(lambda: len(ad_server.to("/preload")) == 2)
    await answered(conversation, 2)
    assert len(ad_server.to("/init")) == 1


async def test_a_message_is_fed_however_long_the_reply_takes_to_begin(alice: AsyncClient, ad_server: AdServer) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append([go_on])
    await ask(alice, "A trip to Rome")
    await until(lambda: ad_server.to("/preload"))
    go_on.set()


async def test_the_second_preload_carries_both_roles_the_pages_ids_and_the_session(
    alice: AsyncClient, ad_server: AdServer
) -> None:
    conversation = await ask(alice, "A trip to Rome")
    await answered(conversation)
    await shown_ad(alice, conversation)
    await ask(alice, "And wine?", conversation)
    await until(lambda: len(ad_server.to("/preload")) == 2)
    headers, body = ad_server.to("/preload")[1]
    stored = [str(ident) async for ident in conversation.messages.values_list("pk", flat=True)]
    assert [(m["id"], m["role"], m["content"]) for m in body["messages"]] == [
        (stored[0], "user", "A trip to Rome"),
        (stored[1], "assistant", "Hello there."),
        (stored[2], "user", "And wine?"),
    ]
    assert body["sessionId"] == SESSION
    assert body["conversationId"] == str(conversation.pk)
    assert body["userId"] == str(ALICE)
    assert headers["Kontextso-Publisher-Token"] == "pub"
    assert headers["Kontextso-Is-Disabled"] == "0"


async def test_the_device_is_what_the_browsers_headers_tell(alice: AsyncClient, ad_server: AdServer) -> None:
    await ask(alice, "A trip to Rome")
    await until(lambda: ad_server.to("/preload"))
    device = ad_server.to("/preload")[0][1]["device"]
    assert device["network"]["userAgent"] == HTMX["User-Agent"]
    assert device["os"]["locale"] == "de-DE"


async def test_a_bid_that_is_there_before_the_reply_shows_when_the_reply_is_complete(
    alice: AsyncClient, ad_server: AdServer
) -> None:
    go_on = asyncio.Event()
    ScriptedEngine.scripts.append(["Half", go_on, " done."])
    conversation = await ask(alice, "A trip to Rome")
    await until(lambda: ad_server.to("/preload"))
    assert "<kontext-ad" not in (await alice.get(f"/c/{conversation.pk}/")).text
    go_on.set()
    reply = await answered(conversation)
    page = await shown_ad(alice, conversation)
    assert f"/api/frame/{ad_server.bid}?code=inlineAd&amp;messageId={reply.pk}&amp;sdk=sdk-js" in page


async def test_a_bid_that_is_late_is_pushed_to_every_tab(alice: AsyncClient, ad_server: AdServer) -> None:
    ad_server.go_on.clear()
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    query = f"after={reply.pk}&state=complete"
    tabs = [socket_of(conversation, cookie=cookie_of(ALICE), query=query) for _ in range(2)]
    for tab in tabs:
        await tab.connect()
    ad_server.go_on.set()
    for tab in tabs:
        html = await tab.receive_from(timeout=5)
        assert f'hx-swap-oob="beforeend:#ad-{reply.pk}:empty"' in html
        assert "Sponsored" in visible(html)


async def test_a_page_that_connects_later_is_brought_the_ad(alice: AsyncClient, ad_server: AdServer) -> None:
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    await shown_ad(alice, conversation)
    tab = socket_of(conversation, cookie=cookie_of(ALICE), query=f"after={reply.pk}&state=complete")
    await tab.connect()
    assert "<kontext-ad" in await tab.receive_from()


@pytest.mark.parametrize("status", [204, 403, 500])
async def test_an_ad_server_that_fails_leaves_no_trace_on_the_page(
    alice: AsyncClient, ad_server: AdServer, status: int
) -> None:
    ad_server.status = status
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    await until(lambda: not ads._tasks)
    page = (await alice.get(f"/c/{conversation.pk}/")).text
    assert f'<div id="ad-{reply.pk}" data-ad-slot="{reply.pk}" class="kontext-slot"></div>' in page


async def test_a_refused_ad_server_costs_the_reply_nothing(alice: AsyncClient, settings: Settings) -> None:
    settings.KONTEXT = settings.KONTEXT | {"PUBLISHER_TOKEN": "pub", "AD_SERVER_URL": "http://127.0.0.1:9"}
    conversation = await ask(alice, "A trip to Rome")
    assert (await answered(conversation)).text == "Hello there."


async def test_a_failed_reply_gets_no_ad_and_its_next_try_does(alice: AsyncClient, ad_server: AdServer) -> None:
    ScriptedEngine.scripts.append([RuntimeError()])
    conversation = await ask(alice, "A trip to Rome")
    failed = await until(conversation.messages.filter(state=State.FAILED).afirst)
    await until(lambda: ad_server.to("/preload"))
    await alice.post(f"/c/{conversation.pk}/m/{failed.pk}/retry/", headers=HTMX)
    reply = await answered(conversation)
    page = await shown_ad(alice, conversation)
    assert f"messageId={reply.pk}" in page
    assert f"messageId={failed.pk}" not in page
    assert len(ad_server.to("/preload")) == 1


async def test_the_model_is_never_sent_an_ad(alice: AsyncClient, ad_server: AdServer) -> None:
    conversation = await ask(alice, "A trip to Rome")
    await shown_ad(alice, conversation)
    await ask(alice, "And wine?", conversation)
    await until(lambda: len(ScriptedEngine.asked) == 2)
    assert "kontext" not in json.dumps([turn.content for turn in ScriptedEngine.asked[1]]).lower()


async def test_a_person_sees_no_others_ads(alice: AsyncClient, bob: AsyncClient, ad_server: AdServer) -> None:
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    await shown_ad(alice, conversation)
    assert (await alice.get(f"/kontext/slots/{reply.pk}/inlineAd/")).status_code == 200
    assert (await bob.get(f"/kontext/slots/{reply.pk}/inlineAd/")).status_code == 404


# --- What pages are told ------------------------------------------------------------------------------------------


async def tab_of(conversation: Conversation, reply: Message) -> Any:
    """A tab that shows the conversation to its end."""
    tab = socket_of(conversation, cookie=cookie_of(ALICE), query=f"after={reply.pk}&state=complete")
    await tab.connect()
    return tab


async def last_reply(conversation: Conversation) -> Message:
    return await conversation.messages.alast()


async def test_what_the_person_does_is_told_to_the_ads_of_every_tab(conversation: Conversation) -> None:
    tabs = [await tab_of(conversation, await last_reply(conversation)) for _ in range(2)]
    event = UserEvent("user.typing.started", "inlineAd", {"words": "<b>"})
    await signals.user_event.asend_robust(
        sender=UserEvent, event=event, conversation_id=str(conversation.pk), user_id=str(ALICE)
    )
    for tab in tabs:
        html = await tab.receive_from()
        assert html.startswith('<div hx-swap-oob="beforeend:body"><kontext-user-event data-name="user.typing.started"')
        assert "<b>" not in html


async def test_an_ad_for_a_placement_of_its_own_is_sent_to_its_own_place(
    alice: AsyncClient, ad_server: AdServer, settings: Settings
) -> None:
    settings.KONTEXT = settings.KONTEXT | {"PLACEMENT_CODES": ["inlineAd", "banner"]}
    ad_server.codes = ["inlineAd", "banner"]
    ad_server.go_on.clear()
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    tab = await tab_of(conversation, reply)
    ad_server.go_on.set()
    places = [(await tab.receive_from(timeout=5)).partition(">")[0] for _ in range(2)]
    assert places == [
        f'<div hx-swap-oob="beforeend:#ad-{reply.pk}:empty"',
        f'<div hx-swap-oob="beforeend:#ad-{reply.pk}-banner:empty"',
    ]


# --- The browser relay --------------------------------------------------------------------------------------------


@pytest.fixture
def relayed(ad_server: AdServer, settings: Settings) -> None:
    """Pages send the requests."""
    settings.KONTEXT = settings.KONTEXT | {"TRANSPORT": "browser"}


async def take(client: AsyncClient) -> list[dict[str, Any]]:
    response = await client.post("/kontext/relay/")
    return list(json.loads(response.content)["requests"])


async def hand_back(client: AsyncClient, request: dict[str, Any], body: object) -> None:
    answer = json.dumps(body).encode()
    await client.post(f"{request['answer_url']}?status=200", answer, content_type="application/octet-stream")


async def serve(client: AsyncClient, preload: object) -> None:
    """A page that answers all that waits, until it was asked for an ad."""
    sent: list[str] = []

    async def served() -> bool:
        for request in await take(client):
            path = request["url"].rsplit("/", 1)[1]
            await hand_back(client, request, preload if path == "preload" else {})
            sent.append(path)
        return "preload" in sent

    await until(served)


@pytest.mark.usefixtures("relayed")
async def test_every_tab_is_called_when_a_request_waits_and_the_ad_comes_of_what_one_hands_back(
    alice: AsyncClient, ad_server: AdServer
) -> None:
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    tabs = [await tab_of(conversation, reply) for _ in range(2)]
    for tab in tabs:
        assert "<kontext-relay hidden></kontext-relay>" in await tab.receive_from(timeout=5)
    bids = [{"bidId": ad_server.bid, "code": "inlineAd"}]
    await serve(alice, {"sessionId": SESSION, "bids": bids})
    assert f"/api/frame/{ad_server.bid}" in await shown_ad(alice, conversation)
    assert ad_server.requests == []


@pytest.mark.usefixtures("relayed")
async def test_a_page_that_connects_is_called_for_what_waited_before(alice: AsyncClient) -> None:
    conversation = await ask(alice, "A trip to Rome")
    reply = await answered(conversation)
    await serve(alice, {})
    await until(lambda: not ads._tasks)
    await opening.sessions.worker().tasks.idle()
    tab = await tab_of(conversation, reply)
    assert await tab.receive_from() == '<div hx-swap-oob="beforeend:body"><kontext-relay hidden></kontext-relay></div>'


@pytest.mark.usefixtures("relayed")
async def test_nobody_takes_what_waits_for_another_person(alice: AsyncClient, bob: AsyncClient) -> None:
    await ask(alice, "A trip to Rome")
    await until(AdRelay.objects.filter(claim=None).aexists)
    assert await take(bob) == []
    await serve(alice, {})


@pytest.mark.usefixtures("ad_server")
async def test_while_the_server_sends_the_requests_pages_are_not_called(conversation: Conversation) -> None:
    tab = await tab_of(conversation, await last_reply(conversation))
    assert await tab.receive_nothing()


def test_while_the_server_sends_the_requests_pages_may_speak_to_nobody_else() -> None:
    assert "connect-src 'self';" in Client().get("/").headers["Content-Security-Policy"] + ";"
