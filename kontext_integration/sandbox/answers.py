"""What the sandbox answers to a request that keeps the rules (protocol 2.3 to 2.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .rules import DISABLED_HEADER
from .store import Bid, Store
from .topics import choose
from .words import Word, find_word

PLAIN_FILL = Word("", "A fill with the creative that suits the conversation.")


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome` is what the log and the start page say; `body` None means no body at all; `delay_s` comes before it."""

    outcome: str
    body: str | None
    status: int = 200
    delay_s: float = 0.0


def answer(path: str, headers: Mapping[str, str], body: dict[str, Any], store: Store) -> Answer:
    """The answer to a valid request; bids and session ids are kept in `store`."""
    match path:
        case "/init":
            return answer_init()
        case "/preload":
            return answer_preload(body, store, track_only=headers[DISABLED_HEADER] == "1")
        case "/error":
            return Answer(f"error report from {_label(body.get('stack'))}", "{}")
        case _:
            return Answer(f"debug report {_label(body['name'])}", "{}")


def answer_init() -> Answer:
    """Everything on, `/debug` too (the real server's default is off), so that it is exercised during development."""
    return _json(
        "session enabled", {"enabled": True, "preloadTimeout": 16_000, "reportErrors": True, "reportDebug": True}
    )


def answer_preload(body: dict[str, Any], store: Store, *, track_only: bool) -> Answer:
    """A word in the last user message decides; else a track-only turn is skipped; else the turn is filled."""
    session_id = store.session_id(
        (body["publisherToken"], body["userId"], body["conversationId"]), body.get("sessionId")
    )
    word = find_word(body["messages"][-1]["content"])
    if word is None and track_only:
        return _json(
            "skip ads_disabled (track only)",
            {"sessionId": session_id, "bids": [], "skip": True, "skipCode": "ads_disabled"},
        )
    word = word or PLAIN_FILL
    if word.raw is not None:
        return Answer(word.text, word.raw or None, word.status)
    if word.reply is not None:
        session = {"sessionId": session_id} if word.names_session else {}
        return _json(word.text, session | dict(word.reply), word.status)
    return _fill(body, store, word, session_id)


def _fill(body: dict[str, Any], store: Store, word: Word, session_id: str) -> Answer:
    messages = body["messages"]
    creative = choose([message["content"] for message in messages])
    message_ids = tuple(message["id"] for message in messages)
    bids = []
    for code in [word.code] if word.code else dict.fromkeys(body["enabledPlacementCodes"]):
        bid = Bid(str(uuid4()), code, creative, message_ids, word.frame)
        store.add_bid(bid)
        bids.append(_bid_json(bid, word.revenue))
    return _json(
        f"fill {creative.name} {word.text}".strip(), {"sessionId": session_id, "bids": bids}, delay_s=word.delay_s
    )


def _bid_json(bid: Bid, revenue: float) -> dict[str, object]:
    return {
        "bidId": bid.bid_id,
        "code": bid.code,
        "revenue": revenue,
        "impressionTrigger": "immediate",
        "om": {"creativeType": "display"},
    }


def _json(outcome: str, body: Mapping[str, object], status: int = 200, delay_s: float = 0.0) -> Answer:
    return Answer(outcome, json.dumps(body), status, delay_s)


def _label(text: str | None) -> str:
    return repr(text[:60]) if text else "an unnamed place"
