"""What Django and Channels cannot do without."""

from __future__ import annotations

SECRET_KEY = "bare"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["daphne", "channels"]
ASGI_APPLICATION = "benchmarks.bare.asgi.application"
ROOT_URLCONF = "benchmarks.bare.asgi"
USE_TZ = True
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"httpx": {"level": "WARNING"}}}
"""As in the chat: no line for every request of the client."""
