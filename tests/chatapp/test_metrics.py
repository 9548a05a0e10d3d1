from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from pytest_django import Settings

from chatapp import metrics
from tests.conftest import ALICE, client_of

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a-token-for-prometheus"


@pytest.fixture(autouse=True)
def nothing_asked() -> Iterator[None]:
    metrics._preloads_since.clear()
    metrics._known_codes.clear()
    yield
    metrics._known_codes.clear()


def value(name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


# Who may read


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"bearer {TOKEN}"])
async def test_for_a_stranger_there_are_no_metrics(settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert (await AsyncClient().get("/metrics", headers={"Authorization": header})).status_code == 404


@pytest.mark.parametrize("header", ["", "Bearer "])
async def test_without_a_token_in_the_settings_an_empty_one_opens_nothing(settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = ""
    assert (await AsyncClient().get("/metrics", headers={"Authorization": header})).status_code == 404


async def test_the_bearer_of_the_token_may_read(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    response = await AsyncClient().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert "chat_sockets_open" in response.text
    assert "process_resident_memory_bytes" in response.text


async def test_staff_may_read_and_others_who_are_logged_in_may_not() -> None:
    def get(*, staff: bool) -> int:
        client = Client()
        client.force_login(User.objects.create_user(f"user-{staff}", is_staff=staff))
        return client.get("/metrics").status_code

    assert await sync_to_async(get)(staff=True) == 200
    assert await sync_to_async(get)(staff=False) == 404


async def test_no_series_tells_of_a_person_or_of_what_was_said() -> None:
    await client_of(ALICE).post("/", {"text": "a very secret question"})
    text = await asyncio.to_thread(lambda: metrics.generate_latest(metrics.registry).decode())
    assert "secret" not in text
    assert str(ALICE) not in text


# What is counted


def test_a_reply_is_counted_from_its_beginning_to_its_end() -> None:
    before = value("chat_turns_total", outcome="complete", error="")
    characters, writing = value("chat_reply_characters_total"), value("chat_replies_writing")
    metrics.reply_began()
    assert value("chat_replies_writing") == writing + 1
    metrics.first_words(0.25)
    metrics.reply_ended("complete", "", seconds=3.0, characters=120, deltas=30)
    assert value("chat_replies_writing") == writing
    assert value("chat_turns_total", outcome="complete", error="") == before + 1
    assert value("chat_reply_characters_total") == characters + 120


def test_the_time_to_the_first_words_is_a_histogram() -> None:
    below, above = (
        value("chat_first_token_seconds_bucket", le="0.2"),
        value("chat_first_token_seconds_bucket", le="0.3"),
    )
    metrics.first_words(0.25)
    assert value("chat_first_token_seconds_bucket", le="0.2") == below
    assert value("chat_first_token_seconds_bucket", le="0.3") == above + 1


def test_open_sockets_go_up_and_down() -> None:
    before = value("chat_sockets_open")
    metrics.socket_opened()
    metrics.socket_opened()
    metrics.socket_closed()
    assert value("chat_sockets_open") == before + 1


def test_a_preload_is_counted_and_timed_once() -> None:
    before, timed = value("chat_ad_preloads_total", outcome="filled", code=""), value("chat_ad_preload_seconds_count")
    metrics.preload_began("c1")
    metrics.preload_ended("c1", "filled")
    metrics.preload_ended("c1", "filled")
    metrics.preload_ended("c1", "error", "iframe_error")
    assert value("chat_ad_preloads_total", outcome="filled", code="") == before + 1
    assert value("chat_ad_preload_seconds_count") == timed + 1


def test_codes_that_an_ad_server_invents_do_not_grow_the_metrics_for_ever() -> None:
    for n in range(200):
        metrics.preload_began("c1")
        metrics.preload_ended("c1", "no_fill", f"invented_{n}_" + "x" * 500)
    assert len(metrics._known_codes) == metrics.CODES
    assert value("chat_ad_preloads_total", outcome="no_fill", code="other") >= 160


def test_preloads_that_are_never_answered_are_forgotten() -> None:
    for n in range(metrics.PRELOADS + 50):
        metrics.preload_began(f"c{n}")
    assert len(metrics._preloads_since) == metrics.PRELOADS
    assert "c0" not in metrics._preloads_since
