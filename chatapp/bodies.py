"""Refuses a request whose body is larger than anything this site takes, before Django writes it to a disk."""

from __future__ import annotations

from typing import Any

REFUSAL = b"This is more than the server takes."


class LimitBody:
    """ASGI middleware. A body of more than `largest` bytes is answered with 413: at once when its length is declared,
    else as soon as it has come that far."""

    def __init__(self, application: Any, *, largest: int) -> None:
        self.application = application
        self.largest = largest

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
        elif _declared(scope) > self.largest:
            await _refuse(send)
        else:
            await self._count(scope, receive, send)

    async def _count(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        came, answered = 0, False

        async def counted() -> dict[str, Any]:
            nonlocal came
            event: dict[str, Any] = await receive()
            came += len(event.get("body", b""))
            # To the application it looks as if the browser had gone.
            return event if came <= self.largest else {"type": "http.disconnect"}

        async def noted(event: dict[str, Any]) -> None:
            nonlocal answered
            answered = True
            await send(event)

        await self.application(scope, counted, noted)
        if came > self.largest and not answered:
            await _refuse(send)


def _declared(scope: dict[str, Any]) -> int:
    """The length that the request says it has; 0 when it says none that can be read."""
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() and len(value) < 20 else 0


async def _refuse(send: Any) -> None:
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})
