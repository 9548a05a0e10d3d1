"""What a page would show: applies live fragments to HTML as htmx does, and asks the result."""

from __future__ import annotations

import re
from typing import Any

from channels.testing import WebsocketCommunicator

from chatapp.asgi import application
from chatapp.models import Conversation


def socket_of(conversation: Conversation | str, *, cookie: str = "", query: str = "", **headers: str) -> Any:
    """A socket as a page opens it."""
    ident = conversation if isinstance(conversation, str) else conversation.pk
    lines = [(name.encode(), value.encode()) for name, value in ({"host": "testserver"} | headers).items()]
    if cookie:
        lines.append((b"cookie", f"person={cookie}".encode()))
    return WebsocketCommunicator(application, f"/ws/c/{ident}/?{query}", headers=lines)


def visible(html: str) -> str:
    """The text of a fragment, tags taken out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()
