"""Words for what no test can bring about on one machine."""

from __future__ import annotations

import asyncio

import pytest

from kontext_integration.diagnosis.failures import about_failure, is_down
from kontext_integration.diagnosis.findings import Finding
from kontext_integration.diagnosis.watching import Exchange


def silent(**fields: object) -> Exchange:
    exchange = Exchange("https://ads.test/init", 2_000, took_ms=2_000)
    for name, value in fields.items():
        setattr(exchange, name, value)
    return exchange


@pytest.mark.parametrize("failure", [asyncio.CancelledError(), TimeoutError()])
def test_a_firewall_that_swallows_everything(failure: BaseException) -> None:
    exchange = silent(failed_at="connect_tcp", failure=failure)
    assert is_down(exchange)
    assert about_failure("/init", exchange) == Finding(
        "wrong",
        "No connection to ads.test within 2,000 ms.",
        "Look at the firewall: this machine must be allowed to connect there.",
    )


def test_a_failure_that_nobody_watched_is_told_in_the_transport_s_words() -> None:
    found = about_failure("/preload", silent(detail="ReadError: "))
    assert found.what == "/preload got no answer: the connection ended (ReadError: )."


def test_a_host_is_told_with_its_port_and_without_a_password() -> None:
    exchange = silent(url="https://me:secret@ads.test:8443/init", failed_at="connect_tcp", failure=OSError())
    assert about_failure("/init", exchange).what == "Nothing takes connections at ads.test:8443."


def test_an_answer_means_that_it_is_up() -> None:
    assert not is_down(silent(status=500, failed_at="connect_tcp"))
