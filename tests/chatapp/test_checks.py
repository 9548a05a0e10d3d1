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


@pytest.mark.parametrize("value", ["many", "30/fortnight", 30, None])
def test_a_limit_that_cannot_be_read_is_named(settings: Settings, value: object) -> None:
    settings.CHAT = {"LIMIT_MESSAGES_GUEST": value}
    assert checks.rate_limits_can_be_read() == [
        Error(
            "CHAT['LIMIT_MESSAGES_GUEST'] is no list of limits.",
            hint="Write it as '30/minute;1000/day', or '' for no limit.",
            id="chat.E004",
        )
    ]


@pytest.mark.parametrize("value", ["", "30/minute", "30/minute;1000/day", "10 per 5 minutes"])
def test_a_limit_that_can_be_read_is_fine(settings: Settings, value: str) -> None:
    settings.CHAT = {"LIMIT_MESSAGES_GUEST": value}
    assert checks.rate_limits_can_be_read() == []


def test_a_switch_is_no_number(settings: Settings) -> None:
    settings.CHAT = {"RATE_LIMITS": False}
    assert checks.limits_are_positive() == []


def test_messages_that_no_request_can_hold_are_pointed_out(settings: Settings) -> None:
    assert checks.the_longest_message_can_be_posted() == []
    settings.CHAT = {"MAX_MESSAGE_LENGTH": 100_000}
    (found,) = checks.the_longest_message_can_be_posted()
    assert found.id == "chat.E005"
    assert "1204096 or more" in (found.hint or "")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_204_096
    assert checks.the_longest_message_can_be_posted() == []


def test_a_site_that_limits_nobody_is_warned(settings: Settings) -> None:
    settings.CHAT = {"RATE_LIMITS": True}
    assert checks.floods_are_limited() == []
    settings.CHAT = {}
    assert [found.id for found in checks.floods_are_limited()] == ["chat.W003"]
