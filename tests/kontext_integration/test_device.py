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


def told(said: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The device object of a page that says this."""
    return device(facts.clean(said), headers or {})


def test_3_a_desktop_that_tells_everything_gives_the_object_of_the_protocol() -> None:
    assert told(MAC_FACTS, {"user_agent": MAC, "accept_language": "de-DE,de;q=0.9"}) == {
        "hardware": {"type": "desktop", "brand": "Apple", "model": "Mac"},
        "os": {"name": "Mac OS", "version": "10.15.7", "locale": "en-US", "timezone": "Europe/Rome"},
        "screen": {"width": 2880, "height": 1800, "dpr": 2, "orientation": "landscape", "darkMode": False},
        "network": {"userAgent": MAC, "detail": "4g"},
    }


class TestPlaceholders:
    """3, the split of work: what a missing report is replaced with."""

    def test_an_unknown_browser(self) -> None:
        assert device({}, {}) == {
            "hardware": {"type": "other"},
            "os": {"name": "web", "version": "", "locale": "en-US", "timezone": "UTC"},
            "screen": {"width": 1920, "height": 1080, "dpr": 1, "orientation": "landscape", "darkMode": False},
        }

    @pytest.mark.parametrize(("agent", "size"), [(IPHONE, (390, 844)), (IPAD, (1920, 1080)), (TV, (1920, 1080))])
    def test_a_handset_has_the_size_of_a_handset(self, agent: str, size: tuple[int, int]) -> None:
        screen = device({}, {"user_agent": agent})["screen"]
        assert (screen["width"], screen["height"]) == size

    def test_half_a_size_is_none(self) -> None:
        screen = told({"screen": {"width": 1440, "dpr": 2}})["screen"]
        assert (screen["width"], screen["height"]) == (3840, 2160)

    def test_the_screen_of_another_browser_is_not_mixed_in(self) -> None:
        mixed = told({**MAC_FACTS, "darkMode": True}, {"user_agent": IPHONE})
        assert mixed["screen"] == {
            "width": 390, "height": 844, "dpr": 1, "orientation": "portrait", "darkMode": False
        }  # fmt: skip
        assert (mixed["os"]["timezone"], mixed["network"]) == ("Europe/Rome", {"userAgent": IPHONE})


class TestHardware:
    """3, the rows `hardware.*`."""

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
            (CONSOLE, "other"),
            ("Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet)", "other"),
            ("", "other"),
            (None, "other"),
        ],
    )
    def test_type_comes_from_the_user_agent(self, agent: str | None, kind: str) -> None:
        assert hardware_type(agent, {}) == kind

    def test_type_is_helped_by_the_mobile_hint_where_the_user_agent_says_nothing(self) -> None:
        assert hardware_type("Something/1.0", {"sec_ch_ua_mobile": "?1"}) == "handset"
        assert hardware_type(None, {"sec_ch_ua_mobile": "?1"}) == "handset"
        assert hardware_type(IPAD, {"sec_ch_ua_mobile": "?1"}) == "tablet"

    def test_brand_and_model_come_from_the_user_agent(self) -> None:
        assert device({}, {"user_agent": PIXEL})["hardware"] == {
            "type": "handset", "brand": "Google", "model": "Pixel 8"
        }  # fmt: skip

    def test_brand_and_model_are_omitted_where_it_names_none(self) -> None:
        assert device({}, {"user_agent": REDUCED})["hardware"] == {"type": "handset"}
        assert device({}, {"user_agent": LINUX})["hardware"] == {"type": "desktop"}

    @pytest.mark.parametrize(("hint", "model"), [('"Pixel 8"', "Pixel 8"), ('""', None), ('"Unknown"', None)])
    def test_model_may_come_from_a_hint(self, hint: str, model: str | None) -> None:
        assert device({}, {"user_agent": REDUCED, "sec_ch_ua_model": hint})["hardware"].get("model") == model


class TestSystem:
    """3, the rows `os.*`."""

    @pytest.mark.parametrize(
        ("agent", "name", "version"),
        [
            (MAC, "Mac OS", "10.15.7"),
            (WINDOWS, "Windows", "10"),
            (LINUX, "Linux", ""),
            (IPHONE, "iOS", "17.2"),
            (PIXEL, "Android", "14"),
            ("Something/1.0", "web", ""),
        ],
    )
    def test_name_and_version_come_from_the_user_agent(self, agent: str, name: str, version: str) -> None:
        system = device({}, {"user_agent": agent})["os"]
        assert (system["name"], system["version"]) == (name, version)

    @pytest.mark.parametrize(("hint", "name"), [('"macOS"', "Mac OS"), ('"Windows"', "Windows"), ('"Unknown"', "web")])
    def test_name_of_an_unknown_agent_may_come_from_the_platform_hint(self, hint: str, name: str) -> None:
        assert device({}, {"user_agent": "Something/1.0", "sec_ch_ua_platform": hint})["os"]["name"] == name

    @pytest.mark.parametrize(
        ("said", "header", "locale"),
        [
            ("it-IT", "de-DE", "it-IT"),
            (None, "de-CH,de;q=0.9", "de-CH"),
            ("en_US", "de", "de"),
            ("en_US", "", "en-US"),
            (None, "*", "en-US"),
        ],
    )
    def test_locale_is_a_tag_with_hyphens(self, said: str | None, header: str, locale: str) -> None:
        assert told({"language": said}, {"accept_language": header})["os"]["locale"] == locale

    @pytest.mark.parametrize(
        ("header", "tag"), [("fr", "fr"), ("pt-BR;q=0.8, en", "pt-BR"), ("*", None), ("en_US", None), ("", None)]
    )
    def test_locale_is_the_first_tag_that_is_accepted(self, header: str, tag: str | None) -> None:
        assert accepted_language(header) == tag

    @pytest.mark.parametrize(("said", "zone"), [("Asia/Kathmandu", "Asia/Kathmandu"), ("Etc/Unknown", "UTC")])
    def test_timezone_is_a_known_name(self, said: str, zone: str) -> None:
        assert told({"timezone": said})["os"]["timezone"] == zone


def test_3_what_no_web_page_knows_is_not_sent_whatever_a_page_says() -> None:
    claims = {
        "hardware": {"type": "tv", "bootTime": 1, "sdCardAvailable": True},
        "os": {"name": "ios"},
        "screen": {"brightness": 50},
        "connection": {"carrier": "A"},
        "power": {"batteryLevel": 5},
        "audio": {"volume": 5},
    }
    assert told(claims) == device({}, {})


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
