"""The `CHAT` setting as one frozen object: every key, its default and what it means."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Defaults of `CHAT`; a key of the setting is the field's name in capitals."""

    engine: str = ""
    """Dotted path of the reply engine; empty: OpenAI-compatible when an endpoint is configured, else the demo."""
    system_prompt: str = "You are a helpful assistant. Answer in Markdown."
    """What the model is told before the conversation; empty: nothing."""
    history_tokens: int = 8000
    """How many tokens of the conversation the model is sent at most, the newest first to be kept."""
    max_message_length: int = 8000
    """The longest message a person may send, in characters."""
    connect_timeout_ms: int = 10_000
    """How long the model's endpoint may take to accept a connection."""
    read_timeout_ms: int = 120_000
    """How long the model's endpoint may stay silent before the reply counts as timed out."""
    max_reply_length: int = 200_000
    """Where a reply that never ends is cut, in characters."""
    frame_interval_ms: int = 40
    """The shortest time between two live frames of one reply."""
    save_interval_ms: int = 500
    """How often what has streamed is saved."""
    stale_after_ms: int = 15_000
    """A reply that was not saved for this long has lost its process: it is marked interrupted."""
    page_size: int = 30
    """How many messages a conversation opens with."""
    demo_words_per_second: float = 18.0
    """The pace of the demo engine."""


@cache
def get_settings() -> ChatSettings:
    """The `CHAT` setting over the defaults. Raises `TypeError` on a key that does not exist; `chat.E001` says which."""
    given: dict[str, Any] = getattr(settings, "CHAT", {})
    return ChatSettings(**{key.lower(): value for key, value in given.items()})


def known_keys() -> frozenset[str]:
    return frozenset(field.name.upper() for field in fields(ChatSettings))


def _reload(*, setting: str, **kwargs: Any) -> None:
    if setting == "CHAT":
        get_settings.cache_clear()


setting_changed.connect(_reload)
