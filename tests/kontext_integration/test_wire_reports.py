"""Protocol 2.5 and 2.6: the bodies of `/error` and `/debug`."""

from __future__ import annotations

from datetime import date

import pytest

from kontext_integration.wire import debug_request, error_request

from .builders import BID_ID, INSTALL_ID, SESSION_ID, configuration

ABOUT = {
    "publisherToken": "tok",
    "conversationId": "conv",
    "userId": "user",
    "installId": INSTALL_ID,
    "sdk": {"name": "sdk-js", "platform": "web", "version": "4.0.2"},
}


def test_2_5_error_body():
    body = error_request(configuration(), install_id=INSTALL_ID, error="Read timed out", stack="Init.fetch")

    assert body == {"error": "Read timed out", "stack": "Init.fetch", "additionalData": ABOUT}


def test_2_5_error_leaves_out_what_is_unknown():
    body = error_request(configuration(), install_id=None, error="Boom")

    assert body == {"error": "Boom", "additionalData": {key: ABOUT[key] for key in ABOUT if key != "installId"}}


def test_2_5_error_names_the_bid_in_lower_case():
    upper = "AAAAAAAA-1111-1111-1111-111111111111"
    body = error_request(configuration(), install_id=INSTALL_ID, error="Boom", bid_id=upper)

    assert body["additionalData"]["bidId"] == upper.lower()


def test_2_6_debug_body_has_a_session_id():
    body = debug_request(
        configuration(), install_id=INSTALL_ID, session_id=SESSION_ID, name="Session: bid-assigned", data={"id": "a1"}
    )

    assert body == {
        "name": "Session: bid-assigned",
        "data": '{"id":"a1"}',
        "additionalData": {**ABOUT, "sessionId": SESSION_ID},
    }


@pytest.mark.parametrize(
    ("data", "text"), [({"k": "v"}, '{"k":"v"}'), ([1, 2, 3], "[1,2,3]"), (42, "42"), ("plain", "plain"), ({}, "{}")]
)
def test_2_6_data_travels_as_text(data, text):
    body = debug_request(configuration(), install_id=INSTALL_ID, session_id=None, name="Session: x", data=data)

    assert body["data"] == text


def test_2_6_data_that_json_does_not_know_is_text_within_it():
    body = debug_request(
        configuration(), install_id=INSTALL_ID, session_id=None, name="Session: x", data={"day": date(2026, 1, 15)}
    )

    assert body["data"] == '{"day":"2026-01-15"}'


def test_2_2_ids_are_lower_case_in_reports():
    upper = "AAAAAAAA-1111-1111-1111-111111111111"
    error = error_request(configuration(), install_id=upper, error="Boom")
    debug = debug_request(configuration(), install_id=upper, session_id=upper, name="Session: x")

    assert error["additionalData"]["installId"] == upper.lower()
    assert (debug["additionalData"]["installId"], debug["additionalData"]["sessionId"]) == (upper.lower(),) * 2


def test_2_6_no_data_and_no_session_are_left_out():
    body = debug_request(configuration(), install_id=INSTALL_ID, session_id=None, name="Session: x")

    assert body == {"name": "Session: x", "additionalData": ABOUT}


def test_2_5_and_2_6_keep_their_fields_apart():
    error = error_request(configuration(), install_id=INSTALL_ID, error="Boom", bid_id=BID_ID)
    debug = debug_request(configuration(), install_id=INSTALL_ID, session_id=SESSION_ID, name="Session: x")

    assert "sessionId" not in error["additionalData"]
    assert "bidId" not in debug["additionalData"]
