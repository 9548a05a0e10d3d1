"""Consent first: whose requests may leave for the ad server, and how long one waits for a signal (protocol 7.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .entities import Options
    from .ports import Browser

POLL_MS = 250
"""How often it is looked whether a signal has come: to whichever process, from the page or from the publisher."""
NO_CONSENT = "no_consent"
"""Our own skipCode: the publisher wants consent first, and none came in time."""
SIGNALS = frozenset({"gdpr", "gdprConsent", "gpp", "usPrivacy"})
"""Any of them shows that the person was asked, or need not be."""

Facts = tuple["Browser", "Options"]
"""The person's browser and the session's options."""


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """What the publisher wants (`CONSENT_FIRST`, `CONSENT_TIMEOUT_MS`, `CONSENT_DEFAULT`)."""

    first: bool = False
    timeout_ms: int = 0
    default: Literal["hold", "send"] = "hold"
    """What happens when no signal has come in time."""


async def consented(
    policy: ConsentPolicy, known: Facts, look: Callable[[], Awaitable[Facts]], sleep: Callable[[float], Awaitable[None]]
) -> Facts | None:
    """The facts with which a request may be sent; None: it may not. Waits for a signal as long as the policy says.

    `look` gives the newest facts.
    """
    if not policy.first:
        return known
    for _ in range(0, policy.timeout_ms, POLL_MS):
        if _is_given(*known):
            return known
        await sleep(POLL_MS / 1000)
        known = await look()
    return known if _is_given(*known) or policy.default == "send" else None


def _is_given(browser: Browser, options: Options) -> bool:
    given = options.regulatory
    told = (given.gdpr, given.gdpr_consent, given.gpp, given.us_privacy) if given else ()
    return any(signal is not None for signal in told) or not SIGNALS.isdisjoint(browser.consent)
