"""What `manage.py check` says about `KONTEXT`."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import Error, Warning, run_checks
from django.test import override_settings

from kontext_integration.checks import check_deployment, check_settings

GOOD = {"PUBLISHER_TOKEN": "t", "USER_ID": "kontext_integration.browsers.client_address"}


async def asynchronous(request: object) -> None:
    """What `USER_ID` must not be."""


def found(**changes: Any) -> list[Any]:
    with override_settings(KONTEXT={**GOOD, **changes}, CONTENT_SECURITY_POLICY=None):
        return list(check_settings())


def test_a_good_setting_is_silent() -> None:
    assert found() == []


def test_no_setting_at_all_is_silent() -> None:
    with override_settings(KONTEXT={}):
        assert check_settings() == []


def test_every_good_value_is_silent() -> None:
    assert (
        found(
            AD_SERVER_URL="http://127.0.0.1:8001",
            PLACEMENT_CODES=("inlineAd", "banner"),
            APP={"bundleId": "chat.example.com", "version": ""},
            MAX_AGE_S=0,
            TRANSPORT="browser",
            ON_EVENT="tests.kontext_integration.test_checks.asynchronous",
            CONSENT_FIRST=True,
            CONSENT_TIMEOUT_MS=0,
            CONSENT_DEFAULT="send",
            CLIENT_ADDRESS="kontext_integration.browsers.client_address",
            TRUSTED_PROXY_COUNT=2,
            THEME="dark",
            ADS_TXT=["example.com, 1, DIRECT"],
            VARIANT_ID="A",
            REGULATORY={"gdpr": 0, "gppSid": [7]},
        )
        == []
    )


def test_something_else_than_a_dict_is_an_error() -> None:
    with override_settings(KONTEXT=[1]):
        assert check_settings() == [Error("KONTEXT is not a dict.", hint="Write KONTEXT = {...}.", id="kontext.E001")]


def test_unknown_keys_are_named_with_the_known_ones() -> None:
    [error] = found(TOKEN="x", publisher_token="y")
    assert (error.id, error.msg) == ("kontext.E001", "KONTEXT has unknown keys: TOKEN, publisher_token.")
    assert "PUBLISHER_TOKEN" in error.hint


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PUBLISHER_TOKEN", None),
        ("PLACEMENT_CODES", "inlineAd"),
        ("PLACEMENT_CODES", [""]),
        ("SDK_NAME", ""),
        ("SDK_PLATFORM", None),
        ("SDK_VERSION", 4),
        ("APP", {"bundleId": "x"}),
        ("MAX_AGE_S", -1),
        ("MAX_AGE_S", True),
        ("TRANSPORT", "relay"),
        ("CONSENT_FIRST", None),
        ("CONSENT_TIMEOUT_MS", -1),
        ("CONSENT_TIMEOUT_MS", 0.5),
        ("CONSENT_DEFAULT", "drop"),
        ("OPEN_CLICKS", "yes"),
        ("FRAME_SANDBOX", None),
        ("FORWARD_USER_AGENT", 1),
        ("FORWARD_ADDRESS", 0),
        ("TRUSTED_PROXY_COUNT", "1"),
        ("THEME", 1),
        ("ADS_TXT", "line"),
        ("VARIANT_ID", 7),
        ("REGULATORY", {"gdpr": 2}),
        ("REGULATORY", {"gdpr_consent": "x"}),
        ("GPC_OPT_OUT", "no"),
    ],
)
def test_an_unusable_value_is_named_with_what_to_write(key: str, value: object) -> None:
    [error] = found(**{key: value})
    assert (error.id, error.msg) == ("kontext.E002", f"KONTEXT['{key}'] has an unusable value.")
    assert error.hint.startswith("Set it to ")


@pytest.mark.parametrize(
    "url", ["", "ads.test", "//ads.test", "ftp://ads.test", "https://", "https://ads.test:x", None]
)
def test_the_ad_server_must_be_a_web_address(url: object) -> None:
    [error] = found(AD_SERVER_URL=url)
    assert error == Error(
        "KONTEXT['AD_SERVER_URL'] is not the address of a server.",
        hint="Set it to an absolute http or https address such as 'https://server.megabrain.co'.",
        id="kontext.E003",
    )


NO_FUNCTIONS = ["no.such.thing", "kontext_integration.conf.__doc__", "kontext_integration", None]
ASYNC = "tests.kontext_integration.test_checks.asynchronous"


@pytest.mark.parametrize("path", ["", ASYNC, *NO_FUNCTIONS])
def test_somebody_must_know_who_is_behind_a_request(path: object) -> None:
    assert found(USER_ID=path) == [
        Error(
            "KONTEXT['USER_ID'] is not the path of a plain function.",
            hint="Set it to the dotted path of a function, not async, that takes a request and returns the id, "
            "or None.",
            id="kontext.E004",
        )
    ]


def test_without_a_token_nobody_has_to() -> None:
    assert found(PUBLISHER_TOKEN="", USER_ID="") == []


@pytest.mark.parametrize("path", [ASYNC, *NO_FUNCTIONS])
def test_the_function_for_the_address_must_exist(path: object) -> None:
    assert found(CLIENT_ADDRESS=path) == [
        Error(
            "KONTEXT['CLIENT_ADDRESS'] is not the path of a plain function.",
            hint="Set it to the dotted path of a function, not async, that takes a request and returns an IP address.",
            id="kontext.E005",
        )
    ]


@pytest.mark.parametrize("path", NO_FUNCTIONS)
def test_the_function_for_the_events_must_exist(path: object) -> None:
    assert found(ON_EVENT=path) == [
        Error(
            "KONTEXT['ON_EVENT'] is not the path of a function.",
            hint="Set it to the dotted path of a function, async or not, of (event, conversation_id, user_id).",
            id="kontext.E007",
        )
    ]


def test_a_deployment_without_a_token_is_a_warning() -> None:
    with override_settings(KONTEXT={}):
        assert check_deployment() == [
            Warning(
                "Ads are off: there is no publisher token.",
                hint="Set KONTEXT['PUBLISHER_TOKEN'] to the token that Kontext issued, or silence kontext.W001.",
                id="kontext.W001",
            )
        ]


def test_a_deployment_is_looked_at_when_ads_are_on() -> None:
    with override_settings(KONTEXT={**GOOD, "AD_SERVER_URL": "http://ads.test"}, CONTENT_SECURITY_POLICY=None):
        assert "kontext.W002" in {warning.id for warning in check_deployment()}


def test_a_deployment_with_errors_is_not_warned_on_top() -> None:
    with override_settings(KONTEXT={"TOKEN": "x"}):
        assert check_deployment() == []


def test_a_deployment_with_warnings_is_warned_on_top() -> None:
    closed = {"DIRECTIVES": {"default-src": ["'self'"]}}
    with override_settings(KONTEXT={**GOOD, "AD_SERVER_URL": "http://ads.test"}, CONTENT_SECURITY_POLICY=closed):
        assert [warning.id for warning in check_settings()] == ["kontext.W003"]
        assert "kontext.W002" in {warning.id for warning in check_deployment()}


def test_the_checks_are_registered() -> None:
    with override_settings(KONTEXT={"TOKEN": "x"}):
        assert "kontext.E001" in {message.id for message in run_checks(tags=["kontext"])}


@pytest.mark.urls("tests.kontext_integration.no_urls")
def test_addresses_that_are_not_mounted_are_an_error_with_the_line_to_add() -> None:
    assert found() == [
        Error(
            "The addresses of kontext_integration are not mounted.",
            hint='Add path("kontext/", include("kontext_integration.urls")) to the urls of the project.',
            id="kontext.E006",
        )
    ]


@pytest.mark.urls("tests.kontext_integration.no_urls")
def test_without_ads_no_addresses_are_missed() -> None:
    assert found(PUBLISHER_TOKEN="") == []
