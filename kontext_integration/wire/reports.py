"""Bodies of `/error` and `/debug` (protocol 2.5, 2.6). Callers never put a message's text into them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .bodies import without_unknown
from .requests import sdk_record

if TYPE_CHECKING:
    from ..entities import Configuration


def error_request(
    config: Configuration, *, install_id: str | None, error: str, stack: str | None = None, bid_id: str | None = None
) -> dict[str, Any]:
    """`stack` is the place in our code ("Init.fetch") or a stack trace."""
    about = {**_about(config, install_id), "bidId": bid_id and bid_id.lower()}
    return without_unknown({"error": error, "stack": stack, "additionalData": about})  # type: ignore[no-any-return]


def debug_request(
    config: Configuration, *, install_id: str | None, session_id: str | None, name: str, data: object = None
) -> dict[str, Any]:
    """`name` has a namespace: "Session: message-added". `data` travels as text."""
    about = {**_about(config, install_id), "sessionId": session_id and session_id.lower()}
    return without_unknown({"name": name, "data": _as_text(data), "additionalData": about})  # type: ignore[no-any-return]


def _about(config: Configuration, install_id: str | None) -> dict[str, Any]:
    return {
        "publisherToken": config.publisher_token,
        "conversationId": config.conversation_id,
        "userId": config.user_id,
        "installId": install_id and install_id.lower(),
        "sdk": sdk_record(config.sdk),
    }


def _as_text(data: object) -> str | None:
    if isinstance(data, dict | list | tuple):
        return json.dumps(data, default=str, separators=(",", ":"))
    return None if data is None else str(data)
