"""What the words make of an answer, as it goes over the wire."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from .sandbox_client import Sandbox, running_sandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("#nofill", {"bids": []}),
        ("#nobids", {}),
        ("#skip", {"bids": [], "skip": True, "skipCode": "ad_skipped"}),
        ("#skip:frequency_cap", {"bids": [], "skip": True, "skipCode": "frequency_cap"}),
        ("#ivt", {"bids": [], "skip": True, "skipCode": "ivt_blocked"}),
        ("#bareskip", {"skip": True}),
        ("#error", {"errCode": "generation_failed", "error": "Sandbox error"}),
        ("#err:rate_limited", {"errCode": "rate_limited", "error": "Sandbox error"}),
        ("#blankerror", {"errCode": ""}),
        ("#badbid", {"bids": [{"bidId": "not-a-uuid", "code": "inlineAd"}]}),
        ("#badskip", {"bids": [], "skip": "yes"}),
    ],
)
async def test_words_that_leave_the_turn_without_an_ad(sandbox: Sandbox, word: str, answer: Any) -> None:
    response = await sandbox.say(f"Plan a trip {word}, please")
    found = await response.json()
    assert found.pop("sessionId")
    assert (response.status, found) == (200, answer)


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("#bareerror", {}),
        ("#lostskip", {"bids": [], "skip": True, "skipCode": "ad_skipped"}),
        ("#baredisable", {"permanent": True}),
        ("#disable", {"errCode": "geo_disabled", "error": "Sandbox error", "permanent": True}),
        ("#disable:geo", {"errCode": "geo", "error": "Sandbox error", "permanent": True}),
        ("#badsession", {"sessionId": "33333333333343338333333333333333", "bids": []}),
    ],
)
async def test_words_that_name_no_session(sandbox: Sandbox, word: str, answer: Any) -> None:
    assert await (await sandbox.say(word)).json() == answer


@pytest.mark.parametrize(
    ("word", "fields"),
    [
        ("#permanentfill", {"permanent": True}),
        ("#skipbids", {"skip": True, "skipCode": "ad_skipped"}),
        ("#errbids", {"errCode": "generation_failed"}),
        ("#status:201", {}),
    ],
)
async def test_words_that_say_something_beside_bids(sandbox: Sandbox, word: str, fields: dict[str, Any]) -> None:
    answer = await (await sandbox.say(word)).json()
    (bid,) = answer.pop("bids")
    assert sandbox.store.bid(bid["bidId"])
    assert {name: answer[name] for name in answer if name != "sessionId"} == fields


async def test_two_bids_are_two_for_each_placement(sandbox: Sandbox) -> None:
    answer = await (await sandbox.say("#twobids", enabledPlacementCodes=["inlineAd", "boxAd"])).json()
    assert [bid["code"] for bid in answer["bids"]] == ["inlineAd", "inlineAd", "boxAd", "boxAd"]
    assert len({bid["bidId"] for bid in answer["bids"]}) == 4


@pytest.mark.parametrize(
    ("word", "trigger", "creative_type"),
    [
        ("#native", "immediate", "display"),
        ("#image", "immediate", "display"),
        ("#video", "immediate", "video"),
        ("#banner", "immediate", "display"),
        ("#interstitial", "component", "display"),
    ],
)
async def test_a_format_says_what_it_is(sandbox: Sandbox, word: str, trigger: str, creative_type: str) -> None:
    bid = await sandbox.bid(f"A trip to Rome {word}")
    assert (bid["impressionTrigger"], bid["om"]) == (trigger, {"creativeType": creative_type})
    stored = sandbox.store.bid(bid["bidId"])
    assert stored is not None
    assert (f"#{stored.format}", stored.creative.name) == (word, "slowline")


async def test_the_greeting_of_the_character_is_kept_for_the_modal(sandbox: Sandbox) -> None:
    luna = {"id": "luna", "name": "Luna", "avatarUrl": "https://example.com/l.png", "greeting": "Hi! " * 500}
    (bid,) = (await (await sandbox.say("#interstitial", character=luna)).json())["bids"]
    stored = sandbox.store.bid(bid["bidId"])
    assert stored is not None
    assert stored.greeting == luna["greeting"][:500]


@pytest.mark.parametrize(("word", "status"), [("#403", 403), ("#429", 429), ("#500", 500), ("#status:503", 503)])
async def test_words_that_are_a_status_with_a_body_that_nobody_may_read(
    sandbox: Sandbox, word: str, status: int
) -> None:
    response = await sandbox.say(word)
    assert (response.status, (await response.json())["permanent"]) == (status, True)


@pytest.mark.parametrize(
    ("word", "status"), [("#204", 204), ("#empty", 200), ("#status:205", 205), ("#status:304", 304)]
)
async def test_words_that_leave_the_body_out(sandbox: Sandbox, word: str, status: int) -> None:
    response = await sandbox.say(word)
    assert (response.status, await response.read()) == (status, b"")


async def test_malformed_is_not_json(sandbox: Sandbox) -> None:
    response = await sandbox.say("#malformed")
    with pytest.raises(json.JSONDecodeError):
        await response.json()


async def test_foreign_bids_for_a_placement_that_nobody_asked_for(sandbox: Sandbox) -> None:
    (bid,) = (await (await sandbox.say("#foreign")).json())["bids"]
    assert bid["code"] == "sandboxForeign"


async def test_paid_states_a_revenue(sandbox: Sandbox) -> None:
    (bid,) = (await (await sandbox.say("#paid")).json())["bids"]
    assert bid["revenue"] == 0.05
