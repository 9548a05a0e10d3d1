from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kontext_integration.sandbox.grammar import SLOTS, Group, Word
from kontext_integration.sandbox.inits import INITS
from kontext_integration.sandbox.turns import FORMATS, Turn
from kontext_integration.sandbox.words import ERR_CODES, GROUPS, SKIP_CODES, WORDS, find_words

EVERY = [(group, word) for group in GROUPS for word in group.words]
each_word = pytest.mark.parametrize(("group", "word"), EVERY, ids=[word.text for _, word in EVERY])


def written(word: Word) -> str:
    return f"{word.key}{word.examples[0]}" if word.examples else word.text


def turn_of(message: str) -> Turn:
    turn = Turn()
    for spoken in find_words(message).values():
        changes: dict[str, Any] = dict(spoken.changes)
        turn = replace(turn, **changes)
    return turn


@each_word
def test_every_word_finds_itself_and_says_what_it_does(group: Group, word: Word) -> None:
    found = find_words(f"Plan a trip {written(word)}.")
    assert {slot: spoken.word for slot, spoken in found.items()} == {group.slot: word}
    assert word.meaning.endswith(".")


@each_word
def test_every_example_of_every_word_is_one(group: Group, word: Word) -> None:
    for example in word.examples:
        assert find_words(f"{word.key}{example}")[group.slot].parameter == example


def test_no_two_words_have_the_same_name() -> None:
    assert len({word.key for word in WORDS}) == len(WORDS)


def test_every_word_with_a_parameter_gives_examples() -> None:
    assert all(bool(word.read) == bool(word.examples) == word.key.endswith(":") for word in WORDS)


def test_every_slot_has_words() -> None:
    assert {group.slot for group in GROUPS} == set(SLOTS)


def test_every_row_of_the_decision_table_is_reached() -> None:
    assert {row for word in WORDS for row in word.rows} == set(range(1, 12))
    assert all(word.rows for group, word in EVERY if group.slot == "answer")


CODES_OF_THE_PROTOCOL = (
    "ads_disabled ad_skipped ivt_blocked unfilled_bid session_disabled unknown "
    "frequency_cap no_inventory no_fill error request_failed"
)


@pytest.mark.parametrize("skip_code", CODES_OF_THE_PROTOCOL.split())
def test_every_skip_code_of_the_protocol_is_reached(skip_code: str) -> None:
    assert skip_code in SKIP_CODES
    reply = turn_of(f"#skip:{skip_code}").reply
    assert reply == {"bids": [], "skip": True, "skipCode": skip_code}


@pytest.mark.parametrize(
    "err_code", ["generation_failed", "publisher_disabled", "invalid_token", "geo", "geo_disabled", "rate_limited"]
)
def test_every_error_code_of_the_server_is_reached_for_a_turn_and_for_good(err_code: str) -> None:
    assert err_code in ERR_CODES
    once, ever = turn_of(f"#err:{err_code}"), turn_of(f"#disable:{err_code}")
    assert (once.reply or {})["errCode"] == (ever.reply or {})["errCode"] == err_code
    assert "permanent" not in (once.reply or {})
    assert (ever.reply or {})["permanent"] is True


def test_every_format_has_a_word() -> None:
    assert tuple(turn_of(f"#{format_}").format for format_ in FORMATS) == FORMATS


def test_every_answer_to_init_has_a_word() -> None:
    assert all(find_words(f"#init:{init.name}")["init"].parameter == init.name for init in INITS)


@pytest.mark.parametrize(
    "message", ["", "skip", "#", "#skipped", "# skip", "#5000", "#status:99", "#delay:abc", "#delay", "#init:maybe"]
)
def test_what_only_looks_like_a_word_is_none(message: str) -> None:
    assert find_words(message) == {}


def test_of_one_slot_the_first_word_wins() -> None:
    assert [spoken.text for spoken in find_words("#hello #Skip and then #500").values()] == ["#skip"]


def test_words_of_different_slots_combine() -> None:
    turn = turn_of("#delay:2500 #video #resizeframe #paid")
    assert (turn.delay_s, turn.format, turn.frame, turn.bid) == (2.5, "video", "resizes", {"revenue": 0.05})


@pytest.mark.parametrize(("status", "fills"), [(200, True), (201, True), (204, False), (301, False), (503, False)])
def test_a_success_fills_unless_it_has_no_body(status: int, fills: bool) -> None:
    turn = turn_of(f"#status:{status}")
    assert (turn.status, turn.fills) == (status, fills)
