"""The requests that wait for a page: taken once, answered once, and gone when it is over."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from kontext_integration import relay_rows
from kontext_integration.models import AdRelay
from kontext_integration.relay_rows import FAILURES, Progress
from kontext_integration.transport import Reply, Request, Unreachable

pytestmark = pytest.mark.django_db

URL = "http://ads.test/preload"
HEADERS = {"Content-Type": "application/json"}
FORWARDED = {"User-Agent": "Moz", "X-Forwarded-For": "203.0.113.9"}
ANSWERS: list[Reply | str] = [Reply(200, b'{"a":"\xff\x00"}'), Reply(204, b""), *FAILURES]


def put(user_id: str = "alice", **age: float) -> uuid.UUID:
    relay_id = uuid.uuid4()
    request = Request(URL, b'{"words":"\\u00e9"}', HEADERS, 16_000, user_id, "conv-1", FORWARDED)
    relay_rows.put(relay_id, request, 9_000)
    if age:
        AdRelay.objects.filter(pk=relay_id).update(created_at=timezone.now() - timedelta(**age))
    return relay_id


def taken(user_id: str = "alice") -> list[uuid.UUID]:
    return [row.pk for row in relay_rows.take(user_id)]


def rows() -> list[uuid.UUID]:
    return [row.pk for row in AdRelay.objects.order_by("created_at")]


class TestTaking:
    def test_a_page_gets_what_is_to_be_sent_and_nothing_that_the_browser_says_itself(self) -> None:
        put()
        [row] = relay_rows.take("alice")
        assert (row.url, row.headers, row.body, row.timeout_ms) == (URL, HEADERS, '{"words":"\\u00e9"}', 9_000)

    def test_all_that_waits_is_taken_at_once_oldest_first(self) -> None:
        waiting = [put(), put(), put()]
        assert taken() == waiting

    def test_it_is_taken_once(self) -> None:
        put()
        taken()
        assert taken() == []

    def test_what_comes_later_can_be_taken_later(self) -> None:
        put()
        taken()
        later = put()
        assert taken() == [later]

    def test_nobody_takes_what_is_anothers(self) -> None:
        mine = put()
        assert taken("bob") == []
        assert taken() == [mine]

    def test_who_asks_in_vain_writes_nothing(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        put("bob")
        with django_assert_num_queries(1):
            assert taken() == []

    def test_what_nobody_waits_for_any_more_is_not_sent(self) -> None:
        put(seconds=relay_rows.STALE_S + 1)
        assert taken() == []


class TestAnswering:
    @pytest.mark.parametrize("answer", ANSWERS)
    def test_an_answer_is_kept_as_it_came_and_the_words_go(self, answer: Reply | str) -> None:
        relay_id = put()
        taken()
        assert relay_rows.answer("alice", relay_id, answer)
        expected = Unreachable(FAILURES[answer]) if isinstance(answer, str) else answer
        assert relay_rows.look(relay_id) == Progress(True, expected)
        assert AdRelay.objects.get().body == ""

    @pytest.mark.parametrize("first", ANSWERS)
    @pytest.mark.parametrize("second", ANSWERS)
    def test_only_the_first_answer_counts(self, first: Reply | str, second: Reply | str) -> None:
        relay_id = put()
        taken()
        relay_rows.answer("alice", relay_id, first)
        before = relay_rows.look(relay_id)
        assert not relay_rows.answer("alice", relay_id, second)
        assert relay_rows.look(relay_id) == before

    def test_nobody_answers_for_another(self) -> None:
        relay_id = put()
        taken()
        assert not relay_rows.answer("bob", relay_id, Reply(200, b"{}"))
        assert relay_rows.look(relay_id) == Progress(True, None)

    def test_what_no_page_took_has_no_answer(self) -> None:
        relay_id = put()
        assert not relay_rows.answer("alice", relay_id, Reply(200, b"{}"))
        assert relay_rows.look(relay_id) == Progress(False, None)

    def test_what_is_gone_has_no_answer(self) -> None:
        relay_id = put()
        taken()
        relay_rows.remove(relay_id)
        assert not relay_rows.answer("alice", relay_id, Reply(200, b"{}"))


class TestLooking:
    def test_it_tells_how_far_it_has_come(self) -> None:
        relay_id = put()
        assert relay_rows.look(relay_id) == Progress(False, None)
        taken()
        assert relay_rows.look(relay_id) == Progress(True, None)

    def test_what_is_gone_has_failed(self) -> None:
        assert relay_rows.look(uuid.uuid4()) == Progress(True, Unreachable("The request was removed"))


class TestLeftovers:
    def test_what_a_dead_process_left_goes_with_the_next_request_of_anybody(self) -> None:
        put("bob", seconds=relay_rows.STALE_S + 1)
        young = put("bob", seconds=relay_rows.STALE_S - 10)
        mine = put()
        assert rows() == [young, mine]

    def test_the_name_of_a_row_tells_nothing(self) -> None:
        relay_id = put()
        assert str(AdRelay.objects.get()) == str(relay_id)


@pytest.mark.django_db(transaction=True)
def test_two_pages_at_once_never_take_the_same() -> None:
    waiting = {put() for _ in range(5)}
    start = threading.Barrier(4)
    found: list[list[uuid.UUID]] = []

    def take_in_a_thread() -> None:
        start.wait(10)
        try:
            found.append(taken())
        finally:
            connection.close()

    threads = [threading.Thread(target=take_in_a_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    all_taken: list[Any] = [relay_id for each in found for relay_id in each]
    assert len(found) == 4
    assert len(all_taken) == 5
    assert set(all_taken) == waiting
