"""The project's settings for the browser tests: everything as in development."""

from __future__ import annotations

from chatapp.settings import *  # noqa: F403

CHAT = {"PAGE_SIZE": 10}
