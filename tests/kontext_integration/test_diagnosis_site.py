"""What `kontext_check` says about the site itself."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.test import override_settings

from kontext_integration.diagnosis.findings import Finding
from kontext_integration.diagnosis.site import look_at_site, shown_token
from kontext_integration.models import AdBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kontext_integration.host")]

GOOD = {"PUBLISHER_TOKEN": "a-secret-token", "USER_ID": "tests.kontext_integration.host.person"}
OPEN = {"DIRECTIVES": {"frame-src": ["https://server.megabrain.co"]}}


def found(policy: dict[str, Any] | None = OPEN, **changes: Any) -> list[Finding]:
    with override_settings(KONTEXT={**GOOD, **changes}, CONTENT_SECURITY_POLICY=policy):
        return look_at_site()


def said(words: str, **given: Any) -> Finding:
    """The one finding with these words."""
    [finding] = [finding for finding in found(**given) if words in finding.what]
    return finding


def see(*addresses: str) -> None:
    for number, address in enumerate(addresses):
        AdBrowser.objects.create(user_id=f"u{number}", install_id=uuid.uuid4(), facts={"address": address})


def test_a_good_site_is_told_as_it_is() -> None:
    assert [(finding.level, finding.what) for finding in found()] == [
        ("ok", "Token: a-s… (14 characters). Placements: inlineAd. We speak as sdk-js 4.0.2 on web."),
        ("ok", "USER_ID: tests.kontext_integration.host.person says whose ads a request may talk about."),
        ("ok", "TRANSPORT is 'server': this server asks the ad server."),
        (
            "ok",
            "Requests carry the person's User-Agent, and in X-Forwarded-For the address of the connection, "
            "which behind a proxy is the proxy's.",
        ),
        ("ok", "ASGI_APPLICATION is chatapp.asgi.application. Under WSGI no ad is ever found."),
        ("ok", "The page script talks to /kontext/."),
        ("ok", "The Content-Security-Policy lets pages show frames of https://server.megabrain.co."),
        ("ok", "The tables of kontext_integration are there."),
    ]


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        ("sandbox", "that of the sandbox"),
        ("short", "… (5 characters)"),
        ("a-secret-token", "a-s… (14 characters)"),
    ],
)
def test_a_token_is_shown_by_its_beginning_only(token: str, shown: str) -> None:
    assert shown_token(token) == shown


def test_the_callback_for_events_is_named() -> None:
    assert said("ON_EVENT", ON_EVENT="shop.ads.note").what == "ON_EVENT: shop.ads.note hears every event."


def test_with_the_relay_it_says_what_it_cannot_tell() -> None:
    relay = found(TRANSPORT="browser")
    assert [finding for finding in relay if "X-Forwarded-For" in finding.what] == []
    [told] = [finding for finding in relay if "TRANSPORT" in finding.what]
    assert (told.level, "not whether a browser gets through" in told.what) == ("note", True)


@pytest.mark.parametrize(
    ("default", "then"), [("hold", "is given up (skipCode 'no_consent')"), ("send", "is sent without")]
)
def test_consent_first_is_told_with_its_time_and_its_default(default: str, then: str) -> None:
    told = said("CONSENT_FIRST", CONSENT_FIRST=True, CONSENT_TIMEOUT_MS=3_000, CONSENT_DEFAULT=default)
    assert f"A request waits 3,000 ms for a signal and then {then}." in told.what


@override_settings(ASGI_APPLICATION=None)
def test_without_an_asgi_application_it_says_what_to_serve_with() -> None:
    assert said("WSGI").what == "Serve this site with an ASGI server. Under WSGI no ad is ever found."


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({"TRUSTED_PROXY_COUNT": 2}, "ok", "in X-Forwarded-For entry 2 from the right of the one that your proxies"),
        ({"CLIENT_ADDRESS": "shop.ads.address"}, "ok", "in X-Forwarded-For what shop.ads.address gives."),
        ({"FORWARD_USER_AGENT": False}, "ok", "Requests carry no User-Agent, and in X-Forwarded-For"),
        ({"FORWARD_ADDRESS": False}, "note", "no X-Forwarded-For: the ad server takes this machine for the person."),
    ],
)
def test_what_requests_carry(changes: dict[str, Any], level: str, words: str) -> None:
    told = said("X-Forwarded-For", **changes)
    assert (told.level, words in told.what) == (level, True)


def test_addresses_that_are_all_of_a_private_network_are_a_proxy_s() -> None:
    see("10.0.0.3", "10.0.0.3", "127.0.0.1")
    told = said("has a public address")
    assert told.level == "note"
    assert told.what.startswith("No browser of the newest 3 has a public address")
    assert "TRUSTED_PROXY_COUNT" in told.fix
    assert "10.0.0.3" not in told.what


def test_with_an_ad_server_on_this_machine_addresses_do_not_matter() -> None:
    see("127.0.0.1")
    assert not [finding for finding in found(AD_SERVER_URL="http://127.0.0.1:8001") if "public address" in finding.what]


def test_one_public_address_is_enough() -> None:
    see("10.0.0.3", "8.8.8.8")
    assert not [finding for finding in found() if "public address" in finding.what]


def test_a_policy_that_keeps_frames_out_is_left_to_the_system_checks() -> None:
    assert not [finding for finding in found({"DIRECTIVES": {"frame-src": ["'none'"]}}) if "frames" in finding.what]


def test_without_a_policy_it_says_what_one_would_need() -> None:
    assert said("frame-src", policy=None).what == (
        "If a web server before this site sends a Content-Security-Policy, it needs frame-src https://server.megabrain.co."
    )


def test_ads_txt_that_is_served() -> None:
    assert said("ADS_TXT", ADS_TXT=["a", "b"]).what == "/ads.txt has the lines of ADS_TXT (2)."


@pytest.mark.urls("tests.kontext_integration.no_urls")
def test_ads_txt_that_is_not() -> None:
    told = said("ADS_TXT", ADS_TXT=["a", "b"])
    assert (told.level, "kontext_integration.views.ads_txt" in told.fix) == ("note", True)


@pytest.mark.urls("tests.kontext_integration.no_urls")
def test_addresses_that_are_not_mounted_are_left_to_the_system_checks() -> None:
    assert not [finding for finding in found() if "page script" in finding.what]


@pytest.mark.django_db(transaction=True)
def test_tables_that_are_missing_are_wrong() -> None:
    call_command("migrate", "kontext_integration", "zero", verbosity=0)
    try:
        told = said("tables")
    finally:
        call_command("migrate", "kontext_integration", verbosity=0)
    assert told == Finding("wrong", "The tables of kontext_integration are missing or old.", "Run manage.py migrate.")


def test_a_database_that_is_away_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise DatabaseError("with a password")

    monkeypatch.setattr("django.db.migrations.recorder.MigrationRecorder.applied_migrations", refuse)
    assert said("database").what == "The database does not answer (DatabaseError)."
