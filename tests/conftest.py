"""People and fixtures: Alice owns, Bob is a stranger, and nobody reaches the network outside this machine."""

from __future__ import annotations

import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import hypothesis
import pytest
from django.core import signing
from django.core.cache import cache
from django.test import AsyncClient

from chatapp import live, people
from chatapp.models import Conversation, Message, Role, State
from tests.fakes import ScriptedEngine
from tests.waiting import until

# A busy machine is no counter-example.
hypothesis.settings.register_profile("calm", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("calm")

ALICE = uuid.UUID("a11ce000-0000-4000-8000-000000000001")
BOB = uuid.UUID("b0b00000-0000-4000-8000-000000000002")


def client_of(person: uuid.UUID) -> AsyncClient:
    client = AsyncClient()
    client.cookies[people.COOKIE] = cookie_of(person)
    return client


def cookie_of(person: uuid.UUID) -> str:
    return signing.get_cookie_signer(salt=people.COOKIE).sign(str(person))


@pytest.fixture
def alice() -> AsyncClient:
    return client_of(ALICE)


@pytest.fixture
def bob() -> AsyncClient:
    return client_of(BOB)


@pytest.fixture(autouse=True)
def nobody_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine answers; a name of any other fails at once, as it does offline."""
    lookup = socket.getaddrinfo

    def here_only(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host in (None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1"):
            return lookup(host, *args, **kwargs)
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is outside of this machine")

    monkeypatch.setattr(socket, "getaddrinfo", here_only)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    ScriptedEngine.reset()
    cache.clear()
    yield
    ScriptedEngine.reset()


@pytest.fixture
async def quiet_end() -> AsyncIterator[None]:
    """Ends the replies that a test has left running, so that none outlives its event loop."""
    yield
    for reply in list(live._replies.values()):
        reply.release()
        reply.stop()
    await until(lambda: not live._replies and not live._tasks)


@pytest.fixture
async def conversation(transactional_db: None, quiet_end: None) -> Conversation:
    """Alice's conversation: one question and its answer."""
    made = await Conversation.objects.acreate(owner=ALICE, title="Rome")
    await Message.objects.acreate(conversation=made, position=1, role=Role.USER, text="Where to eat in Rome?")
    await Message.objects.acreate(
        conversation=made, position=2, role=Role.ASSISTANT, text="In **Trastevere**.", state=State.COMPLETE
    )
    return made
