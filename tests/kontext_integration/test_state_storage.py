"""Protocol 4.10: a session survives its process."""

from __future__ import annotations

import json

import pytest

from kontext_integration.entities import App, Bid, Character, Options, Regulatory, SdkIdentity
from kontext_integration.exceptions import CorruptStateError
from kontext_integration.outcomes import InitApplied, PreloadFilled
from kontext_integration.state import (
    SessionState,
)

from .builders import (
    BID_ID,
    INSTALL_ID,
    OTHER_BID_ID,
    SESSION_ID,
    add,
    configuration,
    send,
    session,
    turn,
)


def full_session():
    config = configuration(
        enabled_placement_codes=("b", "inlineAd"),
        character=Character("c", "Luna", "https://example.com/l.png", tags=("calm",), is_nsfw=False),
        sdk=SdkIdentity(version="4.9"),
        app=App("chat.example.com", "1"),
    )
    options = Options("A", Regulatory(1, "CPX", 0, "DBA", (7, 8), "1YNN"), "a@example.com", "ad", "vendor")
    state = SessionState(config, INSTALL_ID, options)
    turn(state, "u1", "a2")
    state.create_ad("a2", "inlineAd")
    send(state, "u3", track_only=True)
    add(state, "u4")
    return state


def smallest_session():
    return session()


def half_known_session():
    """What may be unknown on its own is unknown, and a bid waits for its reply."""
    config = configuration(character=Character("c", "Luna", "https://example.com/l.png"))
    state = SessionState(config, INSTALL_ID, Options(regulatory=Regulatory(gdpr=0)))
    state.begin_init()
    state.apply_init(InitApplied(preload_timeout_ms=8000, report_errors=False, report_debug=True))
    bids = (Bid(BID_ID, "inlineAd"), Bid(OTHER_BID_ID, "banner", 0.5, "component", "video"))
    state.apply_preload(send(state, "u1"), PreloadFilled(SESSION_ID, bids))
    return state


def destroyed_session():
    state = full_session()
    state.destroy()
    return state


@pytest.mark.parametrize("make", [full_session, smallest_session, half_known_session, destroyed_session])
def test_4_10_a_session_survives_a_restart_whole(make):
    state = make()

    assert SessionState.from_dict(json.loads(json.dumps(state.to_dict()))) == state


def test_4_10_ads_that_were_stored_in_another_order_are_read_as_they_stand():
    stored = {**session().to_dict(), "ads": [["a1", "banner"], ["a9", "inlineAd"]]}

    assert SessionState.from_dict(stored).ads == [("a1", "banner"), ("a9", "inlineAd")]


def test_4_10_writing_is_stable():
    state = full_session()

    assert SessionState.from_dict(state.to_dict()).to_dict() == state.to_dict()


@pytest.mark.parametrize("name", list(session().to_dict()))
def test_4_10_a_stored_session_with_a_hole_is_corrupt(name):
    stored = full_session().to_dict()
    del stored[name]

    with pytest.raises(CorruptStateError):
        SessionState.from_dict(stored)


@pytest.mark.parametrize(
    "damage",
    [{"config": None}, {"messages": [{}]}, {"messages": [{"id": "m", "role": "x", "content": "", "createdAt": "?"}]},
     {"links": []}, {"preload": {"sequence": 1}}, {"ads": [["a"]]}, {"options": {"unknown": 1}}],
    ids=str,
)  # fmt: skip
def test_4_10_a_damaged_stored_session_is_corrupt(damage):
    with pytest.raises(CorruptStateError):
        SessionState.from_dict({**full_session().to_dict(), **damage})
