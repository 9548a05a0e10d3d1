"""Keeps pages of other origins from opening a socket with the person's cookies.

Browsers send cookies with a cross-origin socket and let its page read what arrives, so the server must look at
`Origin`. The port counts: the ad frame may come from another port of the same host. A client without `Origin` is no
browser page and has no cookies that it was not given.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings


class SameOriginOnly:
    """ASGI middleware: a socket is opened only from the page's own host and port, or a trusted origin."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        allowed = is_allowed(headers.get(b"origin"), headers.get(b"host", b""))
        application: Any = self.application if allowed else WebsocketDenier()
        return await application(scope, receive, send)


def is_allowed(origin: bytes | None, host: bytes) -> bool:
    if origin is None:
        return True
    given = origin.decode("latin-1").lower()
    try:
        return urlsplit(given).netloc == host.decode("latin-1").lower() != "" or given in settings.CSRF_TRUSTED_ORIGINS
    except ValueError:
        return False
