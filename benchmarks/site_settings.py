"""The project's settings for the benchmarks: as in production, but without static files, which nobody asks for."""

from __future__ import annotations

from chatapp.settings import *  # noqa: F403
from chatapp.settings import STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
