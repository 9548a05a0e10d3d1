"""The values themselves: what they refuse, and their defaults of protocol 4.1."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from kontext_integration.entities import Configuration, Message
from kontext_integration.exceptions import InvalidMessageError, KontextError

NOW = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("role", ["system", "User", "", None])
def test_2_4_only_user_and_assistant_may_speak(role):
    with pytest.raises(InvalidMessageError):
        Message("m1", role, "Hi", NOW)


def test_every_error_of_ours_has_one_root():
    assert issubclass(InvalidMessageError, KontextError)


@pytest.mark.parametrize("codes", [None, (), []])
def test_4_1_no_placement_code_means_the_default(codes):
    assert Configuration("token", "user", "conv", codes).enabled_placement_codes == ("inlineAd",)


def test_4_1_placement_codes_keep_their_order():
    assert Configuration("token", "user", "conv", ("b", "a")).enabled_placement_codes == ("b", "a")


def test_4_1_defaults_of_a_session():
    config = Configuration("token", "user", "conv")

    assert config.ad_server_url == "https://server.megabrain.co"
    assert (config.character, config.app) == (None, None)
    assert dataclasses.astuple(config.sdk) == ("sdk-js", "web", "4.0.2")


def test_values_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Message("m1", "user", "Hi", NOW).content = "Bye"


def test_2_4_a_message_without_a_time_is_of_now():
    before = datetime.now(UTC)

    assert before <= Message("m1", "user", "Hi").created_at <= datetime.now(UTC)
