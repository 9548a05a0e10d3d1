"""Answers that nobody would send by mistake, for fuzzing: wrong types, sizes, encodings, and texts that are no JSON."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from .builders import BID_ID, OTHER_BID_ID, SESSION_ID, WIRE_BID

FIELDS = ["sessionId", "bids", "skip", "skipCode", "errCode", "permanent", "error",
          "enabled", "preloadTimeout", "reportErrors", "reportDebug"]  # fmt: skip
BID_FIELDS = ["bidId", "code", "revenue", "impressionTrigger", "om", "creativeType", "skan"]
SECRET = "a-word-of-the-conversation"
CHARSETS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp037"]

GOOD = {
    "sessionId": SESSION_ID,
    "bids": [WIRE_BID, {"bidId": OTHER_BID_ID, "code": "banner", "om": {"creativeType": "video"}}],
    "skip": False,
    "enabled": True,
    "preloadTimeout": 8000,
    "reportErrors": False,
    "reportDebug": True,
}
"""Fits both endpoints."""

texts = (
    st.text(st.characters(), max_size=30)
    | st.sampled_from(["\ud800", "\0", "x" * 5_000, SECRET])
    | st.sampled_from([SESSION_ID, SESSION_ID.upper(), f"{{{BID_ID}}}", BID_ID.replace("-", ""), "inlineAd", "video"])
)
numbers = st.integers() | st.floats() | st.sampled_from([10**300, -(10**300), 2**63, 1e308, -0.0, 8000, 8000.0])
plain = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)
bids = st.lists(
    st.dictionaries(st.sampled_from(BID_FIELDS), anything, max_size=2).map(lambda changes: {**WIRE_BID, **changes}),
    max_size=4,
)
nearly_good = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=2).map(lambda changes: {**GOOD, **changes})
documents = nearly_good | bids.map(lambda some: {**GOOD, "bids": some}) | anything


def bodies():
    """Any JSON, in any charset, whole or cut or with something else in its midst, and bytes that never were any."""
    encoded = st.builds(_encoded, documents, st.just("utf-8") | st.sampled_from(CHARSETS), st.booleans())
    broken = st.builds(_broken, encoded, st.integers(0, 400), st.integers(0, 40), st.binary(max_size=20))
    return encoded | broken | st.binary(max_size=200) | st.builds(_repeating, anything, anything)


def _encoded(document, charset, escaped):
    """NaN and Infinity are written as Python writes them, half surrogates as they are."""
    return json.dumps(document, ensure_ascii=escaped).encode(
        charset, "surrogatepass" if "utf-" in charset else "replace"
    )


def _broken(body, at, length, other):
    return body[:at] + other + body[at + length :]


def _repeating(first, second):
    """The same keys twice."""
    pairs = [(name, value) for value in (first, second) for name in FIELDS]
    return ("{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}").encode()
