from __future__ import annotations

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def without_ads(settings: Settings) -> None:
    """The chat by itself. Its tests with ads switch them on again."""
    settings.KONTEXT = settings.KONTEXT | {"PUBLISHER_TOKEN": ""}
