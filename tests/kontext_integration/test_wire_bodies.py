"""Protocol 2.2: JSON bodies to and from bytes, to the last one."""

from __future__ import annotations

import math

import pytest

from kontext_integration.outcomes import InitApplied, InitIgnored
from kontext_integration.wire import MAX_ANSWER_BYTES, decode_init, encode


def test_2_2_a_body_is_short_and_plain_ascii():
    assert encode({"text": "ü😀\ud800", "list": [1, 0.5, True]}) == (
        b'{"text":"\\u00fc\\ud83d\\ude00\\ud800","list":[1,0.5,true]}'
    )


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_2_2_a_number_that_json_does_not_know_is_never_written(number):
    with pytest.raises(ValueError, match="JSON"):
        encode({"number": number})


@pytest.mark.parametrize(("extra", "kind"), [(0, InitApplied), (1, InitIgnored)])
def test_2_3_an_answer_of_a_million_bytes_is_read_and_a_longer_one_is_not(extra, kind):
    start = b'{"enabled": true, "more": "'
    body = start + b"x" * (1_000_000 - len(start) - 2 + extra) + b'"}'

    assert len(body) == MAX_ANSWER_BYTES + extra
    assert isinstance(decode_init(200, body), kind)
