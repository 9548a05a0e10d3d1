"""The project's settings as in production, for a model that breaks: it may be silent for three seconds."""

from __future__ import annotations

from tests.e2e.cluster_settings import *  # noqa: F403
from tests.e2e.cluster_settings import CHAT as _CHAT

READ_TIMEOUT_S = 3
CHAT = _CHAT | {"READ_TIMEOUT_MS": READ_TIMEOUT_S * 1000, "CONNECT_TIMEOUT_MS": 10_000}
