"""Which browser the tests drive."""

from __future__ import annotations

import shutil

_NAMES = ("chromium", "google-chrome", "chromium-browser")


def chromium() -> str | None:
    """The path of a Chromium found on PATH; None: Playwright's own."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
