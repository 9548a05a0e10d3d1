"""Slots as pages look them up, and events as frames report them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from kontext_integration import signals, store
from kontext_integration.events import AdClicked, AdHeight, AdViewed
from kontext_integration.models import AdEvent, AdSession, AdSlot
from tests.kontext_integration.fakes import BID_ID, OTHER_BID_ID

pytestmark = pytest.mark.django_db

SNAPSHOT = [{"id": "u1", "role": "user", "content": "my secret", "createdAt": "2026-01-15T10:29:50.000Z"}]
VIEWED = {"id": BID_ID, "content": "Try it", "messageId": "a1", "format": "inline"}
CLICKED = {**VIEWED, "url": "https://example.com", "area": "cta"}


@pytest.fixture
def row() -> AdSlot:
    session = AdSession.objects.create(conversation_id="conv-1", user_id="user-1")
    return AdSlot.objects.create(
        session=session, message_id="a1", code="inlineAd", bid_id=BID_ID, revenue=0.05, snapshot=SNAPSHOT
    )


@pytest.fixture
def slot(row: AdSlot) -> store.Slot:
    found = store.slot_for("a1")
    assert found is not None
    return found


def kontext(**changes: Any) -> Any:
    return override_settings(KONTEXT={"PUBLISHER_TOKEN": "t", **changes})


def test_a_slot_tells_all_that_a_page_needs(slot: store.Slot) -> None:
    assert (slot.conversation_id, slot.user_id, slot.message_id, slot.code) == ("conv-1", "user-1", "a1", "inlineAd")
    assert (slot.bid_id, slot.revenue, slot.height) == (BID_ID, 0.05, None)


def test_a_page_of_messages_takes_one_query(row: AdSlot, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as queries:
        found = store.slots_for(["a0", "a1", "a2"])
    assert list(found) == ["a1"]
    assert "snapshot" not in queries.captured_queries[0]["sql"]


def test_no_messages_take_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert store.slots_for([]) == {}


def test_another_placement_has_its_own_slot(row: AdSlot) -> None:
    assert store.slot_for("a1", "banner") is None


def test_a_slot_beyond_its_age_is_not_shown_again(row: AdSlot) -> None:
    AdSlot.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    with kontext(MAX_AGE_S=60):
        assert store.slot_for("a1") is None
    with kontext(MAX_AGE_S=120):
        assert store.slot_for("a1") is not None


def test_without_an_age_a_slot_is_shown_until_a_frame_has_used_it(slot: store.Slot) -> None:
    with kontext(MAX_AGE_S=0):
        assert store.slot_for("a1") == slot
        store.snapshot_for(slot)
        assert store.slot_for("a1") is None


def test_a_released_slot_is_not_shown_but_its_frame_still_counts(slot: store.Slot) -> None:
    AdSlot.objects.update(released_at=timezone.now())
    assert store.slot_for("a1") is None
    assert store.owned_slot(user_id="user-1", message_id="a1") == slot


def test_a_stranger_owns_nothing(row: AdSlot) -> None:
    assert store.owned_slot(user_id="user-2", message_id="a1") is None


def test_the_snapshot_is_the_frozen_one(slot: store.Slot) -> None:
    assert store.snapshot_for(slot) == SNAPSHOT


def test_the_snapshot_of_a_lost_slot_is_empty(slot: store.Slot) -> None:
    AdSlot.objects.all().delete()
    assert store.snapshot_for(slot) == []


def test_a_view_counts_once_and_keeps_no_content(slot: store.Slot) -> None:
    assert isinstance(store.record_event(slot, "ad.viewed", VIEWED), AdViewed)
    assert store.record_event(slot, "ad.viewed", VIEWED) is None
    [row] = AdEvent.objects.all()
    assert (row.name, str(row.bid_id), row.message_id) == ("ad.viewed", BID_ID, "a1")
    assert row.payload == {"format": "inline", "revenue": 0.05}


def test_a_view_of_another_bid_of_the_same_message_counts_too(slot: store.Slot, row: AdSlot) -> None:
    AdSlot.objects.create(session=row.session, message_id="a1", code="banner", bid_id=OTHER_BID_ID)
    banner = store.slot_for("a1", "banner")
    assert banner is not None
    assert store.record_event(slot, "ad.viewed", VIEWED) is not None
    assert store.record_event(banner, "ad.viewed", VIEWED) is not None


def test_each_click_counts_up_to_a_bound(slot: store.Slot) -> None:
    taken = [store.record_event(slot, "ad.clicked", CLICKED) for _ in range(store.MANY + 5)]
    assert isinstance(taken[0], AdClicked)
    assert AdEvent.objects.count() == store.MANY


def test_an_error_of_a_frame_is_kept_without_its_words(slot: store.Slot) -> None:
    store.record_event(slot, "ad.error", {"message": "my secret", "errCode": "react_error_boundary"})
    assert AdEvent.objects.get().payload == {"err_code": "react_error_boundary"}


def test_a_height_is_kept_with_the_slot_and_announced_when_it_changes(slot: store.Slot) -> None:
    assert isinstance(store.record_event(slot, "ad.height", {"height": 210.4}), AdHeight)
    assert store.record_event(slot, "ad.height", {"height": 210}) is None
    changed = store.slot_for("a1")
    assert changed is not None
    assert changed.height == 210
    assert AdEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "payload"), [("ad.viewed", {}), ("ad.filled", VIEWED), ("no.such", {}), (None, None), (7, "x")]
)
def test_malformed_events_leave_no_trace(slot: store.Slot, name: object, payload: object) -> None:
    assert store.record_event(slot, name, payload) is None
    assert AdEvent.objects.count() == 0
    assert AdSlot.objects.get().used_at is None


def test_an_event_is_announced_with_the_conversation_and_the_user(slot: store.Slot) -> None:
    heard: list[dict[str, Any]] = []

    def note(sender: object, signal: object, **given: Any) -> None:
        heard.append(given)

    signals.ad_viewed.connect(note)
    try:
        event = store.record_event(slot, "ad.viewed", VIEWED)
    finally:
        signals.ad_viewed.disconnect(note)
    assert heard == [{"event": event, "conversation_id": "conv-1", "user_id": "user-1"}]


def test_the_event_of_a_lost_slot_is_dropped(slot: store.Slot) -> None:
    AdSlot.objects.all().delete()
    assert store.record_event(slot, "ad.viewed", VIEWED) is None


def test_an_ad_whose_frame_failed_is_not_offered_again(slot: store.Slot) -> None:
    store.record_event(slot, "ad.error", {"message": "Error loading iframe", "errCode": "iframe_error"})
    assert store.slot_for("a1") is None
    assert store.owned_slot(user_id="user-1", message_id="a1") is not None


def test_another_error_of_a_frame_does_not_take_its_ad_away(slot: store.Slot) -> None:
    store.record_event(slot, "ad.error", {"message": "no image", "errCode": "image"})
    assert store.slot_for("a1") is not None
