from __future__ import annotations

import asyncio

import pytest
from django.test import AsyncClient

from chatapp import readiness

pytestmark = pytest.mark.django_db(transaction=True)


async def test_when_everything_answers_the_process_is_ready() -> None:
    response = await AsyncClient().get("/readyz")
    assert response.status_code == 200
    assert response.text == "database: ok\ncache: ok\nchannel layer: ok\n"


@pytest.mark.parametrize("part", ["database", "cache", "channel layer"])
async def test_a_part_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    async def broken() -> None:
        raise ConnectionError

    monkeypatch.setitem(readiness.CHECKS, part, broken)
    response = await AsyncClient().get("/readyz")
    assert response.status_code == 503
    assert f"{part}: no answer" in response.text
    assert response.text.count("ok") == 2


async def test_a_part_that_hangs_does_not_hang_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(readiness, "PATIENCE_S", 0.01)
    monkeypatch.setitem(readiness.CHECKS, "cache", hangs)
    assert (await AsyncClient().get("/readyz")).status_code == 503
