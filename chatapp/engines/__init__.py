"""Reply engines: what turns a conversation into the text of a reply, piece by piece.

An engine knows neither models nor requests. `CHAT["ENGINE"]` may name any class that is called without arguments and
fits `Engine`; without it an OpenAI-compatible endpoint is used when one is configured, and else the offline demo.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chatapp.conf import get_settings
from chatapp.engines.errors import (
    EngineError,
    EngineInterrupted,
    EngineMalformed,
    EngineNotFound,
    EngineRateLimited,
    EngineRefused,
    EngineRejected,
    EngineTimeout,
    EngineUnauthorized,
    EngineUnavailable,
    user_message_for,
)

__all__ = [
    "Engine",
    "EngineError",
    "EngineInterrupted",
    "EngineMalformed",
    "EngineNotFound",
    "EngineRateLimited",
    "EngineRefused",
    "EngineRejected",
    "EngineTimeout",
    "EngineUnauthorized",
    "EngineUnavailable",
    "Turn",
    "get_engine",
    "user_message_for",
]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation, as the model is sent it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Engine(Protocol):
    is_demo: bool
    """Whether the replies are prepared texts instead of a model's answers; the page says so."""

    def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        """The reply to `turns`, in pieces that are never empty. It ends when the reply is complete and raises
        `EngineError` when it cannot be; closing the generator closes the upstream at once."""
        ...

    async def aclose(self) -> None:
        """Closes what the engine holds for the running event loop. It can be used again afterwards."""
        ...


@cache
def get_engine() -> Engine:
    """The configured engine, one per process. Raises `ImportError` when `CHAT["ENGINE"]` names nothing."""
    path = get_settings().engine or _default_path()
    engine: Engine = import_string(path)()
    return engine


def _default_path() -> str:
    if settings.OPENAI_BASE_URL or settings.OPENAI_API_KEY:
        return "chatapp.engines.openai_compatible.OpenAICompatibleEngine"
    return "chatapp.engines.demo.DemoEngine"


def _reload(*, setting: str, **kwargs: Any) -> None:
    if setting == "CHAT" or setting.startswith("OPENAI_"):
        get_engine.cache_clear()


setting_changed.connect(_reload)
