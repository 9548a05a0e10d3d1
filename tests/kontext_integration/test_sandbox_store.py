from __future__ import annotations

from kontext_integration.sandbox.creatives import GENERAL
from kontext_integration.sandbox.store import Bid, Store

OFFERED = "f8b7be0f-4c3d-4d5a-9d5f-3e4f5a6b7c8d"


def bid(bid_id: str) -> Bid:
    return Bid(bid_id, "inlineAd", GENERAL, (), "speaks")


def test_a_session_keeps_its_id() -> None:
    store = Store()
    assert store.session_id(("t", "u", "c"), None) == store.session_id(("t", "u", "c"), None)


def test_another_token_person_or_conversation_is_another_session() -> None:
    store = Store()
    keys = [("t", "u", "c"), ("x", "u", "c"), ("t", "x", "c"), ("t", "u", "x")]
    assert len({store.session_id(key, None) for key in keys}) == 4


def test_an_id_from_before_a_restart_is_taken_over() -> None:
    assert Store().session_id(("t", "u", "c"), OFFERED) == OFFERED


def test_the_oldest_bids_are_forgotten() -> None:
    store = Store(limit=2)
    for bid_id in ("1", "2", "3"):
        store.add_bid(bid(bid_id))
    assert [store.bid(bid_id) is not None for bid_id in ("1", "2", "3")] == [False, True, True]


def test_the_session_used_longest_ago_is_forgotten() -> None:
    store = Store(limit=2)
    first, second = (store.session_id(("t", "u", name), None) for name in ("1", "2"))
    store.session_id(("t", "u", "1"), None)
    store.session_id(("t", "u", "3"), None)
    assert store.session_id(("t", "u", "1"), None) == first
    assert store.session_id(("t", "u", "2"), None) != second
