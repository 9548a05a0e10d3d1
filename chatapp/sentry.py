"""Tells Sentry of faults, when `SENTRY_DSN` is set and the package `sentry-sdk` is installed: what broke and where, and
nothing that anybody wrote.

Everything that could quote a conversation, a cookie or an address is taken out here, before an event leaves the
process; it does not depend on the options of the package.
"""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.util import find_spec
from typing import Any

logger = logging.getLogger(__name__)
KEPT = (
    *("event_id", "timestamp", "level", "platform", "logger", "release", "environment", "sdk", "fingerprint", "type"),
    *("transaction", "transaction_info", "start_timestamp", "modules"),
)
KEPT_OF_A_FRAME = ("filename", "abs_path", "function", "module", "lineno", "in_app")
KEPT_OF_A_TRACE = ("trace_id", "span_id", "parent_span_id", "op", "status")


def start(dsn: str, *, environment: str) -> bool:
    """Begin to report. Returns whether anything reports now."""
    if not dsn:
        return False
    if find_spec("sentry_sdk") is None:
        logger.warning("SENTRY_DSN is set, but the package sentry-sdk is not installed: nothing is reported")
        return False
    import_module("sentry_sdk").init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=lambda event, hint: scrub(event),
        before_send_transaction=lambda event, hint: scrub(event),
        before_breadcrumb=lambda crumb, hint: None,
    )
    return True


def scrub(event: dict[str, Any]) -> dict[str, Any]:
    """The event with only what is known to be harmless; pure."""
    kept = {name: event[name] for name in KEPT if name in event}
    values = (event.get("exception") or {}).get("values") or []
    if values:
        kept["exception"] = {"values": [_exception(value) for value in values]}
    logged = event.get("logentry") or {}
    if logged.get("message"):
        # The words of the program; what they were filled with stays here.
        kept["logentry"] = {"message": logged["message"]}
    trace = (event.get("contexts") or {}).get("trace") or {}
    kept["contexts"] = {"trace": {name: trace[name] for name in KEPT_OF_A_TRACE if name in trace}}
    return kept


def _exception(value: dict[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "stacktrace": {
            "frames": [{name: frame[name] for name in KEPT_OF_A_FRAME if name in frame} for frame in frames]
        },
    }
