"""What requests and page scripts leave behind about a user's browser."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import sync_to_async
from django.test import RequestFactory, override_settings

from kontext_integration import browsers, observe
from kontext_integration.models import AdBrowser

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django import DjangoAssertNumQueries

INSTALL_ID = "01890000-0000-7000-8000-00000000000a"
ANSWER = {"gdpr": 1, "gdprConsent": "CPX"}
HEADERS = {"User-Agent": "Mozilla/5.0", "Accept-Language": "it-IT", "Sec-GPC": "1"}


def request_with(address: str = "203.0.113.9", **headers: str) -> HttpRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().get("/", headers={**HEADERS, **given}, REMOTE_ADDR=address)


def kontext(**changes: Any) -> Any:
    return override_settings(KONTEXT={"PUBLISHER_TOKEN": "t", **changes})


def other_address(request: HttpRequest) -> str | None:
    return "198.51.100.7"


def failing_address(request: HttpRequest) -> str | None:
    raise RuntimeError("a private text")


def test_a_minted_install_id_is_a_uuid_of_version_7() -> None:
    minted = uuid.UUID(browsers.mint_install_id(1_700_000_000_000))
    assert minted.version == 7
    assert minted.variant == uuid.RFC_4122
    assert minted.int >> 80 == 1_700_000_000_000
    assert browsers.mint_install_id() != browsers.mint_install_id()


def report(facts: dict[str, Any], **headers: str) -> None:
    """A page of user "u" reports."""
    browsers.record_browser(user_id="u", facts=facts, request=request_with(**headers))


@pytest.mark.django_db
@pytest.mark.parametrize("given", [INSTALL_ID, INSTALL_ID.upper(), "6ba7b810-9dad-41d1-80b4-00c04fd430c8"])
def test_any_canonical_install_id_is_kept_in_lower_case(given: str) -> None:
    report({"installId": given})
    assert browsers.load("u").install_id == given.lower()


@pytest.mark.django_db
@pytest.mark.parametrize("first", [{"installId": "broken"}, {"installId": None}, {}])
def test_a_browser_without_a_good_install_id_is_given_one_that_stays(first: dict[str, Any]) -> None:
    report(first)
    minted = browsers.load("u").install_id
    report({"darkMode": True})
    assert uuid.UUID(minted).version == 7
    assert browsers.load("u").install_id == minted


@pytest.mark.django_db
def test_a_browser_that_can_store_nothing_keeps_the_install_id_that_the_person_has() -> None:
    report({"installId": INSTALL_ID})
    report({"darkMode": True})
    assert browsers.load("u").install_id == INSTALL_ID


@pytest.mark.django_db
def test_the_id_of_the_page_replaces_the_one_that_stood_in_for_it() -> None:
    assert browsers.load("u").install_id != INSTALL_ID
    report({"installId": INSTALL_ID})
    assert browsers.load("u").install_id == INSTALL_ID


@pytest.mark.django_db
def test_two_users_never_share_a_minted_install_id() -> None:
    assert browsers.load("one").install_id != browsers.load("two").install_id


@pytest.mark.django_db
def test_a_browser_nobody_has_seen_keeps_the_install_id_it_was_given() -> None:
    assert browsers.load("u").install_id == browsers.load("u").install_id
    assert browsers.load("u").forwarded == {}


@pytest.mark.django_db
def test_facts_and_headers_meet_in_the_browser_of_a_preload() -> None:
    report({"timezone": "Europe/Rome", "consent": {"gdpr": 1}})
    found = browsers.load("u")
    assert found.device["os"] == {"name": "web", "version": "", "locale": "it-IT", "timezone": "Europe/Rome"}
    assert found.consent == {"gdpr": 1}
    assert found.opted_out
    assert found.forwarded == {"User-Agent": "Mozilla/5.0", "X-Forwarded-For": "203.0.113.9"}


@pytest.mark.django_db
def test_what_is_forwarded_can_be_switched_off() -> None:
    report({})
    with kontext(FORWARD_USER_AGENT=False, FORWARD_ADDRESS=False):
        assert browsers.load("u").forwarded == {}


@pytest.mark.django_db
def test_a_user_agent_that_no_header_can_carry_is_not_forwarded() -> None:
    report({}, User_Agent="Mozillá")
    assert "User-Agent" not in browsers.load("u").forwarded


@pytest.mark.django_db(transaction=True)
async def test_observing_keeps_the_facts_of_the_page() -> None:
    await AdBrowser.objects.acreate(user_id="u", install_id=INSTALL_ID, facts={"browser": {"timezone": "Europe/Rome"}})
    await observe(user_id="u", request=request_with())
    row = await AdBrowser.objects.aget()
    assert row.facts["browser"] == {"timezone": "Europe/Rome"}
    assert row.facts["headers"]["accept_language"] == "it-IT"
    assert str(row.install_id) == INSTALL_ID


@pytest.mark.django_db
def test_the_same_again_writes_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    report({"darkMode": True})
    with django_assert_num_queries(1):
        report({"darkMode": True})


@pytest.mark.django_db
def test_a_preload_never_fails_because_of_the_device(caplog: pytest.LogCaptureFixture) -> None:
    screen = {"width": "a private text", "height": 1}
    AdBrowser.objects.create(user_id="u", install_id=INSTALL_ID, facts={"browser": {"screen": screen}, "headers": {}})
    found = browsers.load("u")
    assert (found.device, found.install_id) == ({}, INSTALL_ID)
    assert "the device of a preload failed: TypeError" in caplog.text
    assert "a private text" not in caplog.text


@pytest.mark.django_db(transaction=True)
async def test_nothing_is_kept_while_ads_are_off() -> None:
    with kontext(PUBLISHER_TOKEN=""):
        await observe(user_id="u", request=request_with())
        await sync_to_async(report)({"installId": INSTALL_ID, "consent": ANSWER})
    assert await AdBrowser.objects.acount() == 0


@pytest.mark.django_db(transaction=True)
async def test_observing_never_raises_and_logs_no_words(caplog: pytest.LogCaptureFixture) -> None:
    with kontext(CLIENT_ADDRESS=f"{__name__}.failing_address"):
        await observe(user_id="u", request=request_with())
    assert "observe failed: RuntimeError" in caplog.text
    assert "a private text" not in caplog.text


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:443", "203.0.113.9"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("", None),
        ("unix:/run/socket", None),
    ],
)
def test_the_address_is_that_of_the_connection(address: str, found: str | None) -> None:
    assert browsers.client_address(request_with(address)) == found


def test_without_trusted_proxies_nobody_may_claim_an_address() -> None:
    assert browsers.client_address(request_with(X_Forwarded_For="198.51.100.7")) == "203.0.113.9"


@pytest.mark.parametrize(
    ("count", "header", "found"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", None),
        (1, "junk", None),
        (1, "", "203.0.113.9"),
    ],
)
def test_trusted_proxies_are_counted_from_the_right(count: int, header: str, found: str | None) -> None:
    with kontext(TRUSTED_PROXY_COUNT=count):
        assert browsers.client_address(request_with(X_Forwarded_For=header)) == found


def test_a_function_of_the_publisher_may_know_the_address_better() -> None:
    with kontext(CLIENT_ADDRESS=f"{__name__}.other_address"):
        assert browsers.client_address(request_with()) == "198.51.100.7"
