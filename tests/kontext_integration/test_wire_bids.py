"""Protocol 2.4: the bids of an answer, strict where it matters and tolerant elsewhere."""

from __future__ import annotations

import pytest

from kontext_integration.entities import Bid
from kontext_integration.outcomes import PreloadFilled

from .builders import BID_ID, OTHER_BID_ID, SESSION_ID, WIRE_BID, answer, decide


def bid_of(**fields):
    outcome = decide(answer(bids=[{**WIRE_BID, **fields}]))
    assert isinstance(outcome, PreloadFilled), outcome
    return outcome.bids[0]


def test_2_4_row_11_keeps_the_bids_of_enabled_placements_in_the_servers_order():
    banner = {"bidId": OTHER_BID_ID, "code": "banner"}
    outcome = decide(answer(bids=[banner, {**WIRE_BID, "code": "foreign"}, WIRE_BID]))

    assert outcome == PreloadFilled(SESSION_ID, (Bid(OTHER_BID_ID, "banner"), Bid(BID_ID, "inlineAd", 0.05)))


def test_2_4_row_11_ids_become_lower_case():
    upper = "AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE"
    outcome = decide({"sessionId": upper, "bids": [{**WIRE_BID, "bidId": upper}]})

    assert (outcome.session_id, outcome.bids[0].bid_id) == (upper.lower(), upper.lower())


@pytest.mark.parametrize("fields", [{"status": 7, "ads": [1]}, {"preloadTimeout": "x"}, {"error": 7}, {"value": []}])
def test_2_4_unknown_and_old_fields_are_ignored(fields):
    assert isinstance(decide(answer(**fields)), PreloadFilled)


@pytest.mark.parametrize("odd", ["0.05", True, None, [], {}])
def test_2_4_odd_revenue_is_none(odd):
    assert bid_of(revenue=odd).revenue is None


@pytest.mark.parametrize("huge", [b"1e999", b"1" + b"0" * 400])
def test_2_4_a_revenue_beyond_all_numbers_is_none(huge):
    body = b'{"sessionId":"%b","bids":[{"bidId":"%b","code":"inlineAd","revenue":%b}]}'

    assert decide(body % (SESSION_ID.encode(), BID_ID.encode(), huge)).bids[0].revenue is None


def test_2_4_an_integer_is_a_revenue():
    assert bid_of(revenue=2).revenue == 2.0


@pytest.mark.parametrize(("given_trigger", "expected"), [
    ("component", "component"), ("immediate", "immediate"), ("later", "immediate"), (None, "immediate"),
    (7, "immediate"), (["component"], "immediate"),
])  # fmt: skip
def test_2_4_impression_trigger_is_immediate_unless_component(given_trigger, expected):
    assert bid_of(impressionTrigger=given_trigger).impression_trigger == expected


@pytest.mark.parametrize(("fields", "expected"), [
    ({"om": {"creativeType": "video"}, "creativeType": "display"}, "video"),
    ({"om": {"creativeType": None}, "creativeType": "display"}, "display"),
    ({"om": None, "creativeType": "video"}, "video"),
    ({"om": "odd", "creativeType": "video"}, "video"),
    ({"om": {"creativeType": ["video"]}, "creativeType": {}}, None),
    ({"creativeType": "hologram"}, None),
    ({"skan": "odd"}, None),
])  # fmt: skip
def test_2_4_creative_type_prefers_om_and_tolerates_everything(fields, expected):
    assert bid_of(**fields).creative_type == expected
