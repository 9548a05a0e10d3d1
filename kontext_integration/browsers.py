"""Which browser a user has: what requests and the page's script tell about it, kept in `AdBrowser`."""

from __future__ import annotations

import ipaddress
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from . import facts as checked
from . import regulatory
from .conf import get_settings
from .database import in_database
from .device import device, user_agent
from .models import AdBrowser, AdSlot
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
    "Sec-CH-DPR",
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


def record_browser(*, user_id: str, facts: object, request: HttpRequest) -> None:
    """Store what the page's script reports (shape: module `facts`) with the headers of the same request.

    The facts are replaced as a whole by a report that has any, and so is the consent; what a report does not mention
    stays. The install id is the page's if it is a canonical UUID, else the one already stored, else a new one
    (protocol 3). Nothing is kept while ads are off. Raises only what the database raises.
    """
    if not get_settings().publisher_token:
        return
    report = checked.clean(facts)
    install_id, consent = report.pop("installId", None), report.pop("consent", None)
    headers = _headers(request)
    seen: dict[str, Any] = {"headers": headers, "address": client_address(request) or ""}
    if report:
        agent = {"userAgent": headers["user_agent"]} if "user_agent" in headers else {}
        seen["browser"] = report | agent
    if consent is not None:
        seen["consent"] = {"signals": consent, "toldAt": timezone.now().isoformat()}
    _remember(user_id, seen, install_id)


def load(user_id: str) -> Browser:
    """The user's newest browser, ready for a request. One that nobody has seen yet gets an install id to keep."""
    row = AdBrowser.objects.filter(user_id=user_id).first() or _remember(user_id, {})
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
        device=_device(facts, headers),
        consent=_signals(stored),
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


def _device(facts: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """What is known; a preload never fails because of it (protocol 3)."""
    try:
        return device(facts, headers)
    except Exception as error:
        log_failure("the device of a preload", error)
        return {}


def _without_consent(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in stored.items() if name != "consent"}


def _signals(stored: Mapping[str, Any]) -> dict[str, Any]:
    signals: dict[str, Any] = stored.get("consent", {}).get("signals", {})
    return signals


def _remember(user_id: str, seen: Mapping[str, Any], install_id: str | None = None) -> AdBrowser:
    known = AdBrowser.objects.filter(user_id=user_id).first()
    saved = _update(known, seen, install_id) if known else _create(user_id, seen, install_id)
    # None: another request of the same person was faster.
    return saved or _remember(user_id, seen, install_id)


def _create(user_id: str, seen: Mapping[str, Any], install_id: str | None) -> AdBrowser | None:
    facts = {"browser": {}, **seen}
    created = AdBrowser(user_id=user_id, install_id=uuid.UUID(install_id or mint_install_id()), facts=facts)
    try:
        with transaction.atomic():
            created.save(force_insert=True)
    except IntegrityError:
        return None
    return created


def _update(known: AdBrowser, seen: Mapping[str, Any], install_id: str | None) -> AdBrowser | None:
    wanted = uuid.UUID(install_id) if install_id else known.install_id
    # Another browser, or one whose storage was cleared: what was answered in the one before is not its answer.
    before = known.facts if wanted == known.install_id else _without_consent(known.facts)
    facts = {**before, **seen}
    if (facts, wanted) == (known.facts, known.install_id):
        return known
    version = AdBrowser.objects.filter(pk=known.pk, updated_at=known.updated_at)
    with transaction.atomic():
        if not version.update(facts=facts, install_id=wanted, updated_at=timezone.now()):
            return None
        if regulatory.is_revised(_signals(before), _signals(facts)):
            _withdraw_ads(known.user_id)
    known.facts, known.install_id = facts, wanted
    return known


def _withdraw_ads(user_id: str) -> None:
    """What was found under another answer is not put into a page any more."""
    AdSlot.objects.filter(session__user_id=user_id, released_at=None).update(released_at=timezone.now())
