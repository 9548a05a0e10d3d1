"""Values that the tests of the core share: one conversation, its messages, bids and a session."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from kontext_integration.entities import Bid, Configuration, Message
from kontext_integration.outcomes import PreloadFilled
from kontext_integration.state import Emit, SessionState, StartPreload
from kontext_integration.wire import decide_preload

START = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
INSTALL_ID = "01890000-0000-7000-8000-000000000001"
SESSION_ID = "33333333-3333-3333-3333-333333333333"
BID_ID = "11111111-1111-1111-1111-111111111111"
OTHER_BID_ID = "22222222-2222-2222-2222-222222222222"
BID = Bid(BID_ID, "inlineAd", 0.05)
FILLED = PreloadFilled(SESSION_ID, (BID,))
WIRE_BID = {"bidId": BID_ID, "code": "inlineAd", "revenue": 0.05}
CODES = ("inlineAd", "banner")


def decide(given, *, status=200, track_only=False):
    """What an answer to `/preload` means; `given` is its body, as bytes or as what becomes JSON."""
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    return decide_preload(status, body, codes=CODES, track_only=track_only)


def answer(**fields):
    return {"sessionId": SESSION_ID, "bids": [WIRE_BID], **fields}


def configuration(**changes):
    return Configuration(**{"publisher_token": "tok", "user_id": "user", "conversation_id": "conv", **changes})


def session(**changes):
    return SessionState(configuration(), INSTALL_ID, **changes)


def message(message_id):
    """`u…` is the user's, everything else the assistant's."""
    role = "user" if message_id.startswith("u") else "assistant"
    digits = "".join(filter(str.isdigit, message_id))
    return Message(message_id, role, f"text of {message_id}", START + timedelta(seconds=int(digits or 0)))


def add(state, *message_ids, track_only=False):
    """Adds the messages; the effects of the last one."""
    return [state.add_message(message(each), track_only=track_only) for each in message_ids][-1]


def send(state, message_id, *, track_only=False):
    """A user message whose debounce has passed; the number of its preload, now in flight."""
    sequence = only(StartPreload, add(state, message_id, track_only=track_only)).sequence
    assert state.begin_preload(sequence) is not None
    return sequence


def turn(state, user_id, assistant_id, outcome=FILLED):
    """A whole turn: the user's message, the answer of the ad server, the reply."""
    state.apply_preload(send(state, user_id), outcome)
    return add(state, assistant_id)


def every(kind, effects):
    return [effect for effect in effects if isinstance(effect, kind)]


def only(kind, effects):
    (effect,) = every(kind, effects)
    return effect


def events(effects):
    return [effect.event for effect in every(Emit, effects)]


def linked(state):
    return {message_id: link.sequence for message_id, link in state.links.items()}
