"""Live updates: the only module that knows group names and the channel layer.

The layer wakes listeners and carries frames; it is never the only copy of anything. When it fails or dawdles, pages
heal from the store, so what it does not take is dropped: no reply waits for it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured

from chatapp.outages import Outage

PART = "<!--|-->"
"""Between the parts of one socket message. No text can look like it: its `<` would be escaped."""
PATIENCE_S = 1.0
outage = Outage("channel layer", rest_s=1.0)


class Fragment(TypedDict):
    """HTML whose parts find their place by id, and that does nothing when it arrives twice.

    `reply` is the id of the live reply that the page shows from now on, "" when it brings none.
    """

    type: str
    html: str
    reply: str


class Frame(TypedDict):
    """The next piece of one reply: it takes a page from `start` to `end`, in characters of the reply's text.

    They are the sequence numbers: a frame that does not start where the page stands is a repetition or a gap.
    `html` is sent as one socket message, its items with `PART` between them: the page takes them one by one, but all or
    none. `saved` is how much of the text the store holds; `final` marks the last frame of the reply.
    """

    type: str
    html: list[str]
    message: str
    start: int
    end: int
    saved: int
    final: bool


def layer() -> BaseChannelLayer:
    """The project's channel layer. Settings always configure one."""
    configured = get_channel_layer()
    if configured is None:
        raise ImproperlyConfigured("CHANNEL_LAYERS has no default.")
    return configured


def group_name(conversation_id: uuid.UUID | str) -> str:
    return f"conversation.{conversation_id}"


async def fragment(conversation_id: uuid.UUID | str, html: str, *, reply: uuid.UUID | None = None) -> None:
    await _send(conversation_id, Fragment(type="chat.fragment", html=html, reply=str(reply or "")))


async def frame(
    conversation_id: uuid.UUID, html: list[str], *, message: uuid.UUID, start: int, end: int, saved: int, final: bool
) -> None:
    event = Frame(type="chat.frame", html=html, message=str(message), start=start, end=end, saved=saved, final=final)
    await _send(conversation_id, event)


@contextmanager
def forgiving() -> Iterator[None]:
    """Whatever the layer raises is noted, and that is all."""
    try:
        yield
    except Exception as failure:  # each layer has errors of its own
        outage.note(failure)


async def _send(conversation_id: uuid.UUID | str, event: Fragment | Frame) -> None:
    if outage.is_on:
        return
    with forgiving():
        async with asyncio.timeout(PATIENCE_S):
            await layer().group_send(group_name(conversation_id), {**event})
