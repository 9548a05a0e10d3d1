from __future__ import annotations

import pytest
from pytest_django import Settings

from chatapp.origins import is_allowed


def test_the_pages_own_origin_may_connect() -> None:
    assert is_allowed(b"http://chat.test:8000", b"chat.test:8000")


@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.test",
        b"http://chat.test:8001",
        b"http://chat.test",
        b"null",
        b"",
        b"http://[",
        b"http://chat.test:8000.evil.test",
    ],
)
def test_a_page_of_another_origin_may_not(origin: bytes) -> None:
    assert not is_allowed(origin, b"chat.test:8000")


def test_a_trusted_origin_may(settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://app.test"]
    assert is_allowed(b"https://app.test", b"chat.test")


def test_a_client_that_is_no_page_may() -> None:
    assert is_allowed(None, b"chat.test")


def test_without_a_host_no_page_may() -> None:
    assert not is_allowed(b"http://", b"")
