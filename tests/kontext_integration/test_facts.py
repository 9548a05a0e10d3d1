"""What of a page's claims is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kontext_integration import facts
from kontext_integration.bodies import LARGEST_BODY

GOOD = {
    "installId": "01890000-0000-7000-8000-00000000000a",
    "timezone": "Europe/Rome",
    "language": "en-US",
    "darkMode": True,
    "screen": {"width": 1440, "height": 900, "dpr": 2, "orientation": "landscape"},
    "connection": {"type": "wifi", "detail": "4g"},
    "userAgent": "Mozilla/5.0",
    "gpc": True,
    "consent": {"gdpr": 1, "gdprConsent": "CPX", "gpp": "DBA", "gppSid": [7], "usPrivacy": "1YNN"},
}


def test_good_facts_stay_as_they_are() -> None:
    assert facts.clean(GOOD) == GOOD


def test_unknown_fields_are_dropped() -> None:
    assert facts.clean({**GOOD, "name": "Ann", "screen": {**GOOD["screen"], "x": 1}}) == GOOD  # type: ignore[dict-item]


@pytest.mark.parametrize("nothing", [None, [], "text", 7, {}])
def test_something_else_than_an_object_holds_no_facts(nothing: object) -> None:
    assert facts.clean(nothing) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("installId", "{01890000-0000-7000-8000-00000000000a}"),
        ("installId", "01890000000070008000000000000000"),
        ("installId", None),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("language", "en_US"),
        ("language", "e" * 100),
        ("darkMode", 1),
        ("darkMode", "true"),
        ("userAgent", "x" * 1025),
        ("userAgent", "two\r\nlines"),
        ("userAgent", "  "),
        ("gpc", "1"),
    ],
)
def test_a_bad_value_is_dropped(name: str, value: object) -> None:
    assert facts.clean({name: value}) == {}


@pytest.mark.parametrize("width", [0, -1, True, "1440", float("nan"), float("inf"), 10**400, None])
def test_a_size_must_be_a_sane_number(width: object) -> None:
    assert facts.clean({"screen": {"width": width}}) == {}


@pytest.mark.parametrize(
    ("said", "kept"), [("portrait-primary", "portrait"), ("landscape-secondary", "landscape"), ("odd", "landscape")]
)
def test_an_orientation_is_one_of_two(said: str, kept: str) -> None:
    assert facts.clean({"screen": {"orientation": said}}) == {"screen": {"orientation": kept}}


@pytest.mark.parametrize(
    ("said", "kept"), [("wifi", "wifi"), ("bluetooth", "other"), ("wimax", "other"), ("none", None), ("unknown", None)]
)
def test_a_network_type_is_mapped_or_dropped(said: str, kept: str | None) -> None:
    assert facts.clean({"connection": {"type": said}}) == ({"connection": {"type": kept}} if kept else {})


@pytest.mark.parametrize(
    ("said", "kept"),
    [(0, 0), (1, 1), (True, 1), (False, 0), ("1", 1), (" 0 ", 0), (1.0, 1)]
    + [(value, None) for value in (2, -1, 0.5, float("nan"), 10**400, "2", "-1", "0.5", "yes", "true", "", " ")]
    + [(value, None) for value in (None, [], [1], {}, b"1")],
)
def test_7_2_gdpr_is_known_only_when_it_is_exactly_0_or_1(said: object, kept: int | None) -> None:
    assert facts.gdpr(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"gdprConsent": "  "}, {}),
        ({"gdprConsent": "x" * 9000}, {}),
        ({"gppSid": [7, -1, 0, True, "8"]}, {"gppSid": [7]}),
        ({"gppSid": []}, {"gppSid": []}),
        ({"usPrivacy": "2YNN"}, {}),
        ({"usPrivacy": "1YN"}, {}),
        ({"usPrivacy": "1---"}, {"usPrivacy": "1---"}),
        ({"gdpr": 7, "gdprConsent": "CPX"}, {"gdprConsent": "CPX"}),
        ({"gppSid": [7] * 65}, {}),
        ({"coppa": 1}, {}),
        ({}, {}),
    ],
)
def test_7_2_consent_is_checked_field_by_field(said: dict[str, Any], kept: dict[str, Any]) -> None:
    assert facts.consent(said) == kept


@pytest.mark.parametrize("said", [{}, {"gdpr": 7}, {"gdprConsent": " "}])
def test_consent_that_is_mentioned_without_a_signal_stays_mentioned(said: dict[str, Any]) -> None:
    assert facts.clean({"consent": said}) == {"consent": {}}


@pytest.mark.parametrize("said", [None, [], "CPX", 1, True])
def test_consent_that_is_no_object_is_not_mentioned(said: object) -> None:
    assert facts.clean({"consent": said}) == {}


def test_a_report_with_the_longest_strings_fits_into_what_is_accepted() -> None:
    longest = "x" * 7000
    consent = {"gdpr": 1, "gdprConsent": longest, "gpp": longest, "gppSid": [999] * 64, "usPrivacy": "1YNN"}
    report = {**GOOD, "consent": consent, "userAgent": "u" * 500}
    assert facts.clean(report)["consent"] == consent
    assert len(json.dumps(report)) < LARGEST_BODY
    assert "gdprConsent" not in facts.clean({"consent": {"gdprConsent": longest + "x"}})["consent"]
