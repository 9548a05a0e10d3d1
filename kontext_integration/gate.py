"""Consent first: whose requests may leave for the ad server, and how long one waits for a signal (protocol 7.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from . import regulatory

if TYPE_CHECKING:
    from .entities import Options
    from .ports import Browser

FIRST_PAUSE_MS = 250
LONGEST_PAUSE_MS = 1000
"""A signal may come to any process, from the page or from the publisher, so it is looked for: less and less often."""
NO_CONSENT = "no_consent"
"""Our own skipCode: the publisher wants consent first, and none came in time."""
_DOES_NOT_APPLY = "1---"

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
    policy: ConsentPolicy,
    known: Facts,
    look: Callable[[], Awaitable[Facts | None]],
    sleep: Callable[[float], Awaitable[None]],
) -> Facts | None:
    """The facts with which a request may be sent; None: it may not. Waits for a signal as long as the policy says.

    `look` gives the newest facts, or None when nobody wants the request any more; `sleep` takes seconds.
    """
    if not policy.first:
        return known
    newest: Facts | None = known
    for pause in pauses(policy.timeout_ms):
        if newest is None or has_signal(*newest):
            return newest
        await sleep(pause / 1000)
        newest = await look()
    return newest if newest and (has_signal(*newest) or policy.default == "send") else None


def pauses(timeout_ms: int) -> Iterator[int]:
    """The waits between two looks in milliseconds: longer and longer, together the time-out."""
    pause = FIRST_PAUSE_MS
    while timeout_ms > 0:
        yield min(pause, timeout_ms)
        timeout_ms -= pause
        pause = min(2 * pause, LONGEST_PAUSE_MS)


def has_signal(browser: Browser, options: Options) -> bool:
    """Whether this person was asked and has answered, or need not be asked.

    Two may say so: the page, and the publisher with `update_options(regulatory=...)`, merged as for a request. The
    setting `REGULATORY` says nothing about a person, and Global Privacy Control is no answer to a question.

    While GDPR applies, only a TCF string counts: without one the person was asked and has not answered. Else any of
    these does: that GDPR does not apply, a TCF string, a GPP string and a US Privacy string. The last two count only
    where their law applies: that an American law does not apply tells nothing about the European one.
    """
    given = options.regulatory
    signals = regulatory.merge(regulatory.from_entity(given) if given else {}, browser.consent)
    if "gdprConsent" in signals or signals.get("gdpr") == 1:
        return "gdprConsent" in signals
    has_gpp = "gpp" in signals and signals.get("gppSid") != []
    return "gdpr" in signals or has_gpp or signals.get("usPrivacy", _DOES_NOT_APPLY) != _DOES_NOT_APPLY
