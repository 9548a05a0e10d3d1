"""JSON bodies to and from bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

MAX_ANSWER_BYTES = 1_000_000
"""An answer that is longer is not read; real ones have a few hundred bytes."""


def encode(body: Mapping[str, Any]) -> bytes:
    """A request body as JSON. ASCII only, so that even half of a surrogate pair in a chat message can be sent."""
    return json.dumps(body, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def decode_object(body: bytes) -> dict[str, Any]:
    """The JSON object in an answer. Raises `ValueError` on everything else: this is what "malformed" means."""
    if len(body) > MAX_ANSWER_BYTES:
        raise ValueError("the answer is too long")
    try:
        decoded = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    if not isinstance(decoded, dict):
        raise ValueError("the answer is not a JSON object")
    return decoded


def without_unknown(value: Any) -> Any:
    """The value without what is not known: v4 omits it and never writes null (protocol 2.2)."""
    if isinstance(value, Mapping):
        return {key: without_unknown(item) for key, item in value.items() if not _is_unknown(item)}
    if isinstance(value, list | tuple):
        return [without_unknown(item) for item in value if not _is_unknown(item)]
    return value


def _is_unknown(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
