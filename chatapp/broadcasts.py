"""Live updates: the only module that knows group names and the channel layer.

The layer wakes listeners and carries frames; it is never the only copy of anything. When it fails, the page heals
from the store, so a failure here is logged and forgotten.
"""

from __future__ import annotations

import logging
import uuid
from typing import TypedDict

from channels.layers import BaseChannelLayer, get_channel_layer
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)


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
    `html` is sent as one socket message for each item, in order. `saved` is how much of the text the store holds;
    `final` marks the last frame of the reply.
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


async def _send(conversation_id: uuid.UUID | str, event: Fragment | Frame) -> None:
    try:
        await layer().group_send(group_name(conversation_id), {**event})
    except Exception:
        logger.exception("The channel layer did not take a frame; pages of this conversation will catch up.")
