"""The rows `screen.*` and `network.*` of the device object (protocol 3)."""

from __future__ import annotations

from typing import Any

import pytest

from kontext_integration import facts
from kontext_integration.device import device

MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)


def told(said: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    """The device object of a page that says this."""
    return device(facts.clean(said), headers or {})


class TestScreen:
    """3, the rows `screen.*`."""

    @pytest.mark.parametrize(
        ("width", "height", "dpr", "pixels"),
        [(1440, 900, 2, (2880, 1800)), (411, 731, 2.625, (1079, 1919)), (1536, 864, 1.25, (1920, 1080))],
    )
    def test_width_and_height_are_whole_physical_pixels(
        self, width: int, height: int, dpr: float, pixels: tuple[int, int]
    ) -> None:
        screen = told({"screen": {"width": width, "height": height, "dpr": dpr}})["screen"]
        assert (screen["width"], screen["height"], screen["dpr"]) == (*pixels, dpr)
        assert type(screen["width"]) is int

    @pytest.mark.parametrize(("hint", "dpr"), [("2.0", 2), ("0", 1), ("nan", 1), ("wide", 1), ("", 1)])
    def test_dpr_may_come_from_a_hint(self, hint: str, dpr: float) -> None:
        assert device({}, {"sec_ch_dpr": hint})["screen"]["dpr"] == dpr
        assert told({"screen": {"dpr": 3}}, {"sec_ch_dpr": hint})["screen"]["dpr"] == 3

    @pytest.mark.parametrize(
        ("said", "orientation"),
        [
            ("portrait-primary", "portrait"),
            ("portrait-secondary", "portrait"),
            ("landscape-primary", "landscape"),
            ("natural", "landscape"),
        ],
    )
    def test_orientation_is_one_of_two(self, said: str, orientation: str) -> None:
        assert told({"screen": {"orientation": said}})["screen"]["orientation"] == orientation

    @pytest.mark.parametrize(("size", "orientation"), [((390, 844), "portrait"), ((844, 390), "landscape")])
    def test_orientation_that_is_not_told_is_that_of_the_size(self, size: tuple[int, int], orientation: str) -> None:
        screen = {"width": size[0], "height": size[1]}
        assert told({"screen": screen})["screen"]["orientation"] == orientation

    @pytest.mark.parametrize(
        ("said", "hint", "dark"),
        [
            (True, "light", True),
            (False, "dark", False),
            (None, "dark", True),
            (None, '"dark"', True),
            (None, "", False),
        ],
    )
    def test_dark_mode_is_what_the_page_says_else_the_hint(self, said: bool | None, hint: str, dark: bool) -> None:
        assert told({"darkMode": said}, {"sec_ch_prefers_color_scheme": hint})["screen"]["darkMode"] is dark


class TestNetwork:
    """3, the rows `network.*`."""

    def test_user_agent_is_that_of_the_newest_request_else_what_the_page_says(self) -> None:
        assert told({"userAgent": MAC}, {"user_agent": PIXEL})["network"]["userAgent"] == PIXEL
        assert told({"userAgent": MAC})["network"]["userAgent"] == MAC

    @pytest.mark.parametrize(
        ("said", "kind"),
        [(kind, kind) for kind in ("wifi", "cellular", "ethernet", "other")]
        + [
            ("bluetooth", "other"),
            ("wimax", "other"),
            ("none", None),
            ("unknown", None),
            ("mixed", None),
            (None, None),
        ],
    )
    def test_type_is_mapped_or_omitted(self, said: str | None, kind: str | None) -> None:
        assert told({"connection": {"type": said}}).get("network", {}).get("type") == kind

    @pytest.mark.parametrize(
        ("said", "hint", "detail"), [("4g", "3g", "4g"), (None, "slow-2g", "slow-2g"), (None, "<b>", None)]
    )
    def test_detail_is_what_the_page_says_else_the_hint(self, said: str | None, hint: str, detail: str | None) -> None:
        assert told({"connection": {"detail": said}}, {"ect": hint}).get("network", {}).get("detail") == detail
