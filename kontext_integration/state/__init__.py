"""The session rules of protocol 4, pure and serialisable: `SessionState` and the effects of its transitions."""

from __future__ import annotations

from .effects import (
    CancelInit,
    CancelPreload,
    Debug,
    Effect,
    Emit,
    PreloadStart,
    Report,
    SlotAssigned,
    SlotReleased,
    StartPreload,
    TellAds,
)
from .record import DEBOUNCE_MS, DEFAULT_PRELOAD_TIMEOUT_MS, MAX_ADS, MAX_MESSAGES, Link, PendingPreload, Preload
from .session import SessionState

__all__ = [
    "DEBOUNCE_MS",
    "DEFAULT_PRELOAD_TIMEOUT_MS",
    "MAX_ADS",
    "MAX_MESSAGES",
    "CancelInit",
    "CancelPreload",
    "Debug",
    "Effect",
    "Emit",
    "Link",
    "PendingPreload",
    "Preload",
    "PreloadStart",
    "Report",
    "SessionState",
    "SlotAssigned",
    "SlotReleased",
    "StartPreload",
    "TellAds",
]
