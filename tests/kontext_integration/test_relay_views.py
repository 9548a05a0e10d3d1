"""What pages may take and hand back, and what everybody else gets: nothing."""

from __future__ import annotations

import json
import logging
import uuid
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from kontext_integration import relay_rows
from kontext_integration.models import AdRelay
from kontext_integration.relay_views import LARGEST_ANSWER
from kontext_integration.transport import Reply, Request, Unreachable

from .host import KONTEXT

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kontext_integration.host")]
WORDS = "words that nobody else may see"


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT | {"TRANSPORT": "browser"}


@pytest.fixture
def relay_id() -> uuid.UUID:
    """Something that waits for a page of Alice."""
    made = uuid.uuid4()
    body = json.dumps({"messages": [WORDS]}).encode()
    relay_rows.put(made, Request("http://ads.test/preload", body, {"A": "b"}, 16_000, "alice", "conv-1"), 16_000)
    return made


@pytest.fixture
def taken(relay_id: uuid.UUID) -> uuid.UUID:
    take()
    return relay_id


def post(path: str, body: bytes = b"", person: str | None = "alice", **given: Any) -> HttpResponse:
    headers = {"X-Person": person} if person else {}
    client = Client(**given)
    return client.post(path, body, content_type="application/octet-stream", headers=headers)


def take(person: str | None = "alice") -> list[dict[str, Any]]:
    response = post("/kontext/relay/", person=person)
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    requests: list[dict[str, Any]] = json.loads(response.content)["requests"]
    return requests


def answer(relay_id: uuid.UUID, query: str = "status=200", body: bytes = b"{}", person: str | None = "alice") -> int:
    return post(f"/kontext/relay/{relay_id}/?{query}", body, person).status_code


def outcome(relay_id: uuid.UUID) -> Reply | Unreachable | None:
    return relay_rows.look(relay_id).answer


class TestTake:
    def test_the_person_gets_all_that_the_page_needs(self, relay_id: uuid.UUID) -> None:
        assert take() == [
            {
                "url": "http://ads.test/preload",
                "headers": {"A": "b"},
                "body": json.dumps({"messages": [WORDS]}),
                "timeout_ms": 16_000,
                "answer_url": f"/kontext/relay/{relay_id}/",
            }
        ]

    def test_the_next_page_gets_nothing(self, taken: uuid.UUID) -> None:
        assert take() == []

    @pytest.mark.parametrize("person", ["bob", "", None])
    def test_for_others_nothing_waits(self, relay_id: uuid.UUID, person: str | None) -> None:
        assert take(person) == []
        assert not relay_rows.look(relay_id).is_taken

    def test_it_cannot_be_read_by_a_link(self) -> None:
        assert Client().get("/kontext/relay/").status_code == 405

    @pytest.mark.parametrize("path", ["/kontext/relay/", f"/kontext/relay/{uuid.uuid4()}/?status=200"])
    def test_another_site_cannot_do_it(self, path: str) -> None:
        assert post(path, enforce_csrf_checks=True).status_code == 403


class TestAnswer:
    @pytest.mark.parametrize("body", [b"{}", b"", b"<html>", b"\xff\xfe\0", b"[" * 10_000, b"x" * LARGEST_ANSWER])
    def test_its_bytes_are_kept_whatever_they_are(self, taken: uuid.UUID, body: bytes) -> None:
        assert answer(taken, body=body) == 204
        assert outcome(taken) == Reply(200, body)

    @pytest.mark.parametrize("status", [100, 204, 302, 404, 429, 500, 599])
    def test_every_status_can_be_told(self, taken: uuid.UUID, status: int) -> None:
        assert answer(taken, f"status={status}", b"") == 204
        assert outcome(taken) == Reply(status, b"")

    @pytest.mark.parametrize("failure", relay_rows.FAILURES)
    def test_a_failure_is_told_in_our_own_words(self, taken: uuid.UUID, failure: str) -> None:
        assert answer(taken, f"failure={failure}") == 204
        assert outcome(taken) == Unreachable(relay_rows.FAILURES[failure])

    @pytest.mark.parametrize(
        "query",
        [
            *("", "status=", "status=0", "status=99", "status=600", "status=2e2", "status=-200", "status=+200"),
            *(
                "status=200.0",
                "status=%20200",
                "status=2000",
                "status=%D9%A2%D9%A0%D9%A0",
                "status=null",
                "status[]=200",
            ),
            *("failure=", "failure=words", "failure=network&failure=%00", "failure=__class__&status=200"),
        ],
    )
    def test_what_has_no_such_shape_is_refused(self, taken: uuid.UUID, query: str) -> None:
        assert answer(taken, query) == 400
        assert outcome(taken) is None

    def test_what_is_too_large_is_refused(self, taken: uuid.UUID) -> None:
        assert answer(taken, body=b"x" * (LARGEST_ANSWER + 1)) == 413
        assert outcome(taken) is None

    @pytest.mark.parametrize("person", ["bob", "", None])
    def test_of_others_it_is_not_taken(self, taken: uuid.UUID, person: str | None) -> None:
        assert answer(taken, person=person) == 204
        assert outcome(taken) is None

    def test_what_no_page_took_gets_none(self, relay_id: uuid.UUID) -> None:
        assert answer(relay_id) == 204
        assert outcome(relay_id) is None

    def test_a_second_one_changes_nothing(self, taken: uuid.UUID) -> None:
        answer(taken, body=b"first")
        assert answer(taken, body=b"second") == 204
        assert outcome(taken) == Reply(200, b"first")

    def test_one_that_is_late_is_no_error_and_leaves_nothing(self, taken: uuid.UUID) -> None:
        relay_rows.remove(taken)
        assert answer(taken) == 204
        assert not AdRelay.objects.exists()

    def test_it_cannot_be_given_by_a_link(self, taken: uuid.UUID) -> None:
        assert Client().get(f"/kontext/relay/{taken}/?status=200").status_code == 405

    @pytest.mark.parametrize("name", ["1", "..", "x" * 36, "None"])
    def test_a_name_that_is_none_is_not_found(self, name: str) -> None:
        assert post(f"/kontext/relay/{name}/?status=200").status_code == 404


def test_no_log_has_words_in_it(relay_id: uuid.UUID, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        take()
        answer(relay_id, body=WORDS.encode())
        answer(relay_id, "status=x", WORDS.encode())
    assert WORDS not in caplog.text
