"""Who may ask: any page for the four endpoints, as the real ad server has it; only our own pages for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from .rules import BODIES, DISABLED_HEADER, TOKEN_HEADER

PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": f"Content-Type, {TOKEN_HEADER}, {DISABLED_HEADER}",
    "Access-Control-Max-Age": "600",
}


def cors_headers(path: str, origin: str | None) -> dict[str, str]:
    """What lets a page read an endpoint's answer. Never with credentials: no cookie belongs here (protocol 2.2)."""
    if path not in BODIES:
        return {}
    return {"Access-Control-Allow-Origin": origin or "*", "Vary": "Origin"}


def is_own(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a page of ours, or from no browser at all; the browser's own headers tell.

    The host must be an address or localhost: another name may have been bent to this machine by a foreign site, whose
    pages would then count as ours.
    """
    host = headers.get("Host", "")
    if not _is_fixed(host) or headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return headers.get("Origin", f"http://{host}") == f"http://{host}"


def _is_fixed(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name != "localhost":
            ip_address(name)
    except ValueError:
        return False
    return True
