"""The settings of the other servers, with an address that never answers."""

from __future__ import annotations

from tests.e2e.cluster_settings import *  # noqa: F403

ROOT_URLCONF = "tests.e2e.waiting_urls"
