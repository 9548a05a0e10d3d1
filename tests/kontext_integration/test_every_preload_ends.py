"""Protocol 5.1: a preload that was begun has an outcome, even if our own code or a transport fails."""

from __future__ import annotations

from typing import Any

import pytest

from kontext_integration.ports import Browser
from kontext_integration.records import DatabaseRecords

from .fakes import Heard, Process, user

pytestmark = pytest.mark.django_db(transaction=True)


class BrokenTransport:
    async def post(self, request: Any) -> Any:
        raise RuntimeError("a private text")


class BrokenRecords(DatabaseRecords):
    def effective(self, options: Any, browser: Browser) -> Any:
        raise KeyError("a private text")


async def test_5_1_a_transport_that_raises_is_a_failed_request(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    process = Process(transport=BrokenTransport())
    await (await process.get()).add_message(user(1))
    await process.idle()
    assert [(name, given["event"].err_code) for name, given in heard] == [("ad.error", "request_failed")]
    assert "a private text" not in caplog.text


async def test_5_1_a_mistake_of_our_own_is_a_failed_request(heard: Heard) -> None:
    process = Process()
    process.sessions._records = BrokenRecords()
    await (await process.get()).add_message(user(1))
    await process.idle()
    assert [(name, given["event"].err_code) for name, given in heard] == [("ad.error", "request_failed")]
