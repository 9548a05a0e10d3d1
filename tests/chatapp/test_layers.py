"""The channel layer of a single process behaves as Channels' own."""

from __future__ import annotations

import asyncio

import pytest

from chatapp.layers import InProcessLayer


async def two_listeners(layer: InProcessLayer) -> list[str]:
    channels = [await layer.new_channel() for _ in range(2)]
    for channel in channels:
        await layer.group_add("chat", channel)
    return channels


async def test_every_member_of_a_group_gets_each_message_in_order() -> None:
    layer = InProcessLayer()
    channels = await two_listeners(layer)
    for number in range(3):
        await layer.group_send("chat", {"type": "x", "number": number})
    for channel in channels:
        assert [(await layer.receive(channel))["number"] for _ in range(3)] == [0, 1, 2]


async def test_who_has_left_gets_nothing_more() -> None:
    layer = InProcessLayer()
    stays, leaves = await two_listeners(layer)
    await layer.group_discard("chat", leaves)
    await layer.group_send("chat", {"type": "x"})
    assert await layer.receive(stays) == {"type": "x"}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await layer.receive(leaves)


async def test_a_listener_that_does_not_keep_up_loses_messages_and_holds_up_nobody() -> None:
    layer = InProcessLayer(capacity=2)
    slow, quick = await two_listeners(layer)
    for number in range(4):
        await layer.group_send("chat", {"type": "x", "number": number})
        assert (await layer.receive(quick))["number"] == number
    assert [(await layer.receive(slow))["number"] for _ in range(2)] == [0, 1]


async def test_a_message_that_nobody_took_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = InProcessLayer(expiry=-1)
    stays, _ = await two_listeners(layer)
    await layer.group_send("chat", {"type": "x"})
    monkeypatch.setattr(layer, "_tidied_at", float("-inf"))
    await layer.group_send("elsewhere", {"type": "x"})
    assert not layer.channels.get(stays)


async def test_a_group_without_members_is_no_error() -> None:
    await InProcessLayer().group_send("nobody", {"type": "x"})
