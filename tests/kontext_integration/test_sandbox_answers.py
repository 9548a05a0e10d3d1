"""The answers of the four endpoints, as they go over the wire."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator

import pytest

from kontext_integration.sandbox.inits import INITS, Init
from tests.waiting import until

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


@pytest.mark.parametrize("init", INITS, ids=lambda init: init.name)
async def test_a_word_chooses_the_answer_to_the_next_init(sandbox: Sandbox, init: Init) -> None:
    await sandbox.say(f"#init:{init.name}")
    response = await sandbox.post("/init")
    assert (response.status, await response.text()) == (init.status, init.body)
    assert sandbox.slept == ([init.delay_s] if init.delay_s else [])


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
        "kontext_integration.sandbox.endpoints",
        logging.WARNING,
        "/preload 400: userId must be a string that is not blank",
    )


async def test_the_answer_names_every_problem_and_the_log_only_some(sandbox: Sandbox) -> None:
    response = await sandbox.post("/init", body("/init", **{f"field{number}": 1 for number in range(12)}))
    assert len(await response.json()) == 12
    ((status, outcome),) = sandbox.told("init")
    assert status == 400
    assert outcome.endswith("; and 2 more")


@pytest.mark.parametrize(("word", "seconds"), [("#late", 3.0), ("#delay:2500", 2.5)])
async def test_words_that_fill_later(sandbox: Sandbox, word: str, seconds: float) -> None:
    await sandbox.bid(word)
    assert sandbox.slept == [seconds]
    assert sandbox.told("preload") == [
        (None, f"waits: fill kettle native {word}"),
        (200, f"fill kettle native {word}"),
    ]


async def test_the_log_says_how_long_an_answer_took_and_for_whom(sandbox: Sandbox) -> None:
    bid = await sandbox.bid("A trip to Rome")
    (entry,) = sandbox.log.after()
    assert entry.latency_ms is not None
    assert entry.ids.startswith("conversation conv-1 · session ")
    assert entry.ids.endswith(f" · bid {bid['bidId'][:8]}…")


@pytest.mark.parametrize("content", ["My secret trip", "My secret trip #skip", "#video My secret"])
async def test_no_log_holds_the_message(sandbox: Sandbox, caplog: pytest.LogCaptureFixture, content: str) -> None:
    caplog.set_level(logging.DEBUG)
    await sandbox.say(content)
    logged = f"{sandbox.log.after()} {[record.getMessage() for record in caplog.records if 'sandbox' in record.name]}"
    assert "My secret" not in logged


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
        assert sandbox.told("preload") == [(None, "waits: fill kettle native #hang")]
        request.cancel()
        await asyncio.wait_for(left.wait(), 10)


async def test_while_it_is_paused_nothing_is_answered(sandbox: Sandbox) -> None:
    sandbox.control.pause()
    request = asyncio.create_task(sandbox.post("/init"))
    await until(lambda: sandbox.told("init") == [(None, "waits: the sandbox is paused")])
    assert not request.done()
    sandbox.control.resume()
    assert (await request).status == 200


async def test_the_defaults_hold_over_the_wire() -> None:
    async with running_sandbox(defaults={"fill_rate": "0", "latency_ms": "800", "init": "quiet"}) as sandbox:
        assert (await (await sandbox.say("Hi")).json())["bids"] == []
        assert (await (await sandbox.post("/init")).json())["reportErrors"] is False
        assert sandbox.slept == [0.8]


async def test_only_the_last_message_is_searched_for_words(sandbox: Sandbox) -> None:
    messages = [message("#500", "u1"), message("Oh.", "a1", "assistant"), message("A trip", "u2")]
    assert (await sandbox.post("/preload", body("/preload", messages=messages))).status == 200


async def test_an_unknown_word_changes_nothing(sandbox: Sandbox) -> None:
    assert (await (await sandbox.say("A #travel trip #5000")).json())["bids"]
