"""Every URL of the ad server: endpoints, the pages of frames, its origin (protocol 2.1, 6.1, 6.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, urlsplit

Endpoint = Literal["init", "preload", "error", "debug"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[\w.-]+", re.ASCII)


def is_valid_base(url: str) -> bool:
    """Whether `url` may be configured as the ad server: absolute, http or https, a host, no query or fragment.

    No user and password either: the address stands in every page, and in logs.
    """
    return canonical_origin(url) is not None and not set("?#") & set(url) and "@" not in urlsplit(url).netloc


def canonical_origin(url: str) -> str | None:
    """The origin as a browser writes it (`https://Ex.com:443/x` → `https://ex.com`); `None` when there is none."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    return f"{scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}")


def endpoint(base: str, name: Endpoint) -> str:
    """Where requests of this kind are posted to (protocol 2.1)."""
    return f"{base.rstrip('/')}/{name}"


def frame_url(base: str, bid_id: str, code: str, message_id: str, sdk_name: str, theme: str | None = None) -> str:
    """Where the browser loads the ad from (protocol 6.1)."""
    return _page_url(base, "frame", bid_id, {"code": code, "messageId": message_id, "sdk": sdk_name, "theme": theme})


def modal_url(base: str, bid_id: str, code: str, message_id: str, sdk_name: str, theme: str | None = None) -> str:
    """Where the browser loads the full-screen part of an ad from (protocol 6.1); the page adds `componentParams`."""
    return _page_url(base, "modal", bid_id, {"code": code, "messageId": message_id, "sdk": sdk_name, "theme": theme})


def _page_url(base: str, page: Literal["frame", "modal"], bid_id: str, values: Mapping[str, str | None]) -> str:
    query = "&".join(f"{name}={_encode(value)}" for name, value in values.items() if value)
    return f"{base.rstrip('/')}/api/{page}/{_encode(bid_id.lower())}?{query}"


def _encode(value: str) -> str:
    """JavaScript's `encodeURIComponent`; half of a surrogate pair, which it refuses, becomes a question mark."""
    return quote(value, safe="!*'()", errors="replace")


def _ascii_host(host: str) -> str:
    """The host in a browser's spelling; empty when it is none."""
    if ":" in host:
        return f"[{host}]"
    ascii_host = host if host.isascii() else host.encode("idna").decode()
    return ascii_host if _HOST.fullmatch(ascii_host) else ""
