from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from chatapp.engines import Turn, get_engine
from chatapp.engines.demo import DemoEngine
from chatapp.engines.openai_compatible import DEFAULT_BASE_URL, DEFAULT_MODEL, Endpoint, OpenAICompatibleEngine


class OwnEngine:
    is_demo = False

    async def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[str, None]:
        yield "mine"

    async def aclose(self) -> None:
        pass


@pytest.fixture(autouse=True)
def nothing_configured(settings: Any) -> None:
    settings.CHAT = {}
    settings.OPENAI_BASE_URL = settings.OPENAI_API_KEY = settings.OPENAI_MODEL = ""


def test_with_nothing_configured_the_demo_answers() -> None:
    assert isinstance(get_engine(), DemoEngine)


def test_a_key_alone_means_openai(settings: Any) -> None:
    settings.OPENAI_API_KEY = " sk-1\n"
    engine = get_engine()
    assert isinstance(engine, OpenAICompatibleEngine)
    assert engine.endpoint == Endpoint(DEFAULT_BASE_URL, "sk-1", DEFAULT_MODEL, 10.0, 120.0)


def test_an_address_alone_means_an_endpoint_without_a_key(settings: Any) -> None:
    settings.OPENAI_BASE_URL, settings.OPENAI_MODEL = "http://127.0.0.1:11434/v1", "llama"
    settings.CHAT = {"CONNECT_TIMEOUT_MS": 500, "READ_TIMEOUT_MS": 1500}
    engine = get_engine()
    assert isinstance(engine, OpenAICompatibleEngine)
    assert engine.endpoint == Endpoint("http://127.0.0.1:11434/v1", "", "llama", 0.5, 1.5)


def test_a_named_engine_goes_before_both(settings: Any) -> None:
    settings.OPENAI_API_KEY = "sk-1"
    settings.CHAT = {"ENGINE": f"{__name__}.OwnEngine"}
    assert isinstance(get_engine(), OwnEngine)


def test_an_engine_that_does_not_exist_is_an_import_error(settings: Any) -> None:
    settings.CHAT = {"ENGINE": "chatapp.engines.NoSuchEngine"}
    with pytest.raises(ImportError):
        get_engine()


def test_the_engine_is_made_once_until_a_setting_changes(settings: Any) -> None:
    first = get_engine()
    assert get_engine() is first
    settings.CHAT = {}
    assert get_engine() is not first
