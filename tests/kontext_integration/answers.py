"""What an ad server may answer, for tests that make up whole lives: every row of the table of protocol 2.4.

An answer is made with `bid_ids`, an iterator of UUIDs never used before, so that no bid is mistaken for another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .reference import MALFORMED

FIRST, SECOND, THIRD = (f"{digit * 8}-0000-4000-8000-{digit * 12}" for digit in "123")
BidIds = Iterator[str]


@dataclass(frozen=True)
class Answer:
    status: int | None
    """None: a network error or a timeout."""
    body: bytes
    document: Any
    """What the body says: a dict, `MALFORMED`, or None when there is none."""


Script = Callable[[BidIds], Answer]


def sends(status: int | None, body: bytes = b"", document: object = None) -> Script:
    return lambda bid_ids: Answer(status, body, document)


def says(*codes: str, **fields: Any) -> Script:
    """A readable answer with a bid for each of these placement codes."""

    def answer(bid_ids: BidIds) -> Answer:
        bids = [{"bidId": next(bid_ids), "code": code, "revenue": 0.5} for code in codes]
        document = {"bids": bids, **fields} if codes else fields
        return Answer(200, json.dumps(document).encode(), document)

    return answer


FILLS = [
    says("inlineAd", sessionId=FIRST),
    says("banner", "inlineAd", sessionId=SECOND),
    says("inlineAd", "foreign", "inlineAd", sessionId=FIRST, permanent=True),
]
"""Rows 10 and 11."""
ENDINGS = [
    sends(None),
    sends(429),
    sends(204),
    sends(403, b'{"errCode": "x", "permanent": true}'),
    sends(500),
    sends(200),
    sends(200, b"{", MALFORMED),
    sends(200, b'{"sessionId": "1", "bids": []}', MALFORMED),
    says("inlineAd", sessionId=THIRD, errCode="generation_failed"),
    says("inlineAd"),
    says(skip=True, skipCode="ad_skipped"),
    says("inlineAd", sessionId=SECOND, skip=True, skipCode="ad_skipped"),
    says(sessionId=THIRD, skip=True),
    says(sessionId=THIRD, bids=None),
    says("foreign", sessionId=SECOND),
]
"""Rows 2 to 5 and 7 to 9."""
FATAL = [says(errCode="geo_disabled", permanent=True), says("inlineAd", permanent=True, skip=True)]
"""Row 6."""
INITS = [
    says(preloadTimeout=8000, reportErrors=False, reportDebug=True),
    says(enabled=True),
    sends(None),
    sends(429),
    sends(204),
    sends(200),
    sends(200, b"[]", MALFORMED),
    sends(500, b'{"enabled": false}'),
]
INIT_FATAL = says(enabled=False, preloadTimeout=1, reportErrors=False)
