"""What the ad server is asked: as the chat would ask it, but on behalf of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..conf import Settings
from ..device import device
from ..entities import Configuration, Options
from ..opening import configuration
from ..ports import Browser
from ..records import DatabaseRecords

WHO = "kontext-check"
"""User, conversation and message of the check, always the same: the ad server meets one more person, not many."""
INSTALL_ID = "01890000-0000-7000-8000-6b6f6e746578"
"""The browser of this person."""


@dataclass(frozen=True, slots=True)
class Question:
    config: Configuration
    options: Options = field(default_factory=Options)
    device: Mapping[str, Any] = field(default_factory=dict)
    forwarded: Mapping[str, str] = field(default_factory=dict)
    """Headers that speak for a browser."""
    timeout_ms: int = 16_000
    """Of one attempt."""
    retries: int = 0
    reports: bool = False
    """Whether `/error` and `/debug` are asked, too: each gets a test report."""


def question_for(
    settings: Settings, *, user_agent: str | None = None, address: str | None = None, **how: Any
) -> Question:
    """The question of a site with these settings; `how`: the other fields of `Question`."""
    headers = {
        "User-Agent": user_agent if settings.forward_user_agent else None,
        "X-Forwarded-For": address if settings.forward_address else None,
    }
    forwarded = {name: value for name, value in headers.items() if value}
    about = device({}, {"user_agent": user_agent} if user_agent else {})
    nobody = Browser(install_id=INSTALL_ID, device=about, consent={}, opted_out=False, forwarded=forwarded)
    return Question(
        config=configuration(settings, WHO, WHO, None),
        options=DatabaseRecords().effective(Options(), nobody),
        device=about,
        forwarded=forwarded,
        **how,
    )
