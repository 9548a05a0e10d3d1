"""Addresses of the ad server: protocol 2.1, 6.1 and 6.4."""

from __future__ import annotations

import pytest

from kontext_integration.addresses import (
    canonical_origin,
    endpoint,
    frame_url,
    is_valid_base,
    modal_url,
)

BASE = "https://server.megabrain.co"
BID = "11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize("base", ["https://ads.test/v4", "https://ads.test/v4/", "https://ads.test/v4//"])
def test_2_1_trailing_slashes_are_harmless_and_a_path_is_kept(base):
    assert endpoint(base, "preload") == "https://ads.test/v4/preload"


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8001", "https://ads.test/base/", "http://[::1]:9000",
                                  "https://ads.test/@v4"])  # fmt: skip
def test_2_1_an_absolute_web_address_may_be_configured(base):
    assert is_valid_base(base)


@pytest.mark.parametrize(
    "base",
    ["", "ads.test", "/ads", "//ads.test", "ftp://ads.test", "https://", "https://ads.test:notaport", "https://a b",
     "https://ads.test?x=1", "https://ads.test#x", "https://[::1", "https://" + "ü" * 70, "https://me:secret@ads.test",
     "https://me@ads.test/"],
)  # fmt: skip
def test_2_1_anything_else_may_not(base):
    assert not is_valid_base(base)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.com:443/x", "https://example.com"),
        ("HTTP://EXAMPLE.com:80", "http://example.com"),
        ("https://example.com:80", "https://example.com:80"),
        ("http://example.com:443/", "http://example.com:443"),
        ("https://user:secret@example.com/p?q=1#f", "https://example.com"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:8001"),
        ("http://[::1]:8001/", "http://[::1]:8001"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_6_4_origin_is_spelled_as_a_browser_spells_it(url, origin):
    assert canonical_origin(url) == origin


@pytest.mark.parametrize("url", ["", "null", "javascript:alert(1)", "data:text/html,x", "https:///x"])
def test_6_4_what_has_no_web_origin_has_none(url):
    assert canonical_origin(url) is None


def test_6_1_frame_address_names_bid_code_message_and_sdk():
    url = frame_url(f"{BASE}/", BID, "inlineAd", "a1", "sdk-js")

    assert url == f"{BASE}/api/frame/{BID}?code=inlineAd&messageId=a1&sdk=sdk-js"


def test_6_1_theme_is_added_only_when_set():
    assert frame_url(BASE, BID, "inlineAd", "a1", "sdk-js", theme="v2-dark").endswith("&sdk=sdk-js&theme=v2-dark")
    assert "theme" not in frame_url(BASE, BID, "inlineAd", "a1", "sdk-js", theme="")


def test_6_1_bid_id_is_lower_case():
    upper = "AAAAAAAA-1111-1111-1111-111111111111"

    assert f"/api/frame/{upper.lower()}?" in frame_url(BASE, upper, "inlineAd", "a1", "sdk-js")


def test_6_1_values_are_encoded_like_encode_uri_component():
    url = frame_url(BASE, BID, "in&line=+#/ ü", "a!~*'()-_.1", "sdk-js")

    assert "code=in%26line%3D%2B%23%2F%20%C3%BC&" in url
    assert "messageId=a!~*'()-_.1&" in url


def test_6_1_half_a_surrogate_pair_does_not_break_an_address():
    assert "messageId=%3F&" in frame_url(BASE, BID, "inlineAd", "\ud800", "sdk-js")


def test_6_1_modal_address_differs_in_its_path_only():
    page = (BASE, BID, "inlineAd", "a1", "sdk-js", "dark")

    assert modal_url(*page) == frame_url(*page).replace("/api/frame/", "/api/modal/")
