"""Floods and strangers: who is held up, who is not, and what they are told."""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncClient, Client
from pytest_django import Settings

from chatapp import conf, limits, metrics
from chatapp.limits import Caller, Kind, Verdict
from chatapp.models import Conversation, Message, State
from tests.chatapp.test_redis import redis_url  # noqa: F401 - a fixture
from tests.conftest import ALICE, BOB, client_of
from tests.e2e.servers import free_port

HTMX = {"HX-Request": "true"}
HERE = "11.22.33.7"


@pytest.fixture(autouse=True)
def counting(settings: Settings) -> None:
    """Three messages a minute for each, nine from an address; counted from nothing."""
    limits.forget_all()
    settings.CHAT = settings.CHAT | {
        "RATE_LIMITS": True,
        "LIMIT_MESSAGES_GUEST": "3/minute;5/day",
        "LIMIT_MESSAGES_USER": "4/minute",
        "LIMIT_MESSAGES_ADDRESS": "9/minute",
    }


def alice(address: str | None = HERE) -> Caller:
    return Caller(ALICE, None, address)


def spend(times: int, caller: Caller, kind: Kind = Kind.MESSAGES) -> list[bool]:
    """Which of so many in a row were let through."""
    return [not limits.spend(kind, caller).refused for _ in range(times)]


# The rule


def test_a_person_is_let_through_up_to_the_limit_and_then_refused() -> None:
    assert spend(5, alice()) == [True, True, True, False, False]


def test_another_person_is_not_held_up_by_it() -> None:
    spend(50, alice())
    assert spend(1, Caller(BOB, None, HERE)) == [True]


def test_what_is_refused_is_told_to_prometheus() -> None:
    def refused() -> float:
        labels = {"kind": "messages", "scope": "guest"}
        return metrics.registry.get_sample_value("chat_refused_total", labels) or 0.0

    before = refused()
    spend(5, alice())
    assert refused() == before + 2


def test_an_account_counts_as_itself_in_every_browser() -> None:
    assert spend(3, Caller(ALICE, "7", None)) == [True] * 3
    assert spend(2, Caller(BOB, "7", None)) == [True, False]


def test_whoever_drops_the_cookie_each_time_is_stopped_by_the_address() -> None:
    strangers = [spend(1, Caller(uuid.uuid4(), None, HERE))[0] for _ in range(12)]
    assert strangers == [True] * 9 + [False] * 3


def test_a_stranger_without_any_cookie_is_counted_by_address() -> None:
    assert spend(10, Caller(None, None, HERE)).count(False) == 1


def test_the_neighbours_in_one_ipv6_network_are_one_place() -> None:
    callers = [Caller(None, None, f"2001:db8::{n}") for n in range(1, 11)]
    assert [limits.spend(Kind.MESSAGES, caller).refused for caller in callers] == [False] * 9 + [True]


def test_nobody_known_is_not_counted_at_all() -> None:
    assert spend(20, Caller(None, None, None)) == [True] * 20


def test_kinds_do_not_use_up_each_other() -> None:
    spend(5, alice())
    assert spend(1, alice(), Kind.BEACONS) == [True]


def test_a_quota_of_a_day_outlives_the_minute(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"LIMIT_MESSAGES_GUEST": "100/minute;5/day"}
    assert spend(6, alice()) == [True] * 5 + [False]
    verdict = limits.spend(Kind.MESSAGES, alice())
    assert verdict.wait_s > 3600
    assert "the last message for today" in verdict.sentence()
    assert "24 hours" in verdict.sentence()


def test_an_empty_limit_is_none(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"LIMIT_MESSAGES_GUEST": "", "LIMIT_MESSAGES_ADDRESS": " "}
    assert spend(50, alice()) == [True] * 50


def test_switched_off_nothing_is_counted(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"RATE_LIMITS": False}
    assert spend(50, alice()) == [True] * 50
    assert limits.spend(Kind.MESSAGES, alice()).mark(HttpResponse()).headers.keys() == {"Content-Type"}


@pytest.mark.parametrize("kind", list(Kind))
def test_the_defaults_of_every_kind_can_be_read_and_are_generous(settings: Settings, kind: Kind) -> None:
    settings.CHAT = {"RATE_LIMITS": True}
    assert spend(10, alice(), kind) == [True] * 10


def test_on_redis_all_processes_count_together(settings: Settings, redis_url: str) -> None:  # noqa: F811
    settings.REDIS_URL = redis_url
    assert spend(2, alice()) == [True, True]
    limits.forget_all()  # as a process that has just started
    assert spend(2, alice()) == [True, False]
    assert 0 < limits.spend(Kind.MESSAGES, alice()).wait_s <= 60


def test_counters_that_cannot_be_reached_let_everybody_through_at_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert spend(5, alice()) == [True] * 5
    assert time.monotonic() - began < 5
    assert "everything is allowed" in caplog.text


# What is said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "60 seconds"),
        (61, "2 minutes"),
        (3600, "60 minutes"),
        (3601, "2 hours"),
        (80_000, "23 hours"),
    ],
)
def test_the_wait_is_said_in_words(seconds: int, words: str) -> None:
    verdict = Verdict(Kind.MESSAGES, refused=True, scope="guest", wait_s=seconds)
    assert f"send it in {words}." in verdict.sentence()


