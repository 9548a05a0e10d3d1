"""What the chat counts about itself, for Prometheus; the rest of the chat calls the functions below.

Each process counts for itself: every process is a target of its own. No label holds an id, a text or an address, so the
number of series is bounded. `/metrics` answers a bearer of `METRICS_TOKEN` and staff; for all others it does not exist.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

FIRST_TOKEN_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 21, 34, 60)
TURN_S = (0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
AD_S = (0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 8, 16)
PRELOADS = 10_000
"""So many unanswered preloads are remembered at most; one whose answer never comes is forgotten in the end."""

registry = CollectorRegistry()
for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    registry.register(collector)

_turns = Counter("chat_turns", "Replies that ended.", ["outcome", "error"], registry=registry)
_first_token = Histogram(
    "chat_first_token_seconds",
    "From the start of a reply to its first words.",
    buckets=FIRST_TOKEN_S,
    registry=registry,
)
_turn_s = Histogram("chat_turn_seconds", "From the start of a reply to its end.", buckets=TURN_S, registry=registry)
_characters = Counter("chat_reply_characters", "Characters of replies.", registry=registry)
_deltas = Counter(
    "chat_reply_deltas", "Pieces that the model sent; with most endpoints one is a token.", registry=registry
)
_writing = Gauge("chat_replies_writing", "Replies that are being written.", registry=registry)
_waiting = Gauge("chat_replies_waiting", "Replies that wait for their turn.", registry=registry)
_sockets = Gauge("chat_sockets_open", "Open sockets.", registry=registry)
_reaped = Counter("chat_reaped", "Replies that were found without their process.", registry=registry)
_refused = Counter("chat_refused", "What a limit refused.", ["kind", "scope"], registry=registry)
_preloads = Counter("chat_ad_preloads", "Preloads by outcome.", ["outcome", "code"], registry=registry)
_preload_s = Histogram(
    "chat_ad_preload_seconds",
    "From a person's message to the answer of the ad server.",
    buckets=AD_S,
    registry=registry,
)
_ads_shown = Counter("chat_ad_slots_filled", "Ads that found their reply.", registry=registry)
_preloads_since: OrderedDict[str, float] = OrderedDict()
_known_codes: set[str] = set()
CODES = 40
"""So many codes of the ad server get a series of their own; it may invent any."""


# The chat


def reply_began() -> None:
    _writing.inc()


def first_words(seconds: float) -> None:
    """`seconds`: since the engine was asked."""
    _first_token.observe(seconds)


def reply_ended(outcome: str, error: str, *, seconds: float, characters: int, deltas: int) -> None:
    """`outcome`: the reply's final state; `error`: its code, "" for none. Call it once for each `reply_began`."""
    _writing.dec()
    _turns.labels(outcome, error).inc()
    _turn_s.observe(seconds)
    _characters.inc(characters)
    _deltas.inc(deltas)


def replies_waiting(count: int) -> None:
    _waiting.set(count)


def socket_opened() -> None:
    _sockets.inc()


def socket_closed() -> None:
    _sockets.dec()


def reaped(count: int) -> None:
    _reaped.inc(count)


def refused(kind: str, scope: str) -> None:
    _refused.labels(kind, scope).inc()


# The ads


def preload_began(conversation_id: str) -> None:
    """A person's message was fed to the conversation's ad session."""
    _preloads_since[conversation_id] = time.monotonic()
    _preloads_since.move_to_end(conversation_id)
    if len(_preloads_since) > PRELOADS:
        _preloads_since.popitem(last=False)


def preload_ended(conversation_id: str, outcome: str, code: str = "") -> None:
    """`outcome`: "filled", "no_fill" or "error"; `code`: the skip code or error code. Of several ads of one preload,
    and of an error that a frame reports, only the first is an answer and is timed."""
    began = _preloads_since.pop(conversation_id, None)
    if began is None:
        return
    _preload_s.observe(time.monotonic() - began)
    _preloads.labels(outcome, _bounded(code)).inc()


def ad_shown() -> None:
    _ads_shown.inc()


# The address


@require_GET
@never_cache
async def metrics(request: HttpRequest) -> HttpResponse:
    """`/metrics`, in Prometheus' text format."""
    if not await _may_read(request):
        raise Http404
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


async def _may_read(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if token and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        return True
    user = await request.auser()
    return bool(user.is_active and user.is_staff)


def _bounded(code: str) -> str:
    if code not in _known_codes and len(_known_codes) >= CODES:
        return "other"
    _known_codes.add(code)
    return code[:40]
