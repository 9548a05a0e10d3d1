"""The project's settings as the tests want them: fast, offline, the same on every machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from chatapp.settings import *  # noqa: F403

DEBUG = False
SECRET_KEY = "tests"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# A file, as in production: in memory, SQLite would not let one thread wait for another.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
        "TEST": {"NAME": Path(tempfile.gettempdir()) / f"chat-tests-{os.getpid()}.sqlite3"},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "chatapp.layers.InProcessLayer"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
KONTEXT = {
    "PUBLISHER_TOKEN": "test-token",
    "AD_SERVER_URL": "http://ads.test",
    "USER_ID": "chatapp.people.user_id",
}
CHAT = {"ENGINE": "tests.fakes.ScriptedEngine", "FRAME_INTERVAL_MS": 1, "SAVE_INTERVAL_MS": 20}
