"""The rules of protocol section 2 for what a publisher sends: headers and bodies of the four endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from . import schema
from .schema import fields, filled, integer, list_of, one_of, text, uuid

TOKEN_HEADER = "Kontextso-Publisher-Token"  # noqa: S105  the name of a header
DISABLED_HEADER = "Kontextso-Is-Disabled"

_SDK_PARTS = {"name": filled, "platform": filled, "version": filled}
_SDK = fields(_SDK_PARTS, required=_SDK_PARTS)
_APP_PARTS = {"bundleId": text, "version": text}
_APP_TIMES = dict.fromkeys(("firstInstallTime", "lastUpdateTime", "startTime"), integer)

_HARDWARE = fields(
    {
        "type": one_of("handset", "tablet", "desktop", "tv", "other"),
        "brand": text,
        "model": text,
        "bootTime": integer,
        "sdCardAvailable": schema.boolean,
    },
    required=["type"],
)
_OS = fields(
    {"name": filled, "version": text, "locale": schema.locale, "timezone": filled},
    required=["name", "version", "locale", "timezone"],
)
_SCREEN = fields(
    {
        "width": schema.positive_integer,
        "height": schema.positive_integer,
        "dpr": schema.positive,
        "orientation": one_of("portrait", "landscape"),
        "darkMode": schema.boolean,
        "brightness": schema.percentage,
    },
    required=["width", "height", "dpr", "darkMode"],
)
_NETWORK = fields(
    {
        "userAgent": filled,
        "type": one_of("wifi", "cellular", "ethernet", "other"),
        "detail": filled,
        "carrier": filled,
    }
)
_POWER = fields(
    {
        "batteryLevel": schema.percentage,
        "batteryState": one_of("charging", "full", "unplugged", "unknown"),
        "lowPowerMode": schema.boolean,
    }
)
_AUDIO = fields(
    {
        "volume": schema.percentage,
        "muted": schema.boolean,
        "outputPluggedIn": schema.boolean,
        "outputType": list_of(one_of("wired", "hdmi", "bluetooth", "usb", "other")),
    }
)
_DEVICE = fields(
    {"hardware": _HARDWARE, "os": _OS, "screen": _SCREEN, "network": _NETWORK, "power": _POWER, "audio": _AUDIO},
    required=["hardware", "os", "screen"],
)
_MESSAGE_PARTS = {"id": filled, "role": one_of("user", "assistant"), "content": text, "createdAt": schema.timestamp}
_CHARACTER = fields(
    {
        "id": filled,
        "name": filled,
        "avatarUrl": schema.absolute_url,
        "greeting": text,
        "persona": text,
        "tags": list_of(text),
        "isNsfw": schema.boolean,
    },
    required=["id", "name", "avatarUrl"],
)
_REGULATORY = fields(
    {
        "gdpr": schema.flag,
        "gdprConsent": filled,
        "coppa": schema.flag,
        "gpp": filled,
        "gppSid": list_of(integer),
        "usPrivacy": filled,
    },
    least=1,
)
_IDENTITY = {"publisherToken": filled, "userId": filled, "installId": uuid, "sdk": _SDK}
_PRELOAD = _IDENTITY | {
    "conversationId": filled,
    "enabledPlacementCodes": list_of(filled, least=1),
    "messages": list_of(fields(_MESSAGE_PARTS, required=_MESSAGE_PARTS), least=1, most=30),
    "device": _DEVICE,
}
_REPORTER = {"publisherToken": filled, "conversationId": filled, "userId": filled, "installId": uuid, "sdk": _SDK}

BODIES = {
    "/init": fields(_IDENTITY | {"app": fields(_APP_PARTS, required=_APP_PARTS)}, required=_IDENTITY),
    "/preload": fields(
        _PRELOAD
        | {
            "app": fields(_APP_PARTS | _APP_TIMES | {"storeUrl": text}, required=_APP_PARTS),
            "sessionId": uuid,
            "character": _CHARACTER,
            "regulatory": _REGULATORY,
            "userEmail": filled,
            "variantId": filled,
            "advertisingId": schema.advertising_id,
            "vendorId": schema.advertising_id,
        },
        required=_PRELOAD,
    ),
    "/error": fields(
        {"error": text, "stack": filled, "additionalData": fields(_REPORTER | {"bidId": uuid}, required=["sdk"])},
        required=["error", "additionalData"],
    ),
    "/debug": fields(
        {"name": filled, "data": text, "additionalData": fields(_REPORTER | {"sessionId": uuid}, required=["sdk"])},
        required=["name", "additionalData"],
    ),
}


def read_request(path: str, headers: Mapping[str, str], raw: bytes) -> tuple[dict[str, Any], list[str]]:
    """The body of a request to one of `BODIES`, and what is wrong with the request (empty: nothing)."""
    try:
        body = json.loads(raw)
    except ValueError:
        return {}, ["body must be JSON in UTF-8"]
    problems = list(BODIES[path](body, "body"))
    if not isinstance(body, dict):
        return {}, problems
    if path == "/preload":
        problems += _last_message(body.get("messages"))
    return body, problems + list(_headers(path, headers, body))


def _last_message(messages: object) -> Iterator[str]:
    if isinstance(messages, list) and messages:
        last = messages[-1]
        if isinstance(last, dict) and last.get("role") != "user":
            yield "messages must end with the user message that triggered the preload (protocol 2.4)"


def _headers(path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Iterator[str]:
    if headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        yield "header Content-Type must be application/json"
    for name in ("Cookie", "Authorization"):
        if name in headers:
            yield f"header {name} must not be sent (protocol 2.2)"
    yield from _token_header(path, headers.get(TOKEN_HEADER), body)
    disabled = headers.get(DISABLED_HEADER)
    if path == "/preload" and disabled not in {"0", "1"}:
        yield f"header {DISABLED_HEADER} must be 0 or 1 on /preload"
    elif path != "/preload" and disabled is not None:
        yield f"header {DISABLED_HEADER} belongs to /preload only"


def _token_header(path: str, token: str | None, body: Mapping[str, Any]) -> Iterator[str]:
    if path in {"/error", "/debug"}:
        if token is not None:
            yield f"header {TOKEN_HEADER} belongs to /init and /preload only"
    elif token is None:
        yield f"header {TOKEN_HEADER} is missing"
    elif token != body.get("publisherToken"):
        yield f"header {TOKEN_HEADER} must equal publisherToken of the body"
