"""What `manage.py check` says about the settings around `KONTEXT`."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import Warning
from django.test import override_settings

from kontext_integration.conf import Settings
from kontext_integration.surroundings import check_pages, check_production

ON = Settings(publisher_token="a-real-token", ads_txt=["line"])
CLOSED = {"DIRECTIVES": {"default-src": ["'self'"]}}
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"context_processors": ["django.contrib.auth.context_processors.auth"]},
    }
]


def pages(conf: Settings = ON, **project: Any) -> list[Any]:
    with override_settings(**{"CONTENT_SECURITY_POLICY": None, **project}):
        return list(check_pages(conf))


def production(conf: Settings = ON, **project: Any) -> list[Any]:
    with override_settings(**{"SECURE_PROXY_SSL_HEADER": None, **project}):
        return list(check_production(conf))


def test_good_surroundings_are_silent() -> None:
    assert pages() == []
    assert production() == []


def test_a_policy_without_the_frames_of_the_ad_server_is_a_warning() -> None:
    assert pages(CONTENT_SECURITY_POLICY=CLOSED) == [
        Warning(
            "CONTENT_SECURITY_POLICY keeps pages from the ad server.",
            hint="Add https://server.megabrain.co to its frame-src.",
            id="kontext.W003",
        )
    ]


def test_a_page_that_asks_the_ad_server_must_be_allowed_to() -> None:
    relay = Settings(publisher_token="a-real-token", transport="browser")
    frames_only = {"DIRECTIVES": {"default-src": ["'self'"], "frame-src": ["https://server.megabrain.co"]}}
    assert pages(relay, CONTENT_SECURITY_POLICY=frames_only) == [
        Warning(
            "CONTENT_SECURITY_POLICY keeps pages from the ad server.",
            hint="Add https://server.megabrain.co to its connect-src.",
            id="kontext.W003",
        )
    ]


def test_without_ads_no_policy_matters() -> None:
    assert pages(Settings(), CONTENT_SECURITY_POLICY=CLOSED, TEMPLATES=TEMPLATES) == []


def test_templates_without_the_request_are_a_warning() -> None:
    assert pages(TEMPLATES=TEMPLATES) == [
        Warning(
            "Pages may lack the CSRF token: templates know no request.",
            hint="Add 'django.template.context_processors.request' to the context processors in TEMPLATES, "
            "or silence kontext.W004.",
            id="kontext.W004",
        )
    ]


def test_one_engine_that_knows_the_request_is_enough() -> None:
    knowing = {**TEMPLATES[0], "OPTIONS": {"context_processors": ["django.template.context_processors.request"]}}
    assert pages(TEMPLATES=[*TEMPLATES, knowing]) == []


def test_other_engines_are_not_judged() -> None:
    assert pages(TEMPLATES=[{"BACKEND": "django.template.backends.jinja2.Jinja2"}]) == []


def test_messages_must_travel_encrypted() -> None:
    [warning] = production(Settings(publisher_token="a-real-token", ads_txt=["line"], ad_server_url="http://ads.test"))
    assert warning == Warning(
        "Messages go to the ad server unencrypted.",
        hint="Set KONTEXT['AD_SERVER_URL'] to an https address.",
        id="kontext.W002",
    )


def test_the_token_of_the_sandbox_is_none() -> None:
    assert production(Settings(publisher_token="sandbox")) == [
        Warning(
            "The publisher token is that of the sandbox.",
            hint="Set KONTEXT['PUBLISHER_TOKEN'] to the token that Kontext issued.",
            id="kontext.W005",
        )
    ]


def test_a_real_token_wants_an_ads_txt() -> None:
    assert production(Settings(publisher_token="a-real-token")) == [
        Warning(
            "There is no ads.txt, without which many advertisers do not bid.",
            hint="Set KONTEXT['ADS_TXT'] to the lines that Kontext sent, or silence kontext.W006 "
            "if they are served already.",
            id="kontext.W006",
        )
    ]


def test_a_project_for_wsgi_is_warned() -> None:
    assert production(WSGI_APPLICATION="site.wsgi.application", ASGI_APPLICATION=None) == [
        Warning(
            "The project is set up for WSGI, where no ad is ever found.",
            hint="Serve asgi.py with an ASGI server (daphne, uvicorn, hypercorn) and name it in ASGI_APPLICATION.",
            id="kontext.W007",
        )
    ]


@pytest.mark.parametrize(
    "project",
    [{"WSGI_APPLICATION": "a", "ASGI_APPLICATION": "b"}, {"WSGI_APPLICATION": None, "ASGI_APPLICATION": None}],
)
def test_a_project_that_names_an_asgi_application_or_none_is_not(project: dict[str, Any]) -> None:
    assert production(**project) == []


@pytest.mark.parametrize(
    "project", [{"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}, {"USE_X_FORWARDED_HOST": True}]
)
def test_a_proxy_that_the_ads_do_not_know_hides_people(project: dict[str, Any]) -> None:
    assert production(**project) == [
        Warning(
            "The ad server is told a proxy's address instead of the person's.",
            hint="Set KONTEXT['TRUSTED_PROXY_COUNT'] to the number of your own proxies, or FORWARD_ADDRESS to False.",
            id="kontext.W008",
        )
    ]


@pytest.mark.parametrize(
    "known",
    [
        {"trusted_proxy_count": 1},
        {"client_address": "a.b"},
        {"forward_address": False},
        {"transport": "browser"},
    ],
)
def test_a_proxy_that_the_ads_know_does_not(known: dict[str, Any]) -> None:
    conf = Settings(publisher_token="a-real-token", ads_txt=["line"], **known)
    assert production(conf, USE_X_FORWARDED_HOST=True) == []
