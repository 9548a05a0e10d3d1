"""Where a request or a socket comes from: the one place that decides which proxies are believed.

`TRUSTED_PROXY_COUNT` of the environment says how many of our own proxies append to `X-Forwarded-For`. Whatever stands
left of their entries was written by anybody.
"""

from __future__ import annotations

import ipaddress
import logging
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)


def of_request(request: HttpRequest) -> str | None:
    """The person's IP address without a port; None when there is none to trust."""
    return find(request.META.get("REMOTE_ADDR"), request.headers.get("X-Forwarded-For", ""))


def of_scope(scope: dict[str, Any]) -> str | None:
    """The same for a socket, from its ASGI scope."""
    forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return find((scope.get("client") or ("",))[0], ",".join(forwarded))


def find(peer: object, forwarded: str) -> str | None:
    """The address behind the connection of `peer`, whose header `X-Forwarded-For` is `forwarded`."""
    proxies = settings.TRUSTED_PROXY_COUNT
    if proxies and forwarded:
        hops = forwarded.split(",")
        return _address(hops[-proxies]) if len(hops) >= proxies else None
    address = _address(peer)
    if address and forwarded and not ipaddress.ip_address(address).is_global:
        # A proxy nobody told us of. To take its address for the person's would make one person of all.
        _warn_once()
        return None
    return address


def network(address: str) -> str:
    """What counts as one place: an IPv4 address, or an IPv6 network of 64 bits, which a single line is given."""
    known = ipaddress.ip_address(address)
    return address if known.version == 4 else str(ipaddress.ip_network((known, 64), strict=False))


def _address(text: object) -> str | None:
    host = str(text or "").strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


@cache
def _warn_once() -> None:
    logger.warning("Requests come through a proxy, and TRUSTED_PROXY_COUNT is 0: nobody's address is known.")
