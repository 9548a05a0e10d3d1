"""Kontext ads for a Django chat: feed the messages of a conversation in, get one calm ad under a reply out.

    session = await get_session(conversation_id=..., user_id=...)
    await session.add_message(Message(...))

The public names are found on first use, so that the package can be imported before the apps are ready.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .browsers import observe
    from .entities import Character, Message, Regulatory
    from .opening import find_session, get_session

__version__ = "0.1.0"
__all__ = ["Character", "Message", "Regulatory", "find_session", "get_session", "observe"]

_HOMES = {
    "Character": "entities",
    "Message": "entities",
    "Regulatory": "entities",
    "find_session": "opening",
    "get_session": "opening",
    "observe": "browsers",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
