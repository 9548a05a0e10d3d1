"""The JSON of the four endpoints (protocol 2): what we write, and what we make of what comes back."""

from __future__ import annotations

from .bodies import MAX_ANSWER_BYTES, encode
from .init_answer import decode_init
from .messages import message_from_record, message_record, timestamp
from .preload_answer import MAX_BIDS, decide_preload, request_failed
from .reports import debug_request, error_request
from .requests import (
    init_headers,
    init_request,
    preload_headers,
    preload_request,
    report_headers,
)

__all__ = [
    "MAX_ANSWER_BYTES",
    "MAX_BIDS",
    "debug_request",
    "decide_preload",
    "decode_init",
    "encode",
    "error_request",
    "init_headers",
    "init_request",
    "message_from_record",
    "message_record",
    "preload_headers",
    "preload_request",
    "report_headers",
    "request_failed",
    "timestamp",
]
