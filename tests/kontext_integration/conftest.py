"""One ad server, one process, and an ear for all signals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kontext_integration import signals

from .fakes import AdServer, Heard, Process


@pytest.fixture
def server() -> AdServer:
    return AdServer()


@pytest.fixture
async def process(server: AdServer) -> AsyncIterator[Process]:
    process = Process(server)
    yield process
    await process.idle()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """The names of all signals in the order in which they were sent, with what they carried."""
    calls: Heard = []
    receivers = []
    for name, signal in {**signals.EVENT_SIGNALS, "slot_filled": signals.slot_filled}.items():

        def note(sender: Any, signal: Any, name: str = name, **given: Any) -> None:
            calls.append((name, given))

        signal.connect(note)
        receivers.append((signal, note))
    yield calls
    for signal, note in receivers:
        signal.disconnect(note)
