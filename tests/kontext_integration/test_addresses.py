"""Addresses of the ad server: protocol 2.1, 6.1, 6.4 and 6.7."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from kontext_integration.addresses import (
    canonical_origin,
    endpoint,
    frame_url,
    is_valid_base,
    modal_url,
    resolve_click_url,
)

BASE = "https://server.megabrain.co"
BID = "11111111-1111-1111-1111-111111111111"


@pytest.mark.parametrize("base", ["https://ads.test/v4", "https://ads.test/v4/", "https://ads.test/v4//"])
def test_2_1_trailing_slashes_are_harmless_and_a_path_is_kept(base):
    assert endpoint(base, "preload") == "https://ads.test/v4/preload"


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:8001", "https://ads.test/base/", "http://[::1]:9000"])
def test_2_1_an_absolute_web_address_may_be_configured(base):
    assert is_valid_base(base)


@pytest.mark.parametrize(
    "base",
    ["", "ads.test", "/ads", "//ads.test", "ftp://ads.test", "https://", "https://ads.test:notaport", "https://a b",
     "https://ads.test?x=1", "https://ads.test#x", "https://[::1", "https://" + "ü" * 70],
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


def test_6_1_modal_carries_its_parameters_as_one_json_value():
    url = modal_url(BASE, BID, "inlineAd", "a1", "sdk-js", theme="dark", component_params={"a": "x&y=ü", "n": [1]})

    assert urlsplit(url).path == f"/api/modal/{BID}"
    assert parse_qs(urlsplit(url).query) == {
        "code": ["inlineAd"],
        "messageId": ["a1"],
        "sdk": ["sdk-js"],
        "theme": ["dark"],
        "componentParams": ['{"a":"x&y=ü","n":[1]}'],
    }


def test_6_1_modal_without_parameters_has_none():
    assert "componentParams" not in modal_url(BASE, BID, "inlineAd", "a1", "sdk-js")


@pytest.mark.parametrize(
    ("url", "fallback", "opened"),
    [
        pytest.param("/redirect/abc?x=1", None, f"{BASE}/redirect/abc?x=1", id="6.7 a path belongs to the ad server"),
        pytest.param("https://shop.test/?a=1", None, "https://shop.test/?a=1", id="6.7 https unchanged"),
        pytest.param("HTTP://shop.test", None, "HTTP://shop.test", id="6.7 http unchanged"),
        pytest.param("//cdn.test/x", None, "https://cdn.test/x", id="6.7 protocol-relative takes the server's scheme"),
        pytest.param("amazon://item", "https://shop.test", "https://shop.test", id="6.7 custom scheme, fallback"),
        pytest.param("amazon://item", "/r/1", f"{BASE}/r/1", id="6.7 fallback is resolved too"),
        pytest.param("https://shop.test", "https://other.test", "https://shop.test", id="6.7 fallback unused"),
        pytest.param("amazon://item", None, None, id="6.7 custom scheme alone"),
        pytest.param("amazon://item", "fb://x", None, id="6.7 never beyond the fallback"),
        pytest.param("", None, None, id="6.7 empty"),
        pytest.param("javascript:alert(1)", None, None, id="6.7 javascript"),
        pytest.param(" javascript:alert(1)", None, None, id="6.7 javascript behind a blank"),
        pytest.param("java\nscript:alert(1)", None, None, id="6.7 javascript, broken"),
        pytest.param("data:text/html,x", None, None, id="6.7 data"),
        pytest.param("blob:https://x", None, None, id="6.7 blob"),
        pytest.param("file:///etc/passwd", None, None, id="6.7 file"),
        pytest.param("amazon://item", "javascript:alert(1)", None, id="6.7 javascript as fallback"),
        pytest.param("shop.test", None, None, id="6.7 relative to nothing"),
    ],
)
def test_6_7_a_click_opens_web_addresses_only(url, fallback, opened):
    assert resolve_click_url(f"{BASE}/", url, fallback) == opened
