"""The channel layer may fail or hang: nobody waits for it for long, and nothing is raised."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from chatapp import broadcasts


class Layer:
    def __init__(self, *, hangs: bool = False) -> None:
        self.sent: list[Any] = []
        self.hangs = hangs

    async def group_send(self, group: str, message: Any) -> None:
        self.sent.append(message)
        if self.hangs:
            await asyncio.Event().wait()
        raise ConnectionError


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_layer_that_does_not_take_a_frame_is_left_alone_for_a_moment(
    monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    layer = Layer(hangs=hangs)
    monkeypatch.setattr(broadcasts, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(broadcasts, "PATIENCE_S", 0.01)
    for _ in range(3):
        await broadcasts.fragment(uuid.uuid4(), "<p></p>")
    assert len(layer.sent) == 1
    broadcasts.outage.forget()
    await broadcasts.fragment(uuid.uuid4(), "<p></p>")
    assert len(layer.sent) == 2
