"""The site and its pages for the tests of the browser relay: a plugin of those test modules."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytest_django import Settings

from .fakes import AdServer
from .host import KONTEXT
from .relay_page import Page


@pytest.fixture
def relayed(settings: Settings) -> None:
    """Pages send the requests."""
    settings.KONTEXT = KONTEXT | {"AD_SERVER_URL": "http://ads.test", "TRANSPORT": "browser"}


@pytest.fixture
async def idle_page() -> AsyncIterator[Page]:
    """One that only does what a test makes it do."""
    async with Page().open() as opened:
        yield opened


@pytest.fixture
async def busy_page(server: AdServer) -> AsyncIterator[Page]:
    """One that does what it is called to."""
    async with server.http() as http, Page(http).open() as opened:
        yield opened
