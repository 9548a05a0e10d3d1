"""What an answer to `/preload` means: the decision table of protocol 2.4, row by row.

Row 1 (superseded or destroyed) is the session's to decide: see `state`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from ..entities import Bid, CreativeType
from ..outcomes import PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing, PreloadOutcome
from ..retry import TOO_MANY_REQUESTS
from ..untrusted import canonical_uuid, number, text
from .bodies import decode_object

T = TypeVar("T")

MAX_BIDS = 100
"""An answer with more is malformed. Of each placement one bid counts, and each one becomes an event that is stored."""
_LONGEST_CODE = 200
_CREATIVE_TYPES: tuple[CreativeType, ...] = ("display", "video")


@dataclass(frozen=True, slots=True)
class _Answer:
    """A decoded body; absent and null are the same."""

    session_id: str | None
    bids: tuple[Bid, ...]
    skip: bool | None
    skip_code: str | None
    err_code: str | None
    """Present even when it is an empty string."""
    permanent: bool | None


def request_failed(detail: str) -> PreloadFailed:
    """Row 2: no answer after all retries. `detail` says why, without a word of the conversation."""
    return PreloadFailed(f"Error preloading ads: {detail}", "request_failed", report=detail)


def decide_preload(status: int, body: bytes, *, codes: Collection[str], track_only: bool) -> PreloadOutcome:
    """Rows 2 to 11 for the last answer that came. `codes` are the enabled placement codes."""
    if status == TOO_MANY_REQUESTS:
        return request_failed(f"HTTP {status}")
    if status == 204:
        return PreloadNoFill("unfilled_bid")
    if not 200 <= status < 300:
        return PreloadFailed("Ad generation skipped", "unknown")
    if not body and track_only:
        return PreloadNothing()
    try:
        answer = _decode(body)
    except ValueError as error:
        return request_failed(f"Malformed answer: {type(error).__name__}")
    return _decide(answer, codes, track_only)


def _decide(answer: _Answer, codes: Collection[str], track_only: bool) -> PreloadOutcome:
    session_id = answer.session_id
    if answer.err_code is not None or session_id is None:
        return _error(answer)
    if answer.skip:
        return PreloadNoFill(_given(answer.skip_code, "unknown"), session_id)
    bids = tuple(bid for bid in answer.bids if bid.code in codes)
    if not bids:
        return PreloadNoFill("unfilled_bid", session_id)
    return PreloadNothing(session_id) if track_only else PreloadFilled(session_id, bids)


def _error(answer: _Answer) -> PreloadFailed:
    if answer.permanent:
        err_code = _given(answer.err_code, "session_disabled")
        return PreloadFailed("Session is disabled", err_code, answer.session_id, disables=True)
    return PreloadFailed("Ad generation skipped", _given(answer.err_code, "unknown"), answer.session_id)


def _given(code: str | None, default: str) -> str:
    return default if code is None else code


def _decode(body: bytes) -> _Answer:
    """Raises `ValueError` when the body, or one strict field of it, is not what it has to be."""
    fields = decode_object(body)
    return _Answer(
        session_id=_uuid(fields["sessionId"]) if fields.get("sessionId") is not None else None,
        bids=_bids(_optional(fields, "bids", list) or []),
        skip=_optional(fields, "skip", bool),
        skip_code=text(_optional(fields, "skipCode", str), _LONGEST_CODE),
        err_code=text(_optional(fields, "errCode", str), _LONGEST_CODE),
        permanent=_optional(fields, "permanent", bool),
    )


def _bids(items: list[Any]) -> tuple[Bid, ...]:
    if len(items) > MAX_BIDS:
        raise ValueError("too many bids")
    return tuple(_bid(item) for item in items)


def _bid(item: Any) -> Bid:
    if not isinstance(item, dict) or not isinstance(item.get("code"), str):
        raise ValueError("a bid is an object with a code")
    return Bid(
        bid_id=_uuid(item.get("bidId")),
        code=item["code"],
        revenue=number(item.get("revenue")),
        impression_trigger="component" if item.get("impressionTrigger") == "component" else "immediate",
        creative_type=_creative_type(item),
    )


def _creative_type(bid: dict[str, Any]) -> CreativeType | None:
    om = bid.get("om")
    preferred = om.get("creativeType") if isinstance(om, dict) else None
    given = (preferred, bid.get("creativeType"))
    return next((known for kind in given for known in _CREATIVE_TYPES if kind == known), None)


def _optional(fields: dict[str, Any], name: str, kind: type[T]) -> T | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, kind):
        raise ValueError(f"{name} has a wrong type")
    return value


def _uuid(value: object) -> str:
    canonical = canonical_uuid(value)
    if canonical is None:
        raise ValueError("not a canonical UUID")
    return canonical
