"""Kontext ads for a Django chat: feed the messages of a conversation in, get one calm ad under a reply out.

    session = await get_session(conversation_id=..., user_id=...)
    await session.add_message(Message(...))

The public names are found on first use, so that the package can be imported before the apps are ready. Signals stand
in `kontext_integration.signals`, what renders a slot outside of a template in `kontext_integration.slots`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .browsers import observe
    from .entities import Character, Message, Regulatory
    from .events import (
        AdClicked,
        AdError,
        AdEvent,
        AdFilled,
        AdHeight,
        AdNoFill,
        AdRenderCompleted,
        AdRenderStarted,
        AdViewed,
        RewardGranted,
        UserEvent,
        VideoCompleted,
        VideoStarted,
    )
    from .exceptions import InvalidMessageError, KontextError, UnknownUserEventError
    from .opening import find_session, get_session
    from .session import SessionHandle

__version__ = "0.1.0"
__all__ = [
    "AdClicked",
    "AdError",
    "AdEvent",
    "AdFilled",
    "AdHeight",
    "AdNoFill",
    "AdRenderCompleted",
    "AdRenderStarted",
    "AdViewed",
    "Character",
    "InvalidMessageError",
    "KontextError",
    "Message",
    "Regulatory",
    "RewardGranted",
    "SessionHandle",
    "UnknownUserEventError",
    "UserEvent",
    "VideoCompleted",
    "VideoStarted",
    "find_session",
    "get_session",
    "observe",
]

_HOMES = {
    "Character": "entities",
    "InvalidMessageError": "exceptions",
    "KontextError": "exceptions",
    "Message": "entities",
    "Regulatory": "entities",
    "SessionHandle": "session",
    "UnknownUserEventError": "exceptions",
    "find_session": "opening",
    "get_session": "opening",
    "observe": "browsers",
}
"""The module of each name; those that are missing here are events."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'events')}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
