"""The `KONTEXT` setting."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from kontext_integration.conf import Settings, get_settings, known_keys


def test_without_the_setting_the_defaults_count() -> None:
    with override_settings():
        del settings.KONTEXT
        get_settings.cache_clear()
        assert get_settings() == Settings()
        assert Settings().ad_server_url == "https://server.megabrain.co"
    get_settings.cache_clear()


def test_the_setting_wins_over_the_defaults() -> None:
    with override_settings(KONTEXT={"SDK_NAME": "sdk-python"}):
        assert (get_settings().sdk_name, get_settings().sdk_platform) == ("sdk-python", "web")


def test_settings_are_read_once_and_again_after_a_change() -> None:
    before = get_settings()
    assert get_settings() is before
    with override_settings(KONTEXT={"MAX_AGE_S": 1}):
        assert get_settings().max_age_s == 1
    assert get_settings() == before


def test_an_unknown_key_is_an_error() -> None:
    with override_settings(KONTEXT={"TOKEN": "x"}), pytest.raises(TypeError):
        get_settings()


def test_every_key_has_a_default() -> None:
    assert "PUBLISHER_TOKEN" in known_keys()
    assert Settings()
