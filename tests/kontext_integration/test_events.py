"""Protocol 5.2: the names of the events, and what becomes of the words of a frame."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.events import (
    AdClicked,
    AdError,
    AdEvent,
    AdHeight,
    AdRenderCompleted,
    AdRenderStarted,
    AdViewed,
    RewardGranted,
    UserEvent,
    VideoCompleted,
    VideoStarted,
    parse_frame_event,
)
from kontext_integration.exceptions import UnknownUserEventError

from .builders import BID_ID, OTHER_BID_ID

VIEWED = {"content": "Ad text", "format": "inline"}
CLICKED = {"content": "Ad text", "url": "https://shop.test", "format": "inline", "area": "cta"}
BID_ONLY = [AdRenderStarted, AdRenderCompleted, VideoStarted, VideoCompleted, RewardGranted]


def parse(name, payload=None, *, bid_id=BID_ID, revenue=0.05):
    return parse_frame_event(name, payload, bid_id=bid_id, message_id="a1", revenue=revenue)


def test_5_2_every_event_has_its_name_of_the_protocol():
    assert {event.name for event in get_args(AdEvent)} == {
        "ad.filled", "ad.no-fill", "ad.error", "ad.render-started", "ad.render-completed", "ad.height", "ad.viewed",
        "ad.clicked", "video.started", "video.completed", "reward.granted",
    }  # fmt: skip


@pytest.mark.parametrize("event", BID_ONLY, ids=lambda event: f"5.2 {event.name}")
def test_5_2_events_that_need_a_bid_only(event):
    assert parse(event.name) == event(BID_ID)


@pytest.mark.parametrize("name", [*(event.name for event in BID_ONLY), "ad.height", "ad.viewed", "ad.clicked"])
def test_5_2_no_bid_at_all_drops_the_event(name):
    assert parse(name, {**CLICKED, "height": 10, "id": "not-a-uuid"}, bid_id=None) is None


def test_5_2_a_bid_id_in_the_payload_wins_and_becomes_lower_case():
    upper = "AAAAAAAA-1111-1111-1111-111111111111"

    assert parse("video.started", {"id": upper}) == VideoStarted(upper.lower())


@pytest.mark.parametrize("given_id", ["", "ad-1", 7, None, ["x"]])
def test_5_2_an_odd_bid_id_falls_back_to_that_of_the_ad(given_id):
    assert parse("video.started", {"id": given_id}) == VideoStarted(BID_ID)


def test_5_2_error_takes_its_words_from_the_frame():
    event = parse("ad.error", {"message": "Boom", "errCode": "react_error_boundary"}, bid_id=None)

    assert event == AdError("Boom", "react_error_boundary")


@pytest.mark.parametrize("payload", [None, {}, {"message": 1, "errCode": []}, "text", []])
def test_5_2_error_without_words_has_the_default_ones(payload):
    assert parse("ad.error", payload) == AdError("Unknown error", "unknown")


def test_5_2_height_belongs_to_the_bid_of_the_ad():
    assert parse("ad.height", {"height": 210, "id": OTHER_BID_ID}) == AdHeight(BID_ID, "a1", 210.0)


@pytest.mark.parametrize(
    "height", [None, 0, -1, True, "210", float("nan"), float("inf"), 10**400, 100_001], ids=lambda value: str(value)[:6]
)
def test_5_2_height_that_is_no_height_is_dropped(height):
    assert parse("ad.height", {"height": height}) is None


def test_5_2_height_needs_a_resolved_bid():
    assert parse("ad.height", {"height": 210, "id": BID_ID}, bid_id=None) is None


def test_5_2_viewed_falls_back_to_the_message_of_the_ad():
    assert parse("ad.viewed", VIEWED) == AdViewed(BID_ID, "Ad text", "a1", "inline", 0.05)


def test_5_2_viewed_keeps_a_message_of_its_own():
    assert parse("ad.viewed", {**VIEWED, "messageId": "a9"}).message_id == "a9"


def test_5_2_viewed_revenue_is_that_of_the_bid():
    assert parse("ad.viewed", {**VIEWED, "revenue": 9}, revenue=0.0).revenue == 0.0


@pytest.mark.parametrize(("reported", "revenue"), [(9, 9.0), ("9", None), (True, None), (float("nan"), None)])
def test_5_2_viewed_revenue_is_the_frames_when_the_bid_has_none(reported, revenue):
    assert parse("ad.viewed", {**VIEWED, "revenue": reported}, revenue=None).revenue == revenue


@pytest.mark.parametrize("missing", list(VIEWED))
@pytest.mark.parametrize("odd", [None, 1, ["x"]])
def test_5_2_viewed_without_a_required_field_is_dropped(missing, odd):
    assert parse("ad.viewed", {**VIEWED, missing: odd}) is None


def test_5_2_clicked_carries_everything():
    expected = AdClicked(BID_ID, "Ad text", "a1", "https://shop.test", "inline", "cta")

    assert parse("ad.clicked", CLICKED) == expected


@pytest.mark.parametrize("missing", list(CLICKED))
@pytest.mark.parametrize("odd", [None, 1, ["x"]])
def test_5_2_clicked_without_a_required_field_is_dropped(missing, odd):
    assert parse("ad.clicked", {**CLICKED, missing: odd}) is None


def test_5_2_an_empty_text_is_a_text():
    assert parse("ad.viewed", {"content": "", "format": ""}) is not None


@pytest.mark.parametrize(
    "name", ["ad.filled", "ad.no-fill", "ad.done-iframe", "view-iframe", "", None, 7, ["ad.viewed"], {}]
)
def test_5_2_unknown_names_and_those_of_preloads_are_dropped(name):
    assert parse(name, {**CLICKED, "code": "inlineAd", "skipCode": "x", "height": 1}) is None


def test_5_2_a_long_text_is_cut():
    assert len(parse("ad.viewed", {**VIEWED, "content": "x" * 50_000}).content) == 2_000


def test_5_2_the_longest_address_and_every_height_are_taken():
    url = "https://shop.test/".ljust(4_000, "x")

    assert parse("ad.clicked", {**CLICKED, "url": url}).url == url
    assert parse("ad.height", {"height": 100_000}).height == 100_000
    assert parse("ad.height", {"height": 0.5}).height == 0.5
    assert parse("ad.clicked", {**CLICKED, "url": url + "x"}) is None


def test_6_8_a_user_event_has_a_name_of_the_protocol():
    assert UserEvent("user.typing.started") == UserEvent("user.typing.started", "inlineAd", None)
    with pytest.raises(UnknownUserEventError, match=r"known: user\.typing\.started"):
        UserEvent("user.left")


def test_5_2_a_long_address_drops_the_event():
    assert parse("ad.clicked", {**CLICKED, "url": "https://shop.test/" + "x" * 4_000}) is None


def test_5_2_half_a_surrogate_pair_cannot_reach_the_database():
    parse("ad.viewed", {**VIEWED, "content": "\ud800\0"}).content.encode()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["id", "content", "messageId", "url", "format", "area", "height", "revenue", "message", "errCode"]
)


@given(
    name=st.sampled_from([event.name for event in get_args(AdEvent)]) | ANYTHING,
    payload=st.dictionaries(FIELDS, ANYTHING) | ANYTHING,
)
def test_5_2_nothing_a_frame_says_can_raise(name, payload):
    event = parse(name, payload)

    assert event is None or event.name == name
