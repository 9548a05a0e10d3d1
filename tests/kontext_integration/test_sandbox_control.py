from __future__ import annotations

import asyncio

import pytest

from kontext_integration.sandbox.control import Control
from kontext_integration.sandbox.defaults import read_defaults
from kontext_integration.sandbox.turns import Turn


def turn(message: str = "Hi", *, track_only: bool = False, **defaults: str) -> Turn:
    return Control(read_defaults(defaults)).turn(message, track_only=track_only)


def fills(control: Control, turns: int = 200) -> list[bool]:
    return [control.turn("Hi", track_only=False).fills for _ in range(turns)]


def test_a_turn_without_a_word_is_a_fill_at_once() -> None:
    assert turn() == Turn()


def test_the_defaults_hold_for_a_turn_without_a_word() -> None:
    got = turn(outcome="err:rate_limited", format="video", frame="hideframe", latency_ms="800")
    assert (got.reply or {})["errCode"] == "rate_limited"
    assert (got.format, got.frame, got.delay_s) == ("video", "hides", 0.8)
    assert got.words == ("#err:rate_limited", "#hideframe", "#video")


def test_a_word_wins_over_its_default_and_leaves_the_others() -> None:
    got = turn("#banner #delay:5", outcome="skip", format="video", latency_ms="800")
    assert (got.format, got.delay_s, got.fills) == ("banner", 0.005, False)


def test_an_answer_that_never_comes_is_not_hastened_by_a_delay() -> None:
    assert turn("#hang #delay:5").delay_s == float("inf")


def test_a_modal_that_misbehaves_is_one_of_an_interstitial() -> None:
    assert turn("#modalerror:late_fee #video").format == "interstitial"


@pytest.mark.parametrize(("rate", "share"), [("0", 0.0), ("1", 1.0)])
def test_the_fill_rate_says_how_many_turns_are_filled(rate: str, share: float) -> None:
    assert sum(fills(Control(read_defaults({"fill_rate": rate})))) / 200 == share


def test_half_of_the_turns_are_filled_in_an_order_that_the_seed_repeats() -> None:
    half = read_defaults({"fill_rate": "0.5"})
    first, again, other = (fills(Control(half, seed=seed)) for seed in (7, 7, 8))
    assert first == again != other
    assert 70 < sum(first) < 130


def test_a_turn_that_chance_left_empty_is_a_no_fill() -> None:
    got = turn(fill_rate="0")
    assert (got.reply, got.words) == ({"bids": []}, ("by chance",))


@pytest.mark.parametrize("word", ["#fill", "#paid", "#skip"])
def test_a_word_leaves_nothing_to_chance(word: str) -> None:
    assert turn(word, fill_rate="0").words == (word,)


def test_a_track_only_turn_is_skipped() -> None:
    assert turn(track_only=True).reply == {"bids": [], "skip": True, "skipCode": "ads_disabled"}


def test_a_word_decides_a_track_only_turn_too() -> None:
    assert turn("#fill", track_only=True).fills


def test_init_is_answered_as_the_defaults_say() -> None:
    assert [Control(read_defaults({"init": name})).init().name for name in ("", "quiet")] == ["enabled", "quiet"]


def test_a_word_for_init_holds_for_one_init_and_does_not_change_its_turn() -> None:
    control = Control()
    assert control.turn("#init:Disabled", track_only=False).fills
    assert [control.init().name, control.init().name] == ["disabled", "enabled"]


async def test_a_pause_lasts_until_it_is_over() -> None:
    control = Control()
    await control.going()
    control.pause()
    waiting = asyncio.create_task(control.going())
    await asyncio.sleep(0)
    assert (control.paused, waiting.done()) == (True, False)
    control.resume()
    await asyncio.wait_for(waiting, 10)
    assert not control.paused


def test_a_reset_is_the_start_again() -> None:
    control = Control(read_defaults({"fill_rate": "0.5"}), seed=7)
    first = fills(control)
    control.defaults = read_defaults({"outcome": "#500"})
    control.turn("#init:disabled", track_only=False)
    control.pause()
    control.reset()
    assert (fills(control), control.paused, control.init().name) == (first, False, "enabled")
