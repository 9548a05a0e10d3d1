"""What the SDK's client makes of every answer to /init."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kontext_integration.outcomes import InitAnswer, InitApplied, InitIgnored
from kontext_integration.sandbox.defaults import read_defaults
from kontext_integration.sandbox.inits import INITS

from .sandbox_publisher import FORWARDED, INSTALL_ID, Publisher, publishing


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with publishing() as running:
        yield running


INITS_ANSWERS: dict[str, InitAnswer | str] = {
    "enabled": InitApplied(enabled=True, preload_timeout_ms=16_000, report_errors=True, report_debug=True),
    "disabled": InitApplied(enabled=False, preload_timeout_ms=None, report_errors=True, report_debug=False),
    "quiet": InitApplied(enabled=True, preload_timeout_ms=None, report_errors=False, report_debug=False),
    "short": InitApplied(enabled=True, preload_timeout_ms=2_000, report_errors=True, report_debug=False),
    "bare": InitApplied(enabled=True, preload_timeout_ms=None, report_errors=True, report_debug=False),
    "odd": InitApplied(enabled=True, preload_timeout_ms=None, report_errors=True, report_debug=False),
    "204": "ignored",
    "empty": "ignored",
    "malformed": "reported",
    "403": "ignored",
    "429": "reported",
    "500": "ignored",
}


@pytest.mark.parametrize(("name", "expected"), INITS_ANSWERS.items())
async def test_every_answer_to_init_is_understood(publisher: Publisher, name: str, expected: InitAnswer | str) -> None:
    publisher.sandbox.control.defaults = read_defaults({"init": name})
    answer = await publisher.client.init(publisher.config, install_id=INSTALL_ID, forwarded=FORWARDED)
    if isinstance(expected, str):
        assert isinstance(answer, InitIgnored)
        assert bool(answer.report) == (expected == "reported")
    else:
        assert answer == expected


def test_every_answer_to_init_is_among_those() -> None:
    assert {*INITS_ANSWERS, "hang"} == {init.name for init in INITS}
