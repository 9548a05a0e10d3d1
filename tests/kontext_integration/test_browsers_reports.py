"""Facts and consent that a page reports: what replaces what, and what an answer does to the ads found before it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from kontext_integration import browsers
from kontext_integration.models import AdBrowser
from kontext_integration.store import slot_for

from .host import fill

INSTALL_ID = "01890000-0000-7000-8000-00000000000a"
OTHER_ID = "01890000-0000-7000-8000-00000000000b"
ANSWER = {"gdpr": 1, "gdprConsent": "CPX"}


def report(facts: dict[str, Any]) -> None:
    """A page of user "u" reports."""
    request = RequestFactory().get("/", headers={"User-Agent": "Mozilla/5.0"})
    browsers.record_browser(user_id="u", facts=facts, request=request)


def stored() -> dict[str, Any]:
    facts: dict[str, Any] = AdBrowser.objects.get(user_id="u").facts
    return facts


@pytest.mark.django_db
class TestReport:
    def test_facts_are_replaced_as_a_whole(self) -> None:
        report({"timezone": "Europe/Rome", "darkMode": True})
        report({"darkMode": False})
        assert stored()["browser"] == {"darkMode": False, "userAgent": "Mozilla/5.0"}

    def test_consent_that_is_not_mentioned_stays(self) -> None:
        report({"consent": ANSWER})
        report({"darkMode": True})
        report({"consent": "what?"})
        assert browsers.load("u").consent == ANSWER

    def test_facts_that_are_not_mentioned_stay(self) -> None:
        report({"timezone": "Europe/Rome"})
        report({"consent": ANSWER})
        assert browsers.load("u").device["os"]["timezone"] == "Europe/Rome"

    @pytest.mark.parametrize("later", [{"gdpr": 0}, {"gdpr": 1, "gdprConsent": "CQY"}, {"usPrivacy": "1YYN"}, {}])
    def test_consent_that_is_mentioned_replaces_the_one_before_as_a_whole(self, later: dict[str, Any]) -> None:
        report({"consent": ANSWER})
        report({"consent": later})
        assert browsers.load("u").consent == later

    def test_it_is_known_when_consent_was_last_told(self) -> None:
        before = timezone.now()
        report({"consent": ANSWER})
        first = datetime.fromisoformat(stored()["consent"]["toldAt"])
        report({"darkMode": True})
        assert datetime.fromisoformat(stored()["consent"]["toldAt"]) == first
        report({"consent": ANSWER})
        assert before <= first < datetime.fromisoformat(stored()["consent"]["toldAt"])

    def test_another_browser_of_the_person_brings_its_own_answer_or_none(self) -> None:
        report({"installId": INSTALL_ID, "consent": ANSWER})
        report({"installId": OTHER_ID, "darkMode": True})
        assert browsers.load("u").consent == {}
        report({"installId": INSTALL_ID, "consent": {"gdpr": 0}})
        assert browsers.load("u").consent == {"gdpr": 0}

    def test_a_report_that_was_overtaken_loses_nothing(self) -> None:
        report({"darkMode": False})
        late = AdBrowser.objects.get()
        report({"consent": ANSWER})
        assert browsers._update(late, {"browser": {"darkMode": True}}, None) is None
        report({"darkMode": True})
        assert stored()["consent"]["signals"] == ANSWER
        assert stored()["browser"]["darkMode"] is True


@pytest.mark.django_db(transaction=True)
async def test_reports_and_requests_at_the_same_time_lose_nothing() -> None:
    def one(number: int) -> None:
        facts = [{"darkMode": True}, {"consent": ANSWER}, None][number % 3]
        if facts is None:
            browsers._remember("u", {"address": f"203.0.113.{number}"})
        else:
            report(facts)
        connection.close()

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(6) as threads:
        await asyncio.gather(*(loop.run_in_executor(threads, one, number) for number in range(18)))
    row = await AdBrowser.objects.aget()
    assert row.facts["consent"]["signals"] == ANSWER
    assert row.facts["browser"]["darkMode"] is True


@pytest.mark.django_db
class TestAdsOfAnEarlierAnswer:
    """What was found under one answer is not put into a page under another."""

    def offered(self) -> bool:
        return slot_for("a1") is not None

    def test_a_changed_answer_takes_the_ads_of_the_person_away(self) -> None:
        fill("a1", owner="u")
        fill("b1", owner="somebody else")
        report({"consent": ANSWER})
        assert self.offered()
        report({"consent": {"gdpr": 1, "gdprConsent": "REFUSED"}})
        assert not self.offered()
        assert slot_for("b1") is not None

    def test_so_does_an_answer_that_is_taken_back(self) -> None:
        report({"consent": ANSWER})
        fill("a1", owner="u")
        report({"consent": {}})
        assert not self.offered()

    @pytest.mark.parametrize(
        "later", [{"consent": ANSWER}, {"consent": {**ANSWER, "usPrivacy": "1YNN"}}, {"gpc": True}]
    )
    def test_the_same_answer_leaves_them(self, later: dict[str, Any]) -> None:
        report({"consent": ANSWER})
        fill("a1", owner="u")
        report(later)
        assert self.offered()

    def test_so_does_the_answer_of_another_browser(self) -> None:
        report({"installId": INSTALL_ID, "consent": ANSWER})
        fill("a1", owner="u")
        report({"installId": OTHER_ID, "consent": {"gdpr": 0}})
        assert self.offered()
