"""Which browser a user has: what requests and the page's script tell about it, kept in `AdBrowser`."""

from __future__ import annotations

import ipaddress
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from . import facts as checked
from .conf import get_settings
from .database import in_database
from .device import device, user_agent
from .models import AdBrowser
from .ports import Browser
from .tasks import log_failure

if TYPE_CHECKING:
    from django.http import HttpRequest

_HEADERS = (
    "User-Agent",
    "Accept-Language",
    "Sec-CH-UA-Mobile",
    "Sec-CH-UA-Platform",
    "Sec-CH-UA-Model",
    "Sec-CH-Prefers-Color-Scheme",
    "ECT",
    "Sec-GPC",
)


async def observe(*, user_id: str, request: HttpRequest) -> None:
    """Remember the headers and the address of a request of this user. Writes only when they are new; never raises.

    Nothing is kept while ads are off.
    """
    try:
        if not get_settings().publisher_token:
            return
        seen = {"headers": _headers(request), "address": client_address(request) or ""}
        await in_database(_remember, user_id, seen)
    except Exception as error:
        log_failure("observe", error)


def record_browser(*, user_id: str, facts: object, request: HttpRequest) -> str:
    """Store what the page's script reports (shape: module `facts`) with the headers of the same request.

    Returns the install id that counts from now on, for the page to keep: the reported one if it is a canonical UUID,
    else the one already stored, else a new one (protocol 3). "" while ads are off: then nothing is kept.
    Raises only what the database raises.
    """
    if not get_settings().publisher_token:
        return ""
    browser = checked.clean(facts)
    given = browser.pop("installId", None)
    headers = _headers(request)
    if "user_agent" in headers:
        browser["userAgent"] = headers["user_agent"]
    seen = {"browser": browser, "headers": headers, "address": client_address(request) or ""}
    return _remember(user_id, seen, given)


def load(user_id: str) -> Browser:
    """The user's newest browser, ready for a request. One that nobody has seen yet gets an install id to keep."""
    row = AdBrowser.objects.filter(user_id=user_id).first()
    if row is None:
        return _browser(_remember(user_id, {}), {})
    return _browser(str(row.install_id), row.facts)


def _browser(install_id: str, stored: Mapping[str, Any]) -> Browser:
    facts, headers = stored.get("browser", {}), stored.get("headers", {})
    settings = get_settings()
    agent, address = user_agent(facts, headers), stored.get("address")
    forwarded = {
        "User-Agent": agent if settings.forward_user_agent and agent and agent.isascii() else None,
        "X-Forwarded-For": address if settings.forward_address else None,
    }
    return Browser(
        install_id=install_id,
        device=device(facts, headers),
        consent=facts.get("consent", {}),
        opted_out=headers.get("sec_gpc") == "1" or facts.get("gpc", False),
        forwarded={name: value for name, value in forwarded.items() if value},
    )


def mint_install_id(now_ms: int | None = None) -> str:
    """A new UUID of version 7: 48 bits of milliseconds, the rest random (protocol 3)."""
    stamp = (time.time_ns() // 1_000_000 if now_ms is None else now_ms) & ((1 << 48) - 1)
    value = stamp << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def client_address(request: HttpRequest) -> str | None:
    """The user's IP address as `KONTEXT` says to find it, without a port; None when there is none to trust."""
    settings = get_settings()
    if settings.client_address:
        return _address(import_string(settings.client_address)(request))
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.trusted_proxy_count else ""
    if not forwarded:
        return _address(request.META.get("REMOTE_ADDR"))
    hops = forwarded.split(",")
    # Only the entries that our own proxies appended are true; what stands left of them was sent by anybody.
    return _address(hops[-settings.trusted_proxy_count]) if len(hops) >= settings.trusted_proxy_count else None


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


def _headers(request: HttpRequest) -> dict[str, str]:
    values = ((name, request.headers.get(name, "")) for name in _HEADERS)
    return {
        name.lower().replace("-", "_"): value
        for name, value in values
        if value and value.isprintable() and len(value) <= checked.LONGEST_USER_AGENT
    }


def _remember(user_id: str, seen: Mapping[str, Any], install_id: str | None = None) -> str:
    known = AdBrowser.objects.filter(user_id=user_id).first()
    if known is None:
        known = AdBrowser(user_id=user_id, install_id=uuid.UUID(install_id or mint_install_id()), facts=dict(seen))
        try:
            with transaction.atomic():
                known.save(force_insert=True)
        except IntegrityError:
            # Another request of the same person was first.
            return _remember(user_id, seen, install_id)
        return str(known.install_id)
    facts = {**known.facts, **seen}
    wanted = uuid.UUID(install_id) if install_id else known.install_id
    if (facts, wanted) != (known.facts, known.install_id):
        known.facts, known.install_id = facts, wanted
        known.save(update_fields=["facts", "install_id", "updated_at"])
    return str(known.install_id)
