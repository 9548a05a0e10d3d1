from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from chatapp import broadcasts, database, fragments


@pytest.fixture(autouse=True)
def without_ads(settings: Settings) -> None:
    """The chat by itself. Its tests with ads switch them on again."""
    settings.KONTEXT = settings.KONTEXT | {"PUBLISHER_TOKEN": ""}


@pytest.fixture(autouse=True)
def recovered() -> Iterator[None]:
    """What one test has broken the next one finds whole."""
    yield
    for outage in (broadcasts.outage, database.outage, fragments.outage):
        outage.forget()
