from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontext_integration.sandbox.rules import BODIES, read_request

from .sandbox_requests import DEVICE, HEADERS, REPORTER, SDK, body, message

FULL_PRELOAD = body(
    "/preload",
    sessionId="f8b7be0f-4c3d-4d5a-9d5f-3e4f5a6b7c8d",
    character={
        "id": "char-1",
        "name": "Luna",
        "avatarUrl": "https://example.com/luna.png?size=2",
        "greeting": "Hi there!",
        "tags": [],
        "isNsfw": False,
    },
    regulatory={"gdpr": 0, "gppSid": []},
    app={"bundleId": "", "version": "", "startTime": 1736937000000},
    userEmail="user@example.com",
    variantId="variant-A",
)


def problems(path: str, sent: Any, headers: dict[str, str] | None = None) -> list[str]:
    return read_request(path, HEADERS[path] if headers is None else headers, json.dumps(sent).encode())[1]


@pytest.mark.parametrize("path", BODIES)
def test_a_correct_request_has_no_problems(path: str) -> None:
    assert problems(path, body(path)) == []


def test_every_optional_field_is_known() -> None:
    assert problems("/preload", FULL_PRELOAD) == []


@pytest.mark.parametrize("path", BODIES)
def test_every_required_field_is_required(path: str) -> None:
    required = set(body(path)) - {"stack", "data"}
    assert {name for name in required if not problems(path, {**body(path), name: None})} == set()
    for name in required:
        without = {key: value for key, value in body(path).items() if key != name}
        assert f"{name} is missing" in problems(path, without)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sessionId": None}, "sessionId is null: omit what is not known (protocol 2.2)"),
        ({"regulatory": {"gpp": None}}, "regulatory.gpp is null: omit what is not known (protocol 2.2)"),
        ({"regulatory": {}}, "regulatory is empty: omit it"),
        ({"regulatory": {"gdpr": True}}, "regulatory.gdpr must be 0 or 1"),
        ({"installId": "01890000-0000-7000-8000-00000000000A"}, "installId must be a lowercase UUID"),
        ({"sessionId": "f8b7be0f4c3d4d5a9d5f3e4f5a6b7c8d"}, "sessionId must be a lowercase UUID"),
        ({"messages": []}, "messages must hold 1 to 30 items, not 0"),
        ({"messages": [message()] * 31}, "messages must hold 1 to 30 items, not 31"),
        ({"messages": [message(role="assistant")]}, "messages must end with the user message"),
        ({"messages": [message(role="system")]}, "messages[0].role must be one of user, assistant"),
        ({"messages": [message() | {"createdAt": "2026-01-15T10:30:00Z"}]}, "messages[0].createdAt must be a UTC time"),
        ({"messages": [message() | {"title": "x"}]}, "messages[0].'title' is not a field that is sent"),
        ({"enabledPlacementCodes": []}, "enabledPlacementCodes must not be empty"),
        ({"sdk": SDK | {"version": 4}}, "sdk.version must be a string that is not blank"),
        ({"device": {}}, "device.hardware is missing"),
        ({"device": DEVICE | {"hardware": {"type": "phone"}}}, "device.hardware.type must be one of handset, tablet"),
        (
            {"device": DEVICE | {"os": {"name": "iOS", "version": "", "locale": "en_US"}}},
            "device.os.locale must be a BCP",
        ),
        ({"device": DEVICE | {"screen": {"width": 1.5}}}, "device.screen.width must be an integer above 0"),
        ({"character": {"id": "c", "name": "Luna"}}, "character.avatarUrl is missing"),
        ({"character": {"id": "c", "name": "L", "avatarUrl": "/l.png"}}, "character.avatarUrl must be an absolute URL"),
        ({"advertisingId": "00000000-0000-0000-0000-000000000000"}, "advertisingId must be an id"),
        ({"skan": {"items": []}}, "'skan' is not a field that is sent"),
    ],
)
def test_a_broken_rule_of_the_preload_is_named(changes: dict[str, Any], problem: str) -> None:
    assert any(found.startswith(problem) for found in problems("/preload", body("/preload", **changes)))


def test_the_app_of_init_is_narrower_than_that_of_preload() -> None:
    app = {"bundleId": "chat.example.com", "version": "1", "startTime": 1}
    assert problems("/init", body("/init", app=app)) == ["app.'startTime' is not a field that is sent"]


def test_a_session_id_belongs_to_debug_and_a_bid_id_to_error() -> None:
    some_id = "33333333-3333-4333-8333-333333333333"
    assert problems("/debug", body("/debug", additionalData=REPORTER | {"sessionId": some_id})) == []
    assert problems("/error", body("/error", additionalData=REPORTER | {"bidId": some_id})) == []
    assert problems("/debug", body("/debug", additionalData=REPORTER | {"bidId": some_id})) != []
    assert problems("/error", body("/error", additionalData=REPORTER | {"sessionId": some_id})) != []


def test_debug_data_is_text_even_for_a_mapping() -> None:
    assert problems("/debug", body("/debug", data={"messageId": "a1"})) == ["data must be a string"]


@pytest.mark.parametrize(
    ("path", "changes", "problem"),
    [
        ("/init", {"Content-Type": "text/plain"}, "header Content-Type must be application/json"),
        ("/init", {"Kontextso-Publisher-Token": "other"}, "header Kontextso-Publisher-Token must equal publisherToken"),
        ("/init", {"Kontextso-Is-Disabled": "0"}, "header Kontextso-Is-Disabled belongs to /preload only"),
        ("/preload", {"Kontextso-Is-Disabled": "true"}, "header Kontextso-Is-Disabled must be 0 or 1 on /preload"),
        ("/preload", {"Cookie": "a=b"}, "header Cookie must not be sent"),
        ("/preload", {"Authorization": "Bearer x"}, "header Authorization must not be sent"),
        ("/error", {"Kontextso-Publisher-Token": "sandbox"}, "header Kontextso-Publisher-Token belongs to /init and"),
    ],
)
def test_a_wrong_header_is_named(path: str, changes: dict[str, str], problem: str) -> None:
    (found,) = problems(path, body(path), HEADERS[path] | changes)
    assert found.startswith(problem)


@pytest.mark.parametrize("missing", ["Kontextso-Publisher-Token", "Kontextso-Is-Disabled"])
def test_the_headers_of_a_preload_are_required(missing: str) -> None:
    headers = {name: value for name, value in HEADERS["/preload"].items() if name != missing}
    assert len(problems("/preload", body("/preload"), headers)) == 1


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"NaN,"])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert read_request("/init", HEADERS["/init"], raw) == ({}, ["body must be JSON in UTF-8"])


@pytest.mark.parametrize("sent", [[], "text", 1, None])
def test_what_is_not_an_object_is_refused(sent: Any) -> None:
    assert problems("/preload", sent) == ["body must be an object"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(path=st.sampled_from(list(BODIES)), field=st.sampled_from(sorted(FULL_PRELOAD)), value=JSON)
def test_no_value_makes_the_check_fail_itself(path: str, field: str, value: Any) -> None:
    assert all(isinstance(problem, str) for problem in problems(path, body(path) | {field: value}))


def test_a_problem_never_repeats_what_was_written() -> None:
    secret = "my diary"
    spoiled = message(secret) | {"createdAt": secret, "role": secret, "id": [secret]}
    assert secret not in "".join(problems("/preload", body("/preload", messages=[spoiled])))
