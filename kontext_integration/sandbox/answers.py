"""What the sandbox answers to a request that keeps the rules (protocol 2.3 to 2.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from .control import Control
from .log import shorten
from .rules import DISABLED_HEADER
from .store import Bid, Store
from .topics import choose
from .turns import Carrier, Turn

_LONGEST_GREETING = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome` and `ids` are for the log; `delay_s` comes before the answer, whose bytes travel by `carrier`."""

    outcome: str
    body: bytes
    status: int = 200
    delay_s: float = 0.0
    content_type: str = "application/json"
    carrier: Carrier = "plain"
    ids: str = ""


def answer(path: str, headers: Mapping[str, str], body: dict[str, Any], store: Store, control: Control) -> Answer:
    """The answer to a valid request, as `control` decides it; bids and session ids are kept in `store`."""
    match path:
        case "/init":
            return _answer_init(control)
        case "/preload":
            return _answer_preload(body, store, control, track_only=headers[DISABLED_HEADER] == "1")
        case "/error":
            return Answer(f"error report from {_label(body.get('stack'))}", b"{}")
        case _:
            return Answer(f"debug report {_label(body['name'])}", b"{}")


def _answer_init(control: Control) -> Answer:
    init = control.init()
    return Answer(f"session {init.name}", init.body.encode(), init.status, init.delay_s)


def _answer_preload(body: dict[str, Any], store: Store, control: Control, *, track_only: bool) -> Answer:
    key = (body["publisherToken"], body["userId"], body["conversationId"])
    session_id = store.session_id(key, body.get("sessionId"))
    turn = control.turn(body["messages"][-1]["content"], track_only=track_only)
    bids = _bids(body, turn) if turn.fills else []
    for bid in bids:
        store.add_bid(bid)
    return Answer(
        " ".join(filter(None, [_label_of(turn, bids), *turn.words])),
        _content(turn, session_id, bids),
        turn.status,
        turn.delay_s,
        turn.content_type,
        turn.carrier,
        shorten(conversation=body["conversationId"], session=session_id, bid=bids[0].bid_id if bids else ""),
    )


def _content(turn: Turn, session_id: str, bids: list[Bid]) -> bytes:
    if turn.raw is not None:
        return turn.raw
    session = {"sessionId": session_id} if turn.names_session else {}
    fill = {"bids": [_bid_json(bid, turn) for bid in bids]} | dict(turn.beside)
    return json.dumps(session | (fill if turn.reply is None else dict(turn.reply))).encode()


def _label_of(turn: Turn, bids: list[Bid]) -> str:
    if bids:
        return f"fill {bids[0].creative.name} {turn.format}"
    return " ".join(str(turn.reply[name]) for name in ("skipCode", "errCode") if turn.reply and turn.reply.get(name))


def _bids(body: dict[str, Any], turn: Turn) -> list[Bid]:
    """The bids of a fill: for the placement of the turn, else for those of the request."""
    messages = body["messages"]
    creative = choose([message["content"] for message in messages])
    message_ids = tuple(message["id"] for message in messages)
    greeting = str(body.get("character", {}).get("greeting", ""))[:_LONGEST_GREETING]
    codes = [turn.code] if turn.code else list(dict.fromkeys(body["enabledPlacementCodes"]))
    look = (turn.frame, turn.format, turn.modal, turn.modal_error, greeting)
    return [Bid(str(uuid4()), code, creative, message_ids, *look) for code in codes for _ in range(turn.copies)]


def _bid_json(bid: Bid, turn: Turn) -> dict[str, object]:
    return {
        "bidId": bid.bid_id,
        "code": bid.code,
        "revenue": 0.0,
        "impressionTrigger": "component" if bid.format == "interstitial" else "immediate",
        "om": {"creativeType": "video" if bid.format == "video" else "display"},
        **turn.bid,
    }


def _label(text: str | None) -> str:
    return repr(text[:60]) if text else "an unnamed place"
