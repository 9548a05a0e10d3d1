from __future__ import annotations

from pytest_django import Settings

from chatapp import welcome


def test_a_real_model_with_real_ads_has_nothing_to_explain(settings: Settings) -> None:
    assert welcome.notices() == []


def test_stand_ins_are_named(settings: Settings) -> None:
    settings.CHAT, settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = {}, "", ""
    settings.KONTEXT = settings.KONTEXT | {"PUBLISHER_TOKEN": "sandbox"}
    said = [str(notice) for notice in welcome.notices()]
    assert said == [
        "Demo: replies come from a built-in engine, not from a model.",
        "Ads come from the local sandbox.",
    ]
