"""Consent first: what counts as a signal, and how one waits for it (protocol 7.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest

from kontext_integration.entities import Options, Regulatory
from kontext_integration.gate import ConsentPolicy, Facts, consented, has_signal, pauses
from kontext_integration.ports import Browser


def facts(consent: dict[str, Any] | None = None, regulatory: Regulatory | None = None, *, gpc: bool = False) -> Facts:
    browser = Browser("01890000-0000-7000-8000-000000000001", {}, consent or {}, opted_out=gpc, forwarded={})
    return browser, Options(regulatory=regulatory)


def policy(timeout_ms: int = 5000, default: Literal["hold", "send"] = "hold") -> ConsentPolicy:
    return ConsentPolicy(True, timeout_ms, default)


NOTHING = facts()
ANSWER = facts({"gdpr": 1, "gdprConsent": "CPX"})


class Waiting:
    """Sleeps that only take notes, and looks that see what the test has written; the last thing stays."""

    def __init__(self, *seen: Facts | None) -> None:
        self.seen = list(seen)
        self.slept: list[float] = []
        self.looks = 0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def look(self) -> Facts | None:
        self.looks += 1
        return self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]

    def given(self) -> tuple[Callable[[], Awaitable[Facts | None]], Callable[[float], Awaitable[None]]]:
        return self.look, self.sleep


class TestWaiting:
    async def test_who_does_not_want_consent_first_waits_and_looks_for_nothing(self) -> None:
        waiting = Waiting(NOTHING)
        assert await consented(ConsentPolicy(), NOTHING, *waiting.given()) is NOTHING
        assert (waiting.slept, waiting.looks) == ([], 0)

    async def test_a_signal_that_is_known_already_is_not_waited_for(self) -> None:
        waiting = Waiting(NOTHING)
        assert await consented(policy(), ANSWER, *waiting.given()) is ANSWER
        assert (waiting.slept, waiting.looks) == ([], 0)

    async def test_the_facts_of_the_moment_of_the_signal_are_those_that_count(self) -> None:
        waiting = Waiting(NOTHING, NOTHING, ANSWER)
        assert await consented(policy(), NOTHING, *waiting.given()) is ANSWER
        assert waiting.looks == 3

    @pytest.mark.parametrize("timeout_ms", [0, 100, 5000])
    async def test_without_a_signal_it_is_held_after_exactly_the_time_out(self, timeout_ms: int) -> None:
        waiting = Waiting(NOTHING)
        assert await consented(policy(timeout_ms), NOTHING, *waiting.given()) is None
        assert sum(waiting.slept) == timeout_ms / 1000

    @pytest.mark.parametrize("timeout_ms", [0, 100, 5000])
    async def test_or_it_is_sent_with_what_is_known_then(self, timeout_ms: int) -> None:
        later = facts({"gdpr": 1})
        waiting = Waiting(later)
        found = await consented(policy(timeout_ms, "send"), NOTHING, *waiting.given())
        assert found is (later if timeout_ms else NOTHING)

    async def test_a_signal_in_the_last_moment_counts(self) -> None:
        waiting = Waiting(*[NOTHING] * 6, ANSWER)
        assert await consented(policy(), NOTHING, *waiting.given()) is ANSWER
        assert sum(waiting.slept) == 5

    @pytest.mark.parametrize("default", ["hold", "send"])
    async def test_a_request_that_nobody_wants_any_more_is_given_up_at_once(
        self, default: Literal["hold", "send"]
    ) -> None:
        waiting = Waiting(NOTHING, None)
        assert await consented(policy(default=default), NOTHING, *waiting.given()) is None
        assert waiting.looks == 2

    async def test_even_when_that_is_seen_with_the_last_look(self) -> None:
        waiting = Waiting(None)
        assert await consented(policy(100, "send"), NOTHING, *waiting.given()) is None

    def test_it_is_looked_for_less_and_less_often(self) -> None:
        assert list(pauses(5000)) == [250, 500, 1000, 1000, 1000, 1000, 250]
        assert list(pauses(0)) == []


class TestSignal:
    @pytest.mark.parametrize(
        "consent",
        [
            {"gdpr": 1, "gdprConsent": "CPX"},
            {"gdprConsent": "CPX"},
            {"gdpr": 0},
            {"gdpr": 0, "gdprConsent": "CPX"},
            {"gpp": "DBAA", "gppSid": [7]},
            {"gpp": "DBAA"},
            {"usPrivacy": "1YNN"},
            {"usPrivacy": "1YYN"},
            {"usPrivacy": "1---", "gdpr": 0},
        ],
    )
    def test_who_has_answered_or_need_not_be_asked_has_given_one(self, consent: dict[str, Any]) -> None:
        assert has_signal(*facts(consent))

    def test_without_any_there_is_none(self) -> None:
        assert not has_signal(*NOTHING)

    @pytest.mark.parametrize("more", [{}, {"usPrivacy": "1YNN"}, {"gpp": "DBAA", "gppSid": [7]}])
    def test_who_is_asked_under_gdpr_has_not_answered_without_a_string(self, more: dict[str, Any]) -> None:
        assert not has_signal(*facts({"gdpr": 1, **more}))

    @pytest.mark.parametrize("consent", [{"usPrivacy": "1---"}, {"gpp": "DBAA", "gppSid": []}, {"gppSid": [7]}])
    def test_an_american_law_that_does_not_apply_tells_nothing_about_the_european_one(
        self, consent: dict[str, Any]
    ) -> None:
        assert not has_signal(*facts(consent))

    def test_global_privacy_control_is_no_answer(self) -> None:
        assert not has_signal(*facts(gpc=True))

    @pytest.mark.parametrize(
        "given", [Regulatory(gdpr=0), Regulatory(gdpr=1, gdpr_consent="CPX"), Regulatory(us_privacy="1YNN")]
    )
    def test_the_publisher_may_say_it_for_the_session(self, given: Regulatory) -> None:
        assert has_signal(*facts(regulatory=given))

    @pytest.mark.parametrize(
        "given",
        [Regulatory(), Regulatory(coppa=1), Regulatory(gdpr=1), Regulatory(gdpr_consent=" ")],
    )
    def test_but_not_with_something_else(self, given: Regulatory) -> None:
        assert not has_signal(*facts(regulatory=given))

    def test_the_page_knows_better_whether_gdpr_applies(self) -> None:
        assert not has_signal(*facts({"gdpr": 1}, Regulatory(gdpr=0)))
        assert has_signal(*facts({"gdpr": 1}, Regulatory(gdpr_consent="CPX")))
