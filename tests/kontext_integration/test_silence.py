"""No text of a message, no e-mail address and no token in any log at any level, whatever happens to a session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NoReturn

import httpx
import pytest
from django.test import override_settings

from kontext_integration import signals
from kontext_integration.client import AdClient
from kontext_integration.entities import Character, Configuration, Message, Options, Regulatory
from kontext_integration.ports import Record
from kontext_integration.records import DatabaseRecords
from kontext_integration.state import SessionState
from kontext_integration.transport import HttpTransport, Request, new_http_client

from .builders import FILLED, INSTALL_ID
from .ears import listening
from .fakes import AdServer, Process, RecordedSleep, bid, filled, skipped
from .streams import Peer

QUESTION, REPLY = "zebra-crossing-at-midnight", "quagga-without-stripes"
EMAIL, TOKEN = "zoe.quill@private.example", "tok-hush-51c9"
PERSONA, ADVERTISING_ID = "persona-of-a-walrus", "idfa-of-zoe"
PRIVATE = (QUESTION, REPLY, EMAIL, TOKEN, PERSONA, ADVERTISING_ID)
KONTEXT = {
    "PUBLISHER_TOKEN": TOKEN,
    "AD_SERVER_URL": "http://ads.test",
    "ON_EVENT": "tests.kontext_integration.test_silence.quote",
}
LUNA = Character("c1", "Luna", "https://example.com/luna.png", greeting=PERSONA, persona=PERSONA)
OPTIONS = Options("A", Regulatory(gdpr=1), EMAIL, ADVERTISING_ID, ADVERTISING_ID)


@pytest.fixture
def silence(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[str], None]]:
    """The check at the end of a test; call it with what must have been heard, lest the ear was deaf."""
    with listening() as ear:

        def check(expected: str) -> None:
            everything = "\n".join([*ear.heard, *capfd.readouterr()])
            assert expected in everything
            assert [word for word in PRIVATE if word in everything] == []

        yield check


async def quote(*given: Any, **named: Any) -> NoReturn:
    """What a bad receiver, store or transport does: it fails with all that it knows."""
    raise RuntimeError(repr((given, named)))


@pytest.fixture
def bad_receivers() -> Iterator[None]:
    every = [*signals.EVENT_SIGNALS.values(), signals.slot_filled, signals.user_event]
    for signal in every:
        signal.connect(quote)
    yield
    for signal in every:
        signal.disconnect(quote)


def said(number: int) -> tuple[Message, Message]:
    return Message(f"u{number}", "user", QUESTION), Message(f"a{number}", "assistant", REPLY)


def refused(request: httpx.Request) -> Awaitable[httpx.Response]:
    raise RuntimeError(f"{request.content!r} {request.headers!r}")


def echoed(status: int, **fields: Any) -> httpx.Response:
    """An answer that quotes what it was sent."""
    return httpx.Response(status, json={"error": f"{QUESTION} {EMAIL} {TOKEN}", **fields})


EVERY_OUTCOME = [
    [filled(bid(code="inlineAd"))],
    [skipped()],
    [skipped("ivt_blocked")],
    [echoed(200, errCode="generation_failed")],
    [echoed(403)],
    [echoed(500)],
    [httpx.Response(204)],
    [httpx.Response(200, text=f'{{"{QUESTION}": "{EMAIL}", "{TOKEN}"')],
    [httpx.Response(200, json={"sessionId": QUESTION, "bids": [{"bidId": EMAIL, "code": TOKEN}]})],
    [httpx.Response(302, headers={"Location": "ftp://elsewhere.test"})],
    [httpx.Response(429)] * 4,
    [refused] * 4,
    [httpx.RemoteProtocolError(f"illegal header {TOKEN}")] * 4,
    [echoed(200, permanent=True)],
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("bad_receivers")
@override_settings(KONTEXT=KONTEXT)
@pytest.mark.parametrize("init", [echoed(200, reportDebug=True), echoed(200, reportDebug=True, reportErrors=False)])
async def test_a_whole_life_is_silent(
    process: Process, server: AdServer, silence: Callable[[str], None], init: httpx.Response
) -> None:
    asyncio.get_running_loop().set_debug(True)
    asyncio.get_running_loop().slow_callback_duration = 0
    server.script("/init", init)
    session = await process.get(character=LUNA)
    await process.idle()
    await session.update_options(
        user_email=EMAIL, advertising_id=ADVERTISING_ID, regulatory=Regulatory(gdpr=1, gdpr_consent="CP")
    )
    for number, answers in enumerate(EVERY_OUTCOME):
        server.script("/preload", *answers)
        for message in said(number):
            await session.add_message(message)
            await process.idle()
        await session.create_ad(f"a{number}")
        await session.send_user_event("user.typing.started")
    assert len(server.to("/preload")) == len(EVERY_OUTCOME) + 3 * 3
    await session.destroy()
    await session.add_message(said(99)[0])
    await process.idle()

    silence("Error calling quote in Signal.send_robust()")
    reports = json.dumps([seen.body for seen in (*server.to("/error"), *server.to("/debug"))])
    assert "Session: message-added" in reports
    assert [word for word in (QUESTION, REPLY, EMAIL, PERSONA, ADVERTISING_ID) if word in reports] == []


class QuotingRecords(DatabaseRecords):
    """A database whose errors quote the row, as PostgreSQL's do."""

    async def save(self, record: Record, state: SessionState, effects: Any) -> NoReturn:
        raise RuntimeError(f"{record} {record.state} {state} {state.to_dict()} {effects}")


