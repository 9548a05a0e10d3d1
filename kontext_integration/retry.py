"""When a request to the ad server is repeated, and how long one may take (protocol 2.7). The client acts on it."""

from __future__ import annotations

INIT_TIMEOUT_MS = 16_000
"""Per attempt; that of `/preload` is the session's own."""
REPORT_TIMEOUT_MS = 5_000
"""Of `/error` and `/debug`, which are never repeated."""
BACKOFF_MS = (1000, 2000, 4000)
"""The wait before retry 1, 2 and 3; there is no fourth."""

TOO_MANY_REQUESTS = 429


def should_retry(status: int | None, retries_done: int) -> bool:
    """Whether `/init` or `/preload` is sent again. `status` is the HTTP status, `None` a network error or a timeout."""
    return status in (None, TOO_MANY_REQUESTS) and retries_done < len(BACKOFF_MS)


def backoff_ms(retry_number: int) -> int:
    """The wait before this retry in milliseconds; the first retry is number 1."""
    return BACKOFF_MS[retry_number - 1]
