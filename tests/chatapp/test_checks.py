from __future__ import annotations

import pytest
from django.core.checks import Error, Warning
from pytest_django import Settings

from chatapp import checks, conf


def test_the_settings_of_the_project_are_fine() -> None:
    assert checks.chat_settings_are_known() == []
    assert checks.the_engine_exists() == []
    assert checks.limits_are_positive() == []


def test_an_unknown_key_is_named_with_the_known_ones(settings: Settings) -> None:
    settings.CHAT = {"MAX_LENGHT": 5}
    hint = f"Known keys: {', '.join(sorted(conf.known_keys()))}."
    assert checks.chat_settings_are_known() == [
        Error("CHAT has an unknown key 'MAX_LENGHT'.", hint=hint, id="chat.E001")
    ]


def test_an_engine_that_is_not_there_is_named(settings: Settings) -> None:
    settings.CHAT = {"ENGINE": "nowhere.Engine"}
    assert [found.id for found in checks.the_engine_exists()] == ["chat.E002"]


@pytest.mark.parametrize("value", [0, -1, 0.0])
def test_a_limit_of_nothing_is_refused(settings: Settings, value: float) -> None:
    settings.CHAT = {"PAGE_SIZE": value}
    assert checks.limits_are_positive() == [
        Error("CHAT['PAGE_SIZE'] must be above 0.", hint="Remove it for the default.", id="chat.E003")
    ]


def test_production_without_a_model_is_warned(settings: Settings) -> None:
    settings.CHAT, settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = {}, "", ""
    assert [found.id for found in checks.production_has_a_model()] == ["chat.W001"]
    settings.OPENAI_API_KEY = "key"
    assert checks.production_has_a_model() == []


def test_a_layer_inside_one_process_is_pointed_out(settings: Settings) -> None:
    assert checks.processes_share_a_layer() == [
        Warning(
            "The channel layer lives in one process.",
            hint="Set REDIS_URL when more than one server process runs; with exactly one, silence this check.",
            id="chat.W002",
        )
    ]
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
    assert checks.processes_share_a_layer() == []
