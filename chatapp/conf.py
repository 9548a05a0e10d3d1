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
    """How long the model's endpoint may stay silent before the reply counts as timed out; signs of life without a word
    may last five times as long."""
    max_reply_length: int = 200_000
    """Where a reply that never ends is cut, in characters."""
    frame_interval_ms: int = 40
    """The shortest time between two live frames of one reply."""
    save_interval_ms: int = 500
    """How often what has streamed is saved."""
    stale_after_ms: int = 10_000
    """A reply that was not saved for this long has lost its process: it is marked interrupted."""
    page_size: int = 30
    """How many messages a conversation opens with."""
    demo_words_per_second: float = 18.0
    """The pace of the demo engine."""
    rate_limits: bool = False
    """Whether the `LIMIT_` keys count; `RATE_LIMITS` of the environment sets it, by default on in production."""
    limit_messages_guest: str = "30/minute;1000/day"
    """Messages and retries of a person without an account; several limits are separated by `;`, empty means none."""
    limit_messages_user: str = "30/minute;2000/day"
    """Messages and retries of an account."""
    limit_messages_address: str = "300/minute;20000/day"
    """Messages and retries from one network address; of IPv6, from one /64."""
    limit_sockets_person: str = "240/minute"
    """Sockets that a person opens."""
    limit_sockets_address: str = "2400/minute"
    """Sockets that are opened from one address."""
    limit_beacons_person: str = "600/minute"
    """What a person's pages report of ads and of the browser."""
    limit_beacons_address: str = "6000/minute"
    """The same from one address."""
    limit_exports_person: str = "10/hour"
    """Exports of a person's data."""
    limit_exports_address: str = "100/hour"
    """The same from one address."""
    limit_logins_address: str = "10/minute;100/hour"
    """From one address: attempts to log in, at the admin site too, to sign up, to reset a password."""
    concurrent_replies: int = 200
    """How many replies one process writes at once; further ones wait in a fair queue and are told their place."""
    keep_conversations_days: int | None = None
    """`manage.py prune` deletes a conversation in which nobody has written for so long; None: never."""
    keep_ads_days: int | None = 90
    """`manage.py prune` deletes what is known of ads and their events after so long; None: with the conversation."""


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
