from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from chatapp import addresses


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "found"),
    [
        (0, "11.22.33.7", "", "11.22.33.7"),
        (0, "11.22.33.7", "198.51.100.1", "11.22.33.7"),
        (0, "10.0.0.2", "", "10.0.0.2"),
        (1, "10.0.0.2", "198.51.100.1", "198.51.100.1"),
        (1, "10.0.0.2", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "10.0.0.2", "6.6.6.6, 198.51.100.1, 10.0.0.3", "198.51.100.1"),
        (2, "10.0.0.2", "198.51.100.1", None),
        (1, "10.0.0.2", "", "10.0.0.2"),
        (1, "10.0.0.2", "unknown", None),
        (1, "10.0.0.2", "198.51.100.1:4711", "198.51.100.1"),
        (1, "10.0.0.2", "[2001:db8::5]:4711", "2001:db8::5"),
        (0, "::ffff:11.22.33.7", "", "11.22.33.7"),
        (0, "", "", None),
        (0, None, "", None),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(
    settings: Settings, proxies: int, peer: str | None, forwarded: str, found: str | None
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    assert addresses.find(peer, forwarded) == found


def test_a_proxy_nobody_told_of_does_not_make_one_person_of_all(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    addresses._warn_once.cache_clear()
    assert addresses.find("127.0.0.1", "198.51.100.1") is None
    assert addresses.find("127.0.0.1", "198.51.100.2") is None
    assert [record.message for record in caplog.records if "TRUSTED_PROXY_COUNT" in record.message] == [
        "Requests come through a proxy, and TRUSTED_PROXY_COUNT is 0: nobody's address is known."
    ]


def test_a_request_and_a_socket_are_read_alike(settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.1"}, REMOTE_ADDR="10.0.0.2")
    lines = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.1")]
    assert addresses.of_request(request) == "198.51.100.1"
    assert addresses.of_scope({"headers": lines, "client": ["10.0.0.2", 4711]}) == "198.51.100.1"
    assert addresses.of_scope({"headers": [], "client": None}) is None


@pytest.mark.parametrize(
    ("address", "network"), [("11.22.33.7", "11.22.33.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
)
def test_one_line_counts_as_one_place(address: str, network: str) -> None:
    assert addresses.network(address) == network
