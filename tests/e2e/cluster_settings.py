"""The project's settings as in production, for the servers of the tests: static files in a folder of their own, and
nobody is limited. `TEST_MAX_PAGES` is how large an SQLite database may grow."""

from __future__ import annotations

from chatapp.settings import *  # noqa: F403
from chatapp.settings import DATABASES, env

STATIC_ROOT = env.str("TEST_STATIC_ROOT")
CHAT = {"RATE_LIMITS": False, "PAGE_SIZE": 50}
if env.int("TEST_MAX_PAGES", 0):
    DATABASES["default"]["OPTIONS"]["init_command"] += f" PRAGMA max_page_count = {env.int('TEST_MAX_PAGES')};"