def test_a_refusal_for_the_network_says_so() -> None:
    for _ in range(9):
        limits.spend(Kind.MESSAGES, Caller(uuid.uuid4(), None, HERE))
    assert "from your network" in limits.spend(Kind.MESSAGES, alice()).sentence()


# The chat


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quiet_end")
class TestMessages:
    async def test_each_answer_says_how_much_is_left(self) -> None:
        response = await client_of(ALICE).post("/", {"text": "Hi"})
        assert response.status_code == 303
        assert response["RateLimit-Policy"] == '"messages";q=3;w=60'
        assert response["RateLimit"].startswith('"messages";r=2;t=')
        assert "Retry-After" not in response

    async def test_a_flood_is_answered_in_the_page_and_nothing_of_it_is_stored(self) -> None:
        client = client_of(ALICE)
        for _ in range(3):
            await client.post("/", {"text": "Hi"}, headers=HTMX)
        response = await client.post("/", {"text": "One more"}, headers=HTMX)
        assert response.status_code == 429
        assert 'id="composer-error"' in response.text
        assert "Your message is kept; send it in" in response.text
        assert 0 < int(response["Retry-After"]) <= 60
        assert response["RateLimit"].startswith('"messages";r=0;t=')
        assert not await Message.objects.filter(text="One more").aexists()

    async def test_without_javascript_the_page_comes_back_with_the_text_in_its_box(self) -> None:
        client = client_of(ALICE)
        for _ in range(3):
            await client.post("/", {"text": "Hi"})
        response = await client.post("/", {"text": "One & more"})
        assert response.status_code == 429
        assert "One &amp; more</textarea>" in response.text
        assert "send it in" in response.text

    async def test_trying_again_counts_as_a_message(self, conversation: Conversation) -> None:
        client = client_of(ALICE)
        for _ in range(3):
            await client.post("/", {"text": "Hi"})
        failed = await Message.objects.acreate(
            conversation=conversation, position=3, role="assistant", state=State.FAILED, error="timeout"
        )
        address = f"/c/{conversation.pk}/m/{failed.pk}/retry/"
        assert (await client.post(address, headers=HTMX)).status_code == 429
        assert await conversation.messages.acount() == 3

    async def test_a_stranger_learns_nothing_from_a_limit(self, conversation: Conversation) -> None:
        client = client_of(BOB)
        for _ in range(4):
            await client.post("/", {"text": "Hi"})
        assert (await client.post(f"/c/{conversation.pk}/", {"text": "x"})).status_code == 404

    async def test_a_message_that_could_not_be_sent_anyway_costs_nothing(self) -> None:
        client = client_of(ALICE)
        for _ in range(5):
            assert (await client.post("/", {"text": " "}, headers=HTMX)).status_code == 422
        assert (await client.post("/", {"text": "Hi"}, headers=HTMX)).status_code == 200

    async def test_what_a_stranger_puts_into_the_header_does_not_choose_the_address(self, settings: Settings) -> None:
        settings.TRUSTED_PROXY_COUNT = 1
        headers = [{"X-Forwarded-For": f"11.22.33.{n}, {HERE}"} for n in range(11)]
        statuses = [(await AsyncClient().post("/", {"text": "Hi"}, headers=sent)).status_code for sent in headers]
        assert statuses == [303] * 9 + [429] * 2


# Sockets, beacons, logins


async def test_a_socket_is_refused_to_whoever_opens_them_all_the_time(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"LIMIT_SOCKETS_PERSON": "2/minute"}
    scope: dict[str, Any] = {"headers": [], "client": (HERE, 1), "cookies": {}}
    scope["cookies"] = {name: morsel.value for name, morsel in client_of(ALICE).cookies.items()}
    assert [await limits.may_connect(scope) for _ in range(3)] == [True, True, False]


@pytest.mark.django_db
def test_a_flood_of_beacons_ends_before_the_ads_hear_of_it(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"LIMIT_BEACONS_ADDRESS": "2/minute"}
    client = Client(REMOTE_ADDR=HERE)
    statuses = [client.post("/kontext/events/", {}, content_type="application/json").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    refused = client.post("/kontext/browser/", {}, content_type="application/json")
    assert (refused.status_code, refused["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert int(refused["Retry-After"]) <= 60


@pytest.mark.django_db
def test_passwords_cannot_be_guessed_by_the_thousand(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"LIMIT_LOGINS_ADDRESS": "2/minute"}
    client = Client(REMOTE_ADDR=HERE)
    form = {"username": "admin", "password": "guess"}
    assert [client.post("/admin/login/", form).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.django_db
def test_whoever_is_held_up_can_still_read(settings: Settings) -> None:
    settings.CHAT = settings.CHAT | {"LIMIT_MESSAGES_GUEST": "1/minute"}
    spend(5, alice())
    client = Client(REMOTE_ADDR=HERE)
    assert client.get("/").status_code == 200
    assert client.get("/data/").status_code == 200


def test_every_limit_that_the_code_asks_for_is_a_key_of_the_settings() -> None:
    everybody = [Caller(ALICE, None, HERE), Caller(ALICE, "7", HERE)]
    asked = {(kind, scope) for kind in Kind for caller in everybody for scope, _ in caller.scopes(kind)}
    asked.discard((Kind.LOGINS, "person"))
    known = {key for key in conf.known_keys() if key.startswith("LIMIT_")}
    assert {f"LIMIT_{kind}_{scope}".upper() for kind, scope in asked} == known
