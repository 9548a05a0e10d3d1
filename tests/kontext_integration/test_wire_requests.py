"""Protocol 2.2 to 2.4: headers and bodies, to the last key."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kontext_integration.entities import App, Character, Message, Options, Regulatory, SdkIdentity
from kontext_integration.wire import (
    encode,
    init_headers,
    init_request,
    message_record,
    preload_headers,
    preload_request,
    report_headers,
)

from .builders import INSTALL_ID, SESSION_ID, configuration, message

SDK = {"name": "sdk-js", "platform": "web", "version": "4.0.2"}


def preload(config=None, **changes):
    given = {"options": Options(), "install_id": INSTALL_ID, "session_id": None, "messages": [message("u1")],
             "device": {}, **changes}  # fmt: skip
    return preload_request(config or configuration(), **given)


def test_2_2_reports_carry_no_token_in_their_headers():
    assert report_headers() == {"Content-Type": "application/json"}


def test_2_2_init_carries_the_token():
    assert init_headers(configuration()) == {
        "Content-Type": "application/json",
        "Kontextso-Publisher-Token": "tok",
    }


@pytest.mark.parametrize(("disabled", "value"), [(False, "0"), (True, "1")])
def test_2_2_preload_always_says_whether_it_is_only_tracked(disabled, value):
    assert preload_headers(configuration(), disabled=disabled) == {
        **init_headers(configuration()),
        "Kontextso-Is-Disabled": value,
    }


def test_2_3_init_body_without_an_app():
    assert init_request(configuration(), install_id=INSTALL_ID.upper()) == {
        "publisherToken": "tok",
        "userId": "user",
        "installId": INSTALL_ID,
        "sdk": SDK,
    }


def test_2_3_init_body_keeps_empty_texts_of_the_app():
    body = init_request(configuration(app=App("", "")), install_id=INSTALL_ID)

    assert body["app"] == {"bundleId": "", "version": ""}


def test_2_4_the_smallest_preload_body():
    assert preload() == {
        "publisherToken": "tok",
        "userId": "user",
        "installId": INSTALL_ID,
        "conversationId": "conv",
        "enabledPlacementCodes": ["inlineAd"],
        "messages": [message_record(message("u1"))],
        "sdk": SDK,
        "device": {},
    }


def test_2_4_the_largest_preload_body():
    config = configuration(
        enabled_placement_codes=("b", "a"),
        character=Character("c1", "Luna", "https://example.com/luna.png?v=1", "Hi!", "Calm", (), is_nsfw=False),
        sdk=SdkIdentity("sdk", "ios", "9"),
        app=App("chat.example.com", "1.4.0"),
    )
    options = Options("variant-A", Regulatory(0, "CPX", 1, "DBA", (), "1YNN"), "user@example.com", "idfa-1", "idfv-1")
    body = preload(config, options=options, session_id=SESSION_ID, device={"os": {"name": "Linux", "version": ""}})

    assert {key: body[key] for key in body if key not in preload()} == {
        "sessionId": SESSION_ID,
        "app": {"bundleId": "chat.example.com", "version": "1.4.0"},
        "character": {
            "id": "c1",
            "name": "Luna",
            "avatarUrl": "https://example.com/luna.png?v=1",
            "greeting": "Hi!",
            "persona": "Calm",
            "tags": [],
            "isNsfw": False,
        },
        "regulatory": {
            "gdpr": 0,
            "gdprConsent": "CPX",
            "coppa": 1,
            "gpp": "DBA",
            "gppSid": [],
            "usPrivacy": "1YNN",
        },
        "userEmail": "user@example.com",
        "variantId": "variant-A",
        "advertisingId": "idfa-1",
        "vendorId": "idfv-1",
    }
    assert body["enabledPlacementCodes"] == ["b", "a"]
    assert body["sdk"] == {"name": "sdk", "platform": "ios", "version": "9"}
    assert body["device"] == {"os": {"name": "Linux", "version": ""}}


def test_2_4_a_character_leaves_out_what_it_does_not_know():
    character = Character("c1", "Luna", "https://example.com/luna.png")

    assert preload(configuration(character=character))["character"] == {
        "id": "c1",
        "name": "Luna",
        "avatarUrl": "https://example.com/luna.png",
    }


@pytest.mark.parametrize("regulatory", [None, Regulatory()])
def test_7_1_no_signal_means_no_regulatory(regulatory):
    assert "regulatory" not in preload(options=Options(regulatory=regulatory))


@pytest.mark.parametrize(
    ("regulatory", "sent"),
    [(Regulatory(gdpr=0), {"gdpr": 0}), (Regulatory(gpp_sid=()), {"gppSid": []}), (Regulatory(coppa=0), {"coppa": 0})],
)
def test_7_1_zero_and_an_empty_list_are_signals(regulatory, sent):
    assert preload(options=Options(regulatory=regulatory))["regulatory"] == sent


@pytest.mark.parametrize("blank", ["", "  ", "00000000-0000-0000-0000-000000000000", None])
def test_2_4_blank_and_zero_device_ids_are_none(blank):
    body = preload(options=Options(advertising_id=blank, vendor_id=blank))

    assert "advertisingId" not in body
    assert "vendorId" not in body


def test_2_2_the_session_id_is_lower_case():
    upper = "AAAAAAAA-1111-1111-1111-111111111111"

    assert preload(session_id=upper)["sessionId"] == upper.lower()


def test_2_2_unknown_device_facts_are_left_out_at_every_depth():
    device = {
        "os": {"name": "Linux", "locale": None},
        "screen": {"dpr": float("nan"), "width": 0, "brightness": 0.5},
        "audio": {"outputType": [None]},
        "power": None,
    }

    assert preload(device=device)["device"] == {
        "os": {"name": "Linux"},
        "screen": {"width": 0, "brightness": 0.5},
        "audio": {"outputType": []},
    }


def test_2_4_every_text_can_be_sent():
    spoken = Message("m1", "user", "\ud800 ü \0 😀", datetime(2024, 1, 15, tzinfo=UTC))

    sent = json.loads(encode(preload(messages=[spoken])))

    assert sent["messages"][0]["content"] == spoken.content
