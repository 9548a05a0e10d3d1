from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from kontext_integration.models import AdBrowser, AdEvent, AdSlot

from .host import BID, KONTEXT, SNAPSHOT, fill

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import Settings

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kontext_integration.host")]

INSTALL_ID = "018f3a1c-0000-7000-8000-000000000001"
VIEWED = {"id": BID, "content": "text of the ad", "messageId": "a1", "format": "inline"}
EVENT = {"message_id": "a1", "code": "inlineAd", "bid_id": BID, "name": "ad.viewed", "payload": VIEWED}
SNAPSHOT_URL = "/kontext/slots/a1/inlineAd/"
NOT_OBJECTS = [b"", b"{", b"null", b"[]", b'"text"', b"7", b"\xff\xfe", b'{"a": NaN}', b"[" * 10_000]


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT


def post(path: str, body: object, person: str | None = "alice") -> HttpResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(path, data, content_type="application/json", headers=headers(person))


def get(path: str, person: str | None = "alice") -> HttpResponse:
    return Client().get(path, headers=headers(person))


def headers(person: str | None) -> dict[str, str]:
    return {"X-Person": person} if person else {}


class TestSnapshot:
    def test_the_owner_gets_the_frozen_messages(self) -> None:
        fill()
        response = get(SNAPSHOT_URL)
        assert json.loads(response.content) == {"messages": SNAPSHOT}
        assert response["Cache-Control"] == "no-store"

    def test_asking_for_it_means_that_a_frame_was_opened(self) -> None:
        slot = fill()
        get(SNAPSHOT_URL)
        slot.refresh_from_db()
        assert slot.used_at is not None

    @pytest.mark.parametrize("person", ["bob", None])
    def test_for_others_there_is_no_such_ad(self, person: str | None) -> None:
        slot = fill()
        assert get(SNAPSHOT_URL, person).status_code == 404
        slot.refresh_from_db()
        assert slot.used_at is None

    @pytest.mark.parametrize("path", ["a2/inlineAd", "a1/banner", "a1%00/inlineAd", "a" * 300 + "/inlineAd"])
    def test_what_is_not_stored_is_not_found(self, path: str) -> None:
        fill()
        assert get(f"/kontext/slots/{path}/").status_code == 404

    def test_a_message_id_may_have_slashes(self) -> None:
        fill("thread/7")
        assert get("/kontext/slots/thread/7/inlineAd/").status_code == 200

    def test_it_is_only_read(self) -> None:
        fill()
        assert post(SNAPSHOT_URL, {}).status_code == 405


class TestEvents:
    def test_an_event_of_the_owner_is_recorded_without_the_ads_content(self) -> None:
        fill()
        response = post("/kontext/events/", EVENT)
        assert (response.status_code, response["Cache-Control"]) == (204, "no-store")
        event = AdEvent.objects.get()
        assert (event.name, str(event.bid_id), event.message_id) == ("ad.viewed", BID, "a1")
        assert "text of the ad" not in json.dumps(event.payload)

    @pytest.mark.parametrize("person", ["bob", None])
    def test_others_cannot_report_about_it(self, person: str | None) -> None:
        fill()
        assert post("/kontext/events/", EVENT, person).status_code == 404
        assert not AdEvent.objects.exists()

    @pytest.mark.parametrize(
        "change",
        [{"bid_id": "6fa459ea-ee8a-4ca4-894e-db77e1603550"}, {"bid_id": "x"}, {"message_id": "a2"}, {"code": "banner"}],
    )
    def test_another_ad_than_the_stored_one_is_not_found(self, change: dict[str, str]) -> None:
        fill()
        assert post("/kontext/events/", EVENT | change).status_code == 404

    def test_a_bid_may_be_written_in_capitals(self) -> None:
        fill()
        assert post("/kontext/events/", EVENT | {"bid_id": BID.upper()}).status_code == 204

    @pytest.mark.parametrize("field", ["message_id", "code", "bid_id", "name"])
    @pytest.mark.parametrize("value", [None, 7, "", [], {}, "\0", "\ud800", "x" * 256])
    def test_a_field_that_is_no_short_text_is_refused(self, field: str, value: Any) -> None:
        fill()
        assert post("/kontext/events/", EVENT | {field: value}).status_code == 400

    @pytest.mark.parametrize("payload", [None, 7, "text", [], {}, {**VIEWED, "format": 7}])
    def test_an_incomplete_event_is_dropped_silently(self, payload: Any) -> None:
        fill()
        assert post("/kontext/events/", EVENT | {"payload": payload}).status_code == 204
        assert not AdEvent.objects.exists()

    @pytest.mark.parametrize("name", ["ad.filled", "ad.no-fill", "unheard-of", "__class__"])
    def test_a_name_that_no_frame_may_use_is_dropped_silently(self, name: str) -> None:
        fill()
        assert post("/kontext/events/", EVENT | {"name": name}).status_code == 204
        assert not AdEvent.objects.exists()

    def test_an_impression_counts_once_however_often_it_is_reported(self) -> None:
        fill()
        assert [post("/kontext/events/", EVENT).status_code for _ in range(3)] == [204, 204, 204]
        assert AdEvent.objects.count() == 1

    def test_a_height_is_remembered_for_the_next_page(self) -> None:
        fill()
        assert post("/kontext/events/", EVENT | {"name": "ad.height", "payload": {"height": 210.4}}).status_code == 204
        assert AdSlot.objects.get().height == 210

    def test_a_text_that_no_database_takes_does_no_harm(self) -> None:
        fill()
        payload = {"message": "\0\ud800" * 9, "errCode": "x" * 9_000}
        assert post("/kontext/events/", EVENT | {"name": "ad.error", "payload": payload}).status_code == 204

    @pytest.mark.parametrize("body", NOT_OBJECTS)
    def test_a_body_that_is_no_json_object_is_refused(self, body: bytes) -> None:
        assert post("/kontext/events/", body).status_code == 400

    def test_a_body_that_is_too_large_is_refused(self) -> None:
        fill()
        assert post("/kontext/events/", EVENT | {"padding": "x" * 16_384}).status_code == 413

    def test_it_is_only_posted_to(self) -> None:
        assert get("/kontext/events/").status_code == 405


