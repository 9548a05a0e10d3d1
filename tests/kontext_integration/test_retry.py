"""Protocol 2.7: what is repeated, how often, and the waits between."""

from __future__ import annotations

import pytest

from kontext_integration.retry import BACKOFF_MS, INIT_TIMEOUT_MS, REPORT_TIMEOUT_MS, backoff_ms, should_retry


@pytest.mark.parametrize("retries_done", [0, 1, 2])
@pytest.mark.parametrize("status", [None, 429], ids=["2.7 network error or timeout", "2.7 429"])
def test_2_7_three_retries_follow_a_lost_or_refused_request(status, retries_done):
    assert should_retry(status, retries_done)


@pytest.mark.parametrize("status", [None, 429])
def test_2_7_there_is_no_fourth_retry(status):
    assert not should_retry(status, 3)


@pytest.mark.parametrize("status", [200, 204, 301, 400, 403, 404, 408, 500, 502, 503, 504])
def test_2_7_no_other_status_is_retried(status):
    assert not should_retry(status, 0)


def test_2_7_backoff_doubles_from_one_second():
    assert [backoff_ms(number) for number in (1, 2, 3)] == [1000, 2000, 4000] == list(BACKOFF_MS)


def test_2_7_timeouts_are_those_of_the_protocol():
    assert (INIT_TIMEOUT_MS, REPORT_TIMEOUT_MS) == (16_000, 5_000)
