"""Where the sandbox listens, and whether the site's settings point at it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

SANDBOX_TOKEN = "sandbox"  # noqa: S105  the public name that stands for "no token"
DEFAULT_ADDRESS = ("127.0.0.1", 8001)
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  listening there includes loopback


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host` (a name or an address)."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def configured_address(ad_server_url: str) -> tuple[str, int] | None:
    """Host and port of a loopback ad server URL; None when it points elsewhere or needs TLS."""
    try:
        parts = urlsplit(ad_server_url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        return None
    return (host, port) if parts.scheme == "http" and is_loopback(host) else None


def is_needed(*, publisher_token: str, ad_server_url: str, host: str, port: int) -> bool:
    """Whether a site with these settings would talk to a sandbox at `host`:`port`."""
    configured = configured_address(ad_server_url)
    if publisher_token != SANDBOX_TOKEN or configured is None:
        return False
    return configured[1] == port and (host in _EVERYWHERE or _number(host) == _number(configured[0]))


def _number(host: str) -> str:
    return "127.0.0.1" if host == "localhost" else host