class TestBrowser:
    def test_the_facts_are_stored_with_the_headers_of_the_request(self) -> None:
        facts = {"installId": INSTALL_ID, "timezone": "Europe/Rome", "darkMode": True}
        response = Client(headers={"X-Person": "alice", "User-Agent": "Browser/1"}).post(
            "/kontext/browser/", json.dumps(facts), content_type="application/json"
        )
        assert (response.status_code, response["Cache-Control"]) == (204, "no-store")
        known = AdBrowser.objects.get()
        assert (known.user_id, str(known.install_id)) == ("alice", INSTALL_ID)
        assert known.facts["browser"]["timezone"] == "Europe/Rome"
        assert known.facts["headers"]["user_agent"] == "Browser/1"

    def test_facts_of_nobody_are_dropped_without_complaint(self) -> None:
        assert post("/kontext/browser/", {"installId": INSTALL_ID}, None).status_code == 204
        assert not AdBrowser.objects.exists()

    def test_facts_of_the_wrong_type_count_as_missing(self) -> None:
        facts = {"installId": 7, "timezone": [], "screen": "large", "darkMode": "yes", "connection": None}
        assert post("/kontext/browser/", facts).status_code == 204
        assert set(AdBrowser.objects.get().facts["browser"]) <= {"userAgent"}

    @pytest.mark.parametrize("body", NOT_OBJECTS)
    def test_a_body_that_is_no_json_object_is_refused(self, body: bytes) -> None:
        assert post("/kontext/browser/", body).status_code == 400

    def test_a_body_that_is_too_large_is_refused(self) -> None:
        assert post("/kontext/browser/", {"userAgent": "x" * 16_384}).status_code == 413


@pytest.mark.parametrize(("path", "body"), [("/kontext/browser/", {}), ("/kontext/events/", EVENT)])
def test_a_post_without_the_csrf_token_is_refused(path: str, body: dict[str, Any]) -> None:
    fill()
    client = Client(enforce_csrf_checks=True, headers={"X-Person": "alice"})
    assert client.post(path, json.dumps(body), content_type="application/json").status_code == 403


@pytest.mark.parametrize(("path", "body"), [("/kontext/browser/", {}), ("/kontext/events/", EVENT)])
def test_a_post_with_the_token_of_the_cookie_is_taken(path: str, body: dict[str, Any]) -> None:
    fill()
    client = Client(enforce_csrf_checks=True, headers={"X-Person": "alice", "X-CSRFToken": "t" * 32})
    client.cookies["csrftoken"] = "t" * 32
    assert client.post(path, json.dumps(body), content_type="application/json").status_code == 204


class TestAdsTxt:
    def test_the_lines_are_served_as_plain_text(self, settings: Settings) -> None:
        lines = ["ads.test, 42, DIRECT, abc", "other.test, 7, RESELLER"]
        settings.KONTEXT = {**KONTEXT, "ADS_TXT": lines}
        response = get("/ads.txt", None)
        assert response.content == b"ads.test, 42, DIRECT, abc\nother.test, 7, RESELLER\n"
        assert response["Content-Type"] == "text/plain; charset=utf-8"

    def test_without_lines_there_is_no_such_page(self) -> None:
        assert get("/ads.txt", None).status_code == 404