class QuotingTransport:
    """Keeps the newest request."""

    async def post(self, request: Request) -> NoReturn:
        self.newest = request
        raise RuntimeError(f"{request} {request.body!r} {request.headers}")


def said_to(url: str) -> SessionState:
    config = Configuration(TOKEN, "user-1", "conv-1", ad_server_url=url, character=LUNA)
    return SessionState(config, INSTALL_ID, OPTIONS)


@pytest.mark.django_db(transaction=True)
@override_settings(KONTEXT=KONTEXT)
@pytest.mark.parametrize("records", [DatabaseRecords(), QuotingRecords()], ids=["transport", "store and transport"])
async def test_errors_of_the_store_and_of_the_transport_are_told_without_their_words(
    records: DatabaseRecords, silence: Callable[[str], None]
) -> None:
    process = Process(transport=QuotingTransport())
    process.sessions._records = records
    session = await process.get(character=LUNA)
    await session.update_options(user_email=EMAIL)
    for message in (*said(1), *said(2)):
        await session.add_message(message)
        await process.idle()
    await session.destroy()
    await process.idle()
    silence("RuntimeError")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"nonsense",
        b"",
    ],
)
async def test_the_libraries_below_are_silent_over_a_real_socket(answer: bytes, silence: Callable[[str], None]) -> None:
    async with asyncio.timeout(10), new_http_client() as http:
        tcp = await asyncio.start_server(Peer(answer), "127.0.0.1")
        address = "http://{}:{}".format(*tcp.sockets[0].getsockname())
        state = said_to(address)
        state.add_message(said(1)[0])
        start = state.begin_preload(1)
        assert start is not None
        await AdClient(HttpTransport(http), RecordedSleep()).preload(
            state.config, start, options=OPTIONS, install_id=INSTALL_ID, device={}, forwarded={"User-Agent": "Moz"}
        )
        tcp.close()
    silence("httpcore.http11")


async def test_what_may_end_in_a_traceback_shows_nothing_private() -> None:
    state = said_to("http://ads.test")
    record = Record(1, "conv-1", 1, 1, state.to_dict())
    effects = state.add_message(said(1)[0])
    waiting, start = state.pending, state.begin_preload(1)
    filled_slot = [*state.apply_preload(1, FILLED), *state.add_message(said(1)[1])]
    transport = QuotingTransport()
    with pytest.raises(RuntimeError):
        await AdClient(transport).init(state.config, install_id=INSTALL_ID, forwarded={})
    values = [OPTIONS, LUNA, *said(1), state.config, state, record, waiting, start, *effects, *filled_slot]
    shown = repr([*values, state.preload, transport.newest])
    assert "SlotAssigned" in shown
    assert [word for word in PRIVATE if word in shown] == []
