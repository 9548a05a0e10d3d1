"""Which Content-Security-Policy keeps pages from the ad server."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from kontext_integration import policies

ORIGIN = "https://server.megabrain.co"


def forbids(directives: dict[str, Any], origin: str = ORIGIN, directive: str = "frame-src") -> bool:
    with override_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": directives}):
        return list(policies.forbidding(directive, origin)) == ["CONTENT_SECURITY_POLICY"]


@pytest.mark.parametrize(
    "source",
    [
        ORIGIN,
        f"{ORIGIN}/",
        f"{ORIGIN}/api/",
        "HTTPS://Server.Megabrain.co",
        "server.megabrain.co",
        "https://*.megabrain.co",
        "*.megabrain.co",
        "https:",
        "*",
    ],
)
def test_a_policy_that_names_the_ad_server_lets_it_in(source: str) -> None:
    assert not forbids({"frame-src": ["'self'", source]})


@pytest.mark.parametrize(
    "source",
    ["'self'", "'none'", "http://server.megabrain.co", "https://megabrain.co", f"{ORIGIN}:8443", "http:", "data:"],
)
def test_a_policy_that_does_not_name_it_keeps_it_out(source: str) -> None:
    assert forbids({"frame-src": [source]})


def test_the_port_counts() -> None:
    assert not forbids({"frame-src": ["http://127.0.0.1:8001"]}, "http://127.0.0.1:8001")
    assert forbids({"frame-src": ["http://127.0.0.1:8000"]}, "http://127.0.0.1:8001")


def test_a_directive_may_be_one_string() -> None:
    assert not forbids({"frame-src": ORIGIN})


def test_a_missing_directive_falls_back() -> None:
    assert forbids({"default-src": ["'self'"]})
    assert not forbids({"default-src": ["'self'"], "child-src": [ORIGIN]})
    assert forbids({"default-src": [ORIGIN], "frame-src": ["'none'"]})
    assert not forbids({"frame-src": None, "default-src": [ORIGIN]})


def test_connections_do_not_fall_back_to_frames() -> None:
    assert forbids({"default-src": ["'self'"], "frame-src": [ORIGIN]}, directive="connect-src")


def test_a_policy_without_any_of_them_forbids_nothing() -> None:
    assert not forbids({"script-src": ["'self'"]})


@override_settings(CONTENT_SECURITY_POLICY=None)
def test_no_policy_forbids_nothing() -> None:
    assert not policies.is_known()
    assert not any(policies.forbidding("frame-src", ORIGIN))


@override_settings(CONTENT_SECURITY_POLICY=None, SECURE_CSP={"frame-src": ["'self'"]})
def test_the_policy_of_django_itself_counts_too() -> None:
    assert policies.is_known()
    assert list(policies.forbidding("frame-src", ORIGIN)) == ["SECURE_CSP"]
