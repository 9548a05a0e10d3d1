"""Two readings of the protocol meet: what the SDK's client makes of every word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection

import pytest

from kontext_integration.entities import Options
from kontext_integration.outcomes import PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing
from kontext_integration.sandbox.words import ERR_CODES, GROUPS, SKIP_CODES, find_words
from tests.waiting import until

from .sandbox_publisher import FULL, INSTALL_ID, Publisher, publishing


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with publishing() as running:
        yield running


async def test_reports_are_understood(publisher: Publisher) -> None:
    await publisher.client.report_error(publisher.config, install_id=INSTALL_ID, error="Timed out", stack="Init.fetch")
    await publisher.client.report_debug(
        publisher.config, install_id=INSTALL_ID, session_id=None, name="Session: bid-assigned", data={"messageId": "a1"}
    )
    assert publisher.statuses() == [200, 200]


@pytest.mark.parametrize("options", [Options(), FULL], ids=["bare", "full"])
async def test_a_preload_is_understood_and_filled(publisher: Publisher, options: Options) -> None:
    outcome = await publisher.say("A trip to Rome", options=options)
    assert isinstance(outcome, PreloadFilled)
    assert [(bid.code, bid.revenue, bid.creative_type) for bid in outcome.bids] == [("inlineAd", 0.0, "display")]


def texts(slots: set[str]) -> list[str]:
    """Every word of these slots, and with every example."""
    words = [word for group in GROUPS if group.slot in slots for word in group.words]
    return [text for word in words for text in [f"{word.key}{each}" for each in word.examples] or [word.text]]


FILLS = ["#fill", "#paid", "#twobids", "#tolerant", "#permanentfill", "#drip", "#status:201"]
NO_FILLS = {
    "#nofill": "unfilled_bid",
    "#nobids": "unfilled_bid",
    "#foreign": "unfilled_bid",
    "#204": "unfilled_bid",
    "#skip": "ad_skipped",
    "#skipbids": "ad_skipped",
    "#ivt": "ivt_blocked",
    "#bareskip": "unknown",
    **{f"#skip:{skip_code}": skip_code for skip_code in SKIP_CODES},
}
ERRORS = {
    "#error": "generation_failed",
    "#errbids": "generation_failed",
    "#blankerror": "",
    "#bareerror": "unknown",
    "#lostskip": "unknown",
    "#403": "unknown",
    "#500": "unknown",
    **{f"#err:{err_code}": err_code for err_code in ERR_CODES},
    **{f"#status:{status}": "unknown" for status in ("301", "404", "502", "503")},
}
ENDS = {
    "#disable": "geo_disabled",
    "#baredisable": "session_disabled",
    **{f"#disable:{err_code}": err_code for err_code in ERR_CODES},
}
UNREADABLE = ["#empty", "#malformed", "#html", "#charset", "#deep", "#huge", "#badbid", "#badsession", "#badskip"]
UNREACHABLE = ["#429", "#cut", "#reset"]
TOO_LATE = ["#hang", "#trickle"]


def test_every_word_is_among_the_following() -> None:
    named = [*FILLS, *NO_FILLS, *ERRORS, *ENDS, *UNREADABLE, *UNREACHABLE, *TOO_LATE, "#redirect"]
    assert sorted(named) == sorted(texts({"answer"}))


@pytest.mark.parametrize("word", [*FILLS, *texts({"format", "frame", "modal", "time", "init"})])
async def test_words_that_fill(publisher: Publisher, word: str) -> None:
    assert isinstance(await publisher.say(word), PreloadFilled)


@pytest.mark.parametrize(("word", "skip_code"), NO_FILLS.items())
async def test_words_that_do_not_fill(publisher: Publisher, word: str, skip_code: str) -> None:
    outcome = await publisher.say(word)
    assert isinstance(outcome, PreloadNoFill)
    assert outcome.skip_code == skip_code


@pytest.mark.parametrize(("word", "err_code"), [*ERRORS.items(), *ENDS.items()])
async def test_words_that_are_an_error(publisher: Publisher, word: str, err_code: str) -> None:
    outcome = await publisher.say(word)
    assert isinstance(outcome, PreloadFailed)
    assert (outcome.err_code, outcome.disables, outcome.report) == (err_code, word in ENDS, None)
    assert len(publisher.statuses()) == 1


@pytest.mark.parametrize("word", UNREADABLE)
async def test_words_that_nobody_can_read_are_not_repeated(publisher: Publisher, word: str) -> None:
    outcome = await publisher.say(word)
    assert isinstance(outcome, PreloadFailed)
    assert (outcome.err_code, outcome.disables, bool(outcome.report)) == ("request_failed", False, True)
    await until(publisher.statuses)
    assert len(publisher.statuses()) == 1


@pytest.mark.parametrize("word", UNREACHABLE)
async def test_words_that_are_repeated_in_vain(publisher: Publisher, word: str) -> None:
    outcome = await publisher.say(word)
    assert isinstance(outcome, PreloadFailed)
    assert (outcome.err_code, bool(outcome.report)) == ("request_failed", True)
    assert len(publisher.statuses()) == 4


async def test_a_redirect_without_end_is_a_status_that_is_no_success(publisher: Publisher) -> None:
    outcome = await publisher.say("#redirect")
    assert isinstance(outcome, PreloadFailed)
    assert (outcome.err_code, outcome.report, set(publisher.statuses())) == ("unknown", None, {307})


@pytest.mark.parametrize("word", TOO_LATE)
async def test_words_that_take_too_long_are_given_up(word: str) -> None:
    async with publishing(asyncio.sleep) as publisher:
        outcome = await publisher.say(word, timeout_ms=200)
        assert isinstance(outcome, PreloadFailed)
        assert (outcome.err_code, outcome.report) == ("request_failed", "Timed out after 200 ms")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({2}, UNREACHABLE),
        ({3}, ["#204"]),
        ({4}, ["#403", "#500", "#redirect"]),
        ({5}, UNREADABLE),
        ({6}, ENDS),
        ({7}, [word for word, err_code in ERRORS.items() if not word.startswith(("#403", "#500", "#status"))]),
        ({8}, [word for word, skip_code in NO_FILLS.items() if skip_code != "unfilled_bid" or ":" in word]),
        ({9}, ["#nofill", "#nobids", "#foreign"]),
        ({1, 2}, ["#hang"]),
    ],
    ids=str,
)
def test_the_table_names_the_row_that_a_word_leads_to(rows: set[int], words: Collection[str]) -> None:
    for text in words:
        assert set(find_words(text)["answer"].word.rows) == rows, text


async def test_a_track_only_turn_is_a_skip(publisher: Publisher) -> None:
    outcome = await publisher.say("A trip to Rome", track_only=True)
    assert isinstance(outcome, PreloadNoFill)
    assert outcome.skip_code == "ads_disabled"


@pytest.mark.parametrize("word", ["#fill", "#paid"])
async def test_a_track_only_turn_discards_what_it_wins(publisher: Publisher, word: str) -> None:
    assert isinstance(await publisher.say(word, track_only=True), PreloadNothing)
