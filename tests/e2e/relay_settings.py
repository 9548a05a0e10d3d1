"""The project's settings where pages send the requests to the ad server: as in development, but in a hurry."""

from __future__ import annotations

from chatapp.settings import *  # noqa: F403

CHAT = {"DEMO_WORDS_PER_SECOND": 400.0}
