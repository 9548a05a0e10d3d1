"""How often anybody may do what costs something: per person, per account, per address.

The counters are in Redis where `REDIS_URL` is set, else in the process. When they cannot be reached, everything is
allowed: a limit must not become an outage. The limits themselves are the keys `LIMIT_<KIND>_<SCOPE>` of `CHAT`.
"""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext, ngettext
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from chatapp import addresses, conf, metrics, people

logger = logging.getLogger(__name__)
PATIENCE_S = 0.25
Response = TypeVar("Response", bound=HttpResponseBase)


class Kind(StrEnum):
    """What is counted."""

    MESSAGES = "messages"
    SOCKETS = "sockets"
    BEACONS = "beacons"
    EXPORTS = "exports"
    LOGINS = "logins"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who does something, as far as it is known."""

    person: uuid.UUID | None
    user: str | None
    address: str | None

    def scopes(self, kind: Kind) -> Iterator[tuple[str, str]]:
        """The limits that apply and whom each one counts: `("guest", id)`, `("address", network)`."""
        if who := self.user or self.person:
            accounts = "user" if self.user else "guest"
            yield (accounts if kind is Kind.MESSAGES else "person"), f"{accounts}:{who}"
        if self.address:
            yield "address", addresses.network(self.address)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit says. Without `limit` nothing was counted; `wait_s`: until the window begins anew, in seconds."""

    kind: Kind
    refused: bool = False
    scope: str = ""
    limit: RateLimitItem | None = None
    remaining: int = 0
    wait_s: int = 0

    def sentence(self) -> str:
        """What happened, what to do and when, in the person's words."""
        wait = {"wait": _duration(self.wait_s)}
        if self.kind is not Kind.MESSAGES:
            return gettext("That was too often in a short time. Try again in %(wait)s.") % wait
        if self.scope == "address":
            return (
                gettext("Very many messages come from your network. Your message is kept; send it in %(wait)s.") % wait
            )
        if self.limit and self.limit.get_expiry() >= 24 * 3600:
            return gettext("That was the last message for today. Your message is kept; send it in %(wait)s.") % wait
        return gettext("That was a lot at once. Your message is kept; send it in %(wait)s.") % wait

    def mark(self, response: Response) -> Response:
        """Say it in the headers too, for programs."""
        if self.limit:
            window = self.limit.get_expiry()
            response["RateLimit-Policy"] = f'"{self.kind}";q={self.limit.amount};w={window}'
            response["RateLimit"] = f'"{self.kind}";r={self.remaining};t={self.wait_s}'
        if self.refused:
            response["Retry-After"] = str(self.wait_s)
        return response


# Actions


def spend(kind: Kind, caller: Caller) -> Verdict:
    """Count one more of `kind` for everybody whom `caller` is, until a limit refuses. Never raises; touches the network
    where Redis holds the counters, so not for the event loop."""
    try:
        return _spend(kind, caller) if conf.get_settings().rate_limits else Verdict(kind)
    except Exception as failure:
        logger.warning("Limits cannot be counted, so everything is allowed: %s", type(failure).__name__)
        return Verdict(kind)


async def aspend(kind: Kind, request: HttpRequest) -> Verdict:
    """`spend` for a request in an async view."""
    if not conf.get_settings().rate_limits:
        return Verdict(kind)
    person = people.current(request)
    account = str(person) if people.is_account(person) else None
    caller = Caller(person, account, addresses.of_request(request))
    return await sync_to_async(spend)(kind, caller)


async def may_connect(scope: Any) -> bool:
    """Whether this socket may be opened. `scope`: of ASGI, with its cookies."""
    if not conf.get_settings().rate_limits:
        return True
    caller = Caller(people.claimed(scope.get("cookies", {})), None, addresses.of_scope(scope))
    return not (await sync_to_async(spend)(Kind.SOCKETS, caller)).refused


# Internal


def _spend(kind: Kind, caller: Caller) -> Verdict:
    limiter = _limiter(settings.REDIS_URL)
    shown: Verdict | None = None
    for scope, who in caller.scopes(kind):
        for limit in limits_of(kind, scope):
            allowed = limiter.hit(limit, kind, scope, who)
            if allowed and shown:
                continue
            reset, remaining = limiter.get_window_stats(limit, kind, scope, who)
            wait_s = max(1, math.ceil(reset - time.time()))
            shown = Verdict(kind, not allowed, scope, limit, remaining, wait_s)
            if not allowed:
                metrics.refused(kind, scope)
                return shown
    return shown or Verdict(kind)


def limits_of(kind: Kind, scope: str) -> list[RateLimitItem]:
    """The configured limits, the shortest window first; a key that does not exist is no limit. Raises `ValueError` when
    they cannot be read (`chat.E004`)."""
    return _parsed(getattr(conf.get_settings(), f"limit_{kind}_{scope}", ""))


@cache
def _parsed(text: str) -> list[RateLimitItem]:
    return sorted(parse_many(text), key=lambda limit: limit.get_expiry()) if text.strip() else []


@cache
def _limiter(redis_url: str) -> FixedWindowRateLimiter:
    """Fixed windows cost one step to count, whatever the limit is."""
    if not redis_url:
        return FixedWindowRateLimiter(MemoryStorage())
    timeouts = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
    patience = Retry(NoBackoff(), 0)  # a second try would be a second wait
    pool = ConnectionPool.from_url(redis_url, retry=patience, **timeouts)
    return FixedWindowRateLimiter(RedisStorage(redis_url, connection_pool=pool, key_prefix="chat.limits"))


def forget_all() -> None:
    """Begin to count anew; for tests, and when the place of the counters changes."""
    _limiter.cache_clear()


def _duration(seconds: int) -> str:
    """In the largest unit that there are two of, rounded up."""
    minutes, hours = math.ceil(seconds / 60), math.ceil(seconds / 3600)
    if hours > 1:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    if minutes > 1:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}


def _reload(*, setting: str, **kwargs: Any) -> None:
    if setting == "REDIS_URL":
        forget_all()


setting_changed.connect(_reload)
