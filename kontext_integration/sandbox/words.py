"""The words in the last user message that change what the sandbox answers: the one table of them.

The start page and the documentation show this table. A word counts wherever it stands in the message, as `#late` does
in "Plan a trip #late"; the first one wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FrameMode = Literal["speaks", "silent", "fails"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word and the answer to a preload that ends with it. Without `reply` and `raw` the answer is a fill."""

    text: str
    meaning: str
    status: int = 200
    reply: Mapping[str, object] | None = None
    """The JSON of the answer; the session id is added when `names_session`."""
    names_session: bool = True
    raw: str | None = None
    """The answer as it is, instead of `reply`."""
    delay_s: float = 0.0
    frame: FrameMode = "speaks"
    revenue: float = 0.0
    code: str | None = None
    """The placement code of the bid; None: those of the request."""


WORDS: tuple[Word, ...] = (
    Word("#paid", "Fills with a bid that states a revenue of 0.05; all other house ads state 0.", revenue=0.05),
    Word("#nofill", "No fill: the auction found nothing (unfilled_bid).", reply={"bids": []}),
    Word(
        "#skip", "No fill: the turn is skipped, as pacing does (ad_skipped).",
        reply={"bids": [], "skip": True, "skipCode": "ad_skipped"},
    ),
    Word(
        "#ivt", "No fill: the request looks like invalid traffic (ivt_blocked).",
        reply={"bids": [], "skip": True, "skipCode": "ivt_blocked"},
    ),
    Word("#foreign", "A bid for a placement code that was not asked for; counts as no fill.", code="sandboxForeign"),
    Word(
        "#error", "An error for this turn only (generation_failed).",
        reply={"errCode": "generation_failed", "error": "Generation failed"},
    ),
    Word(
        "#disable", "A permanent error (geo_disabled): no more ads in this session.",
        reply={"errCode": "geo_disabled", "error": "Geo disabled", "permanent": True}, names_session=False,
    ),
    Word("#403", "Status 403; not retried, the session goes on.", status=403, reply={"error": "Forbidden"}),
    Word("#429", "Status 429 on every attempt; retried after 1, 2 and 4 s.", status=429, reply={"error": "Slow down"}),
    Word("#500", "Status 500; not retried, the session goes on.", status=500, reply={"error": "Server error"}),
    Word("#204", "Status 204 without a body; counts as no fill.", status=204, raw=""),
    Word("#empty", "Status 200 with zero bytes; an error (request_failed).", raw=""),
    Word("#malformed", "Status 200 with broken JSON; an error (request_failed).", raw='{"sessionId": "'),
    Word(
        "#badbid", "One bid whose id is not a UUID, which spoils the whole answer (request_failed).",
        reply={"bids": [{"bidId": "not-a-uuid", "code": "inlineAd"}]},
    ),
    Word("#late", "Fills, but only after 3 s: later than a short reply.", delay_s=3.0),
    Word("#hang", "Never answers, until the client gives up.", delay_s=math.inf),
    Word("#noframe", "Fills, but the frame never says init-iframe: nothing may show.", frame="silent"),
    Word("#errorframe", "Fills, but the frame answers the host with error-iframe.", frame="fails"),
)  # fmt: skip

_BY_TEXT = {word.text: word for word in WORDS}


def find_word(message: str) -> Word | None:
    """The first word of the table in a message, in any case; None: the message has none."""
    found = (_BY_TEXT.get(token.lower()) for token in re.findall(r"#\w+", message))
    return next((word for word in found if word is not None), None)
