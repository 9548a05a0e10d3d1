from __future__ import annotations

import pytest

from kontext_integration.sandbox.address import configured_address, is_loopback, is_needed


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_loopback_hosts(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "192.168.1.2", "example.com", "localhost.example.com"])
def test_other_hosts(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8001", ("127.0.0.1", 8001)),
        ("http://localhost:9000/", ("localhost", 9000)),
        ("http://[::1]:9000", ("::1", 9000)),
        ("http://127.0.0.1", ("127.0.0.1", 80)),
        ("https://127.0.0.1:8001", None),
        ("https://server.megabrain.co", None),
        ("http://10.0.0.1:8001", None),
        ("http://127.0.0.1:port", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_the_configured_address_is_that_of_a_loopback_url(url: str, address: tuple[str, int] | None) -> None:
    assert configured_address(url) == address


@pytest.mark.parametrize(
    ("token", "url", "host", "needed"),
    [
        ("sandbox", "http://127.0.0.1:8001", "127.0.0.1", True),
        ("sandbox", "http://localhost:8001", "127.0.0.1", True),
        ("sandbox", "http://127.0.0.1:8001", "0.0.0.0", True),
        ("sandbox", "http://127.0.0.1:8002", "127.0.0.1", False),
        ("sandbox", "http://127.0.0.2:8001", "127.0.0.1", False),
        ("sandbox", "https://server.megabrain.co", "127.0.0.1", False),
        ("real-token", "http://127.0.0.1:8001", "127.0.0.1", False),
        ("", "http://127.0.0.1:8001", "127.0.0.1", False),
    ],
)
def test_a_sandbox_is_needed_when_the_settings_point_at_it(token: str, url: str, host: str, needed: bool) -> None:
    assert is_needed(publisher_token=token, ad_server_url=url, host=host, port=8001) is needed
