"""Requests as protocol section 2 wants them, for the tests of the sandbox to spoil."""

from __future__ import annotations

from typing import Any

SDK = {"name": "sdk-js", "platform": "web", "version": "4.0.2"}
IDENTITY = {
    "publisherToken": "sandbox",
    "userId": "user-1",
    "installId": "01890000-0000-7000-8000-000000000001",
    "sdk": SDK,
}
DEVICE = {
    "hardware": {"type": "desktop"},
    "os": {"name": "Mac OS", "version": "10.15.7", "locale": "en-US", "timezone": "Europe/Rome"},
    "screen": {"width": 2880, "height": 1800, "dpr": 2, "orientation": "landscape", "darkMode": False},
    "network": {"userAgent": "Mozilla/5.0", "detail": "4g"},
}
REPORTER = IDENTITY | {"conversationId": "conv-1"}

TOKEN = {"Content-Type": "application/json", "Kontextso-Publisher-Token": "sandbox"}
HEADERS: dict[str, dict[str, str]] = {
    "/init": TOKEN,
    "/preload": TOKEN | {"Kontextso-Is-Disabled": "0"},
    "/error": {"Content-Type": "application/json"},
    "/debug": {"Content-Type": "application/json"},
}


def message(content: str = "A trip to Rome", message_id: str = "u1", role: str = "user") -> dict[str, Any]:
    return {"id": message_id, "role": role, "content": content, "createdAt": "2026-01-15T10:30:00.123Z"}


def body(path: str, **changes: Any) -> dict[str, Any]:
    """A correct body for an endpoint, with `changes` at its top level."""
    bodies: dict[str, dict[str, Any]] = {
        "/init": IDENTITY,
        "/preload": IDENTITY
        | {
            "conversationId": "conv-1",
            "enabledPlacementCodes": ["inlineAd"],
            "messages": [message()],
            "device": DEVICE,
        },
        "/error": {"error": "Read timed out", "stack": "Init.fetch", "additionalData": REPORTER},
        "/debug": {"name": "Session: bid-assigned", "data": '{"messageId":"a1"}', "additionalData": REPORTER},
    }
    return bodies[path] | changes
