"""Protocol 2.3: what an answer to `/init` means, status by status and field by field."""

from __future__ import annotations

import pytest

from kontext_integration.outcomes import InitApplied, InitIgnored
from kontext_integration.wire import MAX_ANSWER_BYTES, decode_init


@pytest.mark.parametrize("status", [200, 201, 299])
def test_2_3_any_2xx_with_a_readable_body_is_applied(status):
    body = b'{"enabled": true, "preloadTimeout": 8000, "reportErrors": false, "reportDebug": true, "new": {}}'

    assert decode_init(status, body) == InitApplied(True, 8000, report_errors=False, report_debug=True)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(204, b"", id="2.3 204"),
        pytest.param(204, b'{"enabled": false}', id="2.3 204 with a body"),
        pytest.param(200, b"", id="2.3 200 empty"),
        pytest.param(205, b"", id="2.3 205 empty"),
        pytest.param(199, b'{"enabled": false}', id="2.3 below 2xx"),
        pytest.param(300, b'{"enabled": false}', id="2.3 above 2xx"),
        pytest.param(304, b'{"enabled": false}', id="2.3 3xx"),
        pytest.param(401, b'{"enabled": false}', id="2.3 4xx"),
        pytest.param(500, b'{"enabled": false}', id="2.3 5xx"),
        pytest.param(100, b'{"enabled": false}', id="2.3 1xx"),
    ],
)
def test_2_3_ignored_without_a_report(status, body):
    assert decode_init(status, body) == InitIgnored(report=None)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b'"x"', b"   ", b"\xff\xfe", '{"enabled": false}'.encode("utf-16"), b'{"enabled": NaN}',
     b"[" * 100_000, b'{"preloadTimeout": ' + b"9" * 5_000 + b"}", b'{"a": "' + b"x" * MAX_ANSWER_BYTES + b'"}'],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_2_3_malformed_is_ignored_and_reported(body):
    answer = decode_init(200, body)

    assert isinstance(answer, InitIgnored)
    assert answer.report.startswith("Malformed answer")


def test_2_3_too_many_requests_after_all_retries_is_reported():
    assert decode_init(429, b'{"enabled": false}') == InitIgnored(report="HTTP 429")


def test_2_3_absent_fields_have_their_defaults():
    assert decode_init(200, b"{}") == InitApplied(True, None, report_errors=True, report_debug=False)


@pytest.mark.parametrize("odd", [b"null", b'"yes"', b'"no"', b"1", b"0", b"[]", b"{}"])
def test_2_3_only_a_real_boolean_flips_a_switch(odd):
    body = b'{"enabled": %b, "reportErrors": %b, "reportDebug": %b}' % (odd, odd, odd)

    assert decode_init(200, body) == InitApplied(True, None, report_errors=True, report_debug=False)


@pytest.mark.parametrize("odd", [b"null", b"true", b'"8000"', b"8000.5", b"0", b"-1", b"1e999", b"1e30", b"[]"])
def test_2_3_an_odd_timeout_is_ignored_alone(odd):
    answer = decode_init(200, b'{"enabled": false, "preloadTimeout": %b}' % odd)

    assert answer == InitApplied(enabled=False, preload_timeout_ms=None)


@pytest.mark.parametrize(("given", "kept"), [(1, 1), (2**31 - 1, 2**31 - 1), (2**31, None)])
def test_2_3_a_timeout_is_kept_when_a_timer_can_take_it(given, kept):
    assert decode_init(200, b'{"preloadTimeout": %d}' % given).preload_timeout_ms == kept


def test_2_3_a_report_says_what_was_wrong_and_nothing_of_the_body():
    assert decode_init(200, b'{"secret').report == "Malformed answer: JSONDecodeError"


def test_2_3_a_whole_number_is_a_timeout_however_it_is_written():
    assert decode_init(200, b'{"preloadTimeout": 8.0e3}').preload_timeout_ms == 8000
