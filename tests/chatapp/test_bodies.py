from __future__ import annotations

from typing import Any

import pytest

from chatapp.bodies import REFUSAL, LimitBody


class Site:
    """An application that reads the whole body and says how long it was, unless the browser goes."""

    def __init__(self) -> None:
        self.read: int | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        length, more = 0, True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            length += len(event.get("body", b""))
            more = event.get("more_body", False)
        self.read = length
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


async def post(*pieces: bytes, length: str | None = None, kind: str = "http") -> tuple[int, bytes, Site]:
    site, sent = Site(), []
    events = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    events.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    headers = [(b"content-length", length.encode())] if length is not None else []
    await LimitBody(site, largest=10)({"type": kind, "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"], site


async def test_a_body_as_large_as_the_limit_passes() -> None:
    status, _, site = await post(b"12345", b"67890")
    assert (status, site.read) == (200, 10)


async def test_a_declared_length_above_the_limit_is_refused_unread() -> None:
    status, said, site = await post(b"x", length="11")
    assert (status, said, site.read) == (413, REFUSAL, None)


async def test_a_body_that_grows_beyond_the_limit_is_refused_on_the_way() -> None:
    status, _, site = await post(b"12345", b"67890", b"1")
    assert (status, site.read) == (413, None)


async def test_a_lie_about_the_length_does_not_help() -> None:
    status, _, _site = await post(b"x" * 50, length="3")
    assert status == 413


@pytest.mark.parametrize("length", ["-5", "many", "9" * 400, ""])
async def test_a_length_that_is_none_is_not_believed(length: str) -> None:
    status, _, _site = await post(b"123", length=length)
    assert status == 200


async def test_sockets_are_left_alone() -> None:
    seen = []

    async def site(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await LimitBody(site, largest=1)({"type": "websocket", "headers": []}, None, None)
    assert seen == ["websocket"]
