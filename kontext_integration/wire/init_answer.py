"""What an answer to `/init` means (protocol 2.3). Tolerant by field: an odd one hides no `enabled: false`."""

from __future__ import annotations

from ..outcomes import InitAnswer, InitApplied, InitIgnored
from ..retry import TOO_MANY_REQUESTS
from ..untrusted import flag, number
from .bodies import decode_object

_LONGEST_TIMEOUT_MS = 2**31 - 1


def decode_init(status: int, body: bytes) -> InitAnswer:
    """The answer, or why there is none. A network error has no status: that is `InitIgnored(report=detail)`."""
    if status == TOO_MANY_REQUESTS:
        return InitIgnored(report=f"HTTP {status}")
    if not 200 <= status < 300 or status == 204 or not body:
        return InitIgnored()
    try:
        answer = decode_object(body)
    except ValueError as error:
        return InitIgnored(report=f"Malformed answer: {type(error).__name__}")
    return InitApplied(
        enabled=flag(answer.get("enabled"), default=True),
        preload_timeout_ms=_timeout_ms(answer.get("preloadTimeout")),
        report_errors=flag(answer.get("reportErrors"), default=True),
        report_debug=flag(answer.get("reportDebug"), default=False),
    )


def _timeout_ms(value: object) -> int | None:
    milliseconds = number(value)
    if milliseconds is None or not milliseconds.is_integer() or not 0 < milliseconds <= _LONGEST_TIMEOUT_MS:
        return None
    return int(milliseconds)
