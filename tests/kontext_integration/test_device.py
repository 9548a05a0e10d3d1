"""From what is known of a browser to the device object."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kontext_integration import facts
from kontext_integration.device import accepted_language, device, hardware_type

MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) Version/17.2 Mobile/15E148 Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_3 like Mac OS X) AppleWebKit/605.1.15 Version/16.3 Mobile/15E148 Safari/604.1"
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
REDUCED = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
TV = "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) SamsungBrowser/2.2 TV Safari/537.36"
CONSOLE = "Mozilla/5.0 (PlayStation 5 3.03/SmartTV) AppleWebKit/605.1.15 (KHTML, like Gecko)"

MAC_FACTS = {
    "timezone": "Europe/Rome",
    "language": "en-US",
    "darkMode": False,
    "screen": {"width": 1440, "height": 900, "dpr": 2, "orientation": "landscape"},
    "connection": {"detail": "4g"},
    "userAgent": MAC,
}


def test_a_desktop_that_tells_everything_gives_the_object_of_the_protocol() -> None:
    assert device(MAC_FACTS, {"user_agent": MAC, "accept_language": "de-DE,de;q=0.9"}) == {
        "hardware": {"type": "desktop", "brand": "Apple", "model": "Mac"},
        "os": {"name": "Mac OS", "version": "10.15.7", "locale": "en-US", "timezone": "Europe/Rome"},
        "screen": {"width": 2880, "height": 1800, "dpr": 2, "orientation": "landscape", "darkMode": False},
        "network": {"userAgent": MAC, "detail": "4g"},
    }


def test_an_unknown_browser_gets_placeholders() -> None:
    assert device({}, {}) == {
        "hardware": {"type": "other"},
        "os": {"name": "web", "version": "", "locale": "en-US", "timezone": "UTC"},
        "screen": {"width": 1920, "height": 1080, "dpr": 1, "orientation": "landscape", "darkMode": False},
    }


def test_a_handset_without_facts_gets_the_size_of_a_handset() -> None:
    screen = device({}, {"user_agent": IPHONE})["screen"]
    assert (screen["width"], screen["height"], screen["orientation"]) == (390, 844, "portrait")


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (MAC, "desktop"),
        (WINDOWS, "desktop"),
        (LINUX, "desktop"),
        (IPHONE, "handset"),
        (PIXEL, "handset"),
        (REDUCED, "handset"),
        (IPAD, "tablet"),
        (TABLET, "tablet"),
        (TV, "tv"),
        ("Something/1.0", "desktop"),
        ("Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet)", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_the_user_agent_decides_the_hardware_type(agent: str | None, kind: str) -> None:
    assert hardware_type(agent, {}) == kind


def test_the_mobile_hint_helps_where_the_user_agent_says_nothing() -> None:
    assert hardware_type("Something/1.0", {"sec_ch_ua_mobile": "?1"}) == "handset"
    assert hardware_type(None, {"sec_ch_ua_mobile": "?1"}) == "handset"


@pytest.mark.parametrize(
    ("agent", "name", "version"),
    [(WINDOWS, "Windows", "10"), (LINUX, "Linux", ""), (IPHONE, "iOS", "17.2"), (PIXEL, "Android", "14")],
)
def test_the_operating_system_comes_from_the_user_agent(agent: str, name: str, version: str) -> None:
    system = device({}, {"user_agent": agent})["os"]
    assert (system["name"], system["version"]) == (name, version)


def test_the_platform_hint_names_the_system_of_an_unknown_agent() -> None:
    hints = {"user_agent": "Something/1.0", "sec_ch_ua_platform": '"macOS"'}
    assert device({}, hints)["os"]["name"] == "Mac OS"


def test_a_reduced_user_agent_names_no_model_unless_a_hint_does() -> None:
    assert device({}, {"user_agent": REDUCED})["hardware"] == {"type": "handset"}
    hinted = device({}, {"user_agent": REDUCED, "sec_ch_ua_model": '"Pixel 8"'})
    assert hinted["hardware"]["model"] == "Pixel 8"


def test_the_screen_of_another_browser_is_not_mixed_in() -> None:
    mixed = device(MAC_FACTS, {"user_agent": IPHONE})
    assert (mixed["screen"]["width"], mixed["os"]["timezone"]) == (390, "Europe/Rome")


def test_physical_pixels_are_rounded() -> None:
    screen = device({"screen": {"width": 411, "height": 731, "dpr": 2.625}}, {"user_agent": PIXEL})["screen"]
    assert (screen["width"], screen["height"], screen["orientation"]) == (1079, 1919, "portrait")


def test_headers_help_where_the_page_said_nothing() -> None:
    headers = {
        "user_agent": MAC,
        "accept_language": "de-CH,de;q=0.9",
        "sec_ch_prefers_color_scheme": "dark",
        "ect": "3g",
    }
    found = device({}, headers)
    assert found["os"]["locale"] == "de-CH"
    assert found["screen"]["darkMode"] is True
    assert found["network"]["detail"] == "3g"


@pytest.mark.parametrize(
    ("header", "tag"), [("fr", "fr"), ("pt-BR;q=0.8, en", "pt-BR"), ("*", None), ("en_US", None), ("", None)]
)
def test_the_first_accepted_language_counts(header: str, tag: str | None) -> None:
    assert accepted_language(header) == tag


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["installId", "timezone", "language", "darkMode", "screen", "connection", "userAgent", "gpc", "consent", "width",
     "height", "dpr", "orientation", "type", "detail", "gdpr", "gdprConsent", "gpp", "gppSid", "usPrivacy"]
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, ANYTHING | st.dictionaries(NAMES, ANYTHING)), st.text(max_size=200))
def test_whatever_a_page_sends_the_device_stays_well_formed(hostile: dict[str, Any], agent: str) -> None:
    found = device(facts.clean(hostile), {"user_agent": agent})
    assert found["hardware"]["type"] in {"handset", "tablet", "desktop", "tv", "other"}
    assert found["screen"]["orientation"] in {"portrait", "landscape"}
    assert isinstance(found["screen"]["width"], int)
    assert isinstance(found["screen"]["darkMode"], bool)
    assert all(isinstance(value, str) for value in found["os"].values())
