"""The answers of the four endpoints, as they go over the wire."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from .sandbox_client import Sandbox, running_sandbox
from .sandbox_requests import body, message


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with running_sandbox() as running:
        yield running


async def test_init_enables_the_session(sandbox: Sandbox) -> None:
    response = await sandbox.post("/init")
    assert await response.json() == {
        "enabled": True,
        "preloadTimeout": 16000,
        "reportErrors": True,
        "reportDebug": True,
    }


@pytest.mark.parametrize("path", ["/error", "/debug"])
async def test_reports_are_taken(sandbox: Sandbox, path: str) -> None:
    assert (await sandbox.post(path)).status == 200


async def test_a_preload_is_filled(sandbox: Sandbox) -> None:
    answer = await (await sandbox.say("A trip to Rome")).json()
    (bid,) = answer["bids"]
    stored = sandbox.store.bid(bid.pop("bidId"))
    assert stored is not None
    assert (stored.creative.name, stored.message_ids) == ("slowline", ("u1",))
    assert bid == {
        "code": "inlineAd",
        "revenue": 0.0,
        "impressionTrigger": "immediate",
        "om": {"creativeType": "display"},
    }


async def test_every_enabled_placement_gets_a_bid_of_its_own(sandbox: Sandbox) -> None:
    answer = await (await sandbox.say("Hi", enabledPlacementCodes=["inlineAd", "boxAd", "inlineAd"])).json()
    assert [bid["code"] for bid in answer["bids"]] == ["inlineAd", "boxAd"]
    assert len({bid["bidId"] for bid in answer["bids"]}) == 2


async def test_the_session_id_stays_the_same_over_a_conversation(sandbox: Sandbox) -> None:
    ids = {(await (await sandbox.say(word)).json())["sessionId"] for word in ("Hi", "#skip", "#error")}
    assert len(ids) == 1


async def test_a_track_only_turn_is_skipped(sandbox: Sandbox) -> None:
    answer = await (await sandbox.post("/preload", **{"Kontextso-Is-Disabled": "1"})).json()
    assert answer.pop("sessionId")
    assert answer == {"bids": [], "skip": True, "skipCode": "ads_disabled"}


async def test_a_broken_request_is_answered_and_logged_with_what_is_wrong(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    response = await sandbox.post("/preload", body("/preload", userId=""))
    assert (response.status, await response.json()) == (400, ["userId must be a string that is not blank"])
    assert caplog.record_tuples[0] == (
        "kontext_integration.sandbox.server",
        logging.WARNING,
        "/preload 400: userId must be a string that is not blank",
    )


async def test_the_answer_names_every_problem_and_the_log_only_some(sandbox: Sandbox) -> None:
    response = await sandbox.post("/init", body("/init", **{f"field{number}": 1 for number in range(12)}))
    assert len(await response.json()) == 12
    assert sandbox.store.visits[-1].outcome.endswith("; and 2 more")


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("#nofill", {"bids": []}),
        ("#skip", {"bids": [], "skip": True, "skipCode": "ad_skipped"}),
        ("#ivt", {"bids": [], "skip": True, "skipCode": "ivt_blocked"}),
        ("#error", {"errCode": "generation_failed", "error": "Generation failed"}),
        ("#badbid", {"bids": [{"bidId": "not-a-uuid", "code": "inlineAd"}]}),
    ],
)
async def test_words_that_leave_the_turn_without_an_ad(sandbox: Sandbox, word: str, answer: Any) -> None:
    response = await sandbox.say(f"Plan a trip {word.upper()}, please")
    found = await response.json()
    assert found.pop("sessionId")
    assert (response.status, found) == (200, answer)


async def test_disable_is_permanent_and_names_no_session(sandbox: Sandbox) -> None:
    answer = await (await sandbox.say("#disable")).json()
    assert answer == {"errCode": "geo_disabled", "error": "Geo disabled", "permanent": True}


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_words_that_are_a_status(sandbox: Sandbox, status: int) -> None:
    assert (await sandbox.say(f"#{status}")).status == status


@pytest.mark.parametrize(("word", "status"), [("#204", 204), ("#empty", 200)])
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


async def test_late_fills_after_three_seconds(sandbox: Sandbox) -> None:
    answer = await (await sandbox.say("#late")).json()
    assert (len(answer["bids"]), sandbox.slept) == (1, [3.0])


async def test_hang_never_answers_and_ends_when_the_client_gives_up() -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == math.inf
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    async with running_sandbox(sleep) as sandbox:
        request = asyncio.create_task(sandbox.say("#hang"))
        await entered.wait()
        request.cancel()
        await asyncio.wait_for(left.wait(), 10)


async def test_only_the_last_message_is_searched_for_words(sandbox: Sandbox) -> None:
    messages = [message("#500", "u1"), message("Oh.", "a1", "assistant"), message("A trip", "u2")]
    assert (await sandbox.post("/preload", body("/preload", messages=messages))).status == 200


async def test_an_unknown_word_changes_nothing(sandbox: Sandbox) -> None:
    assert (await (await sandbox.say("A #travel trip #5000")).json())["bids"]
