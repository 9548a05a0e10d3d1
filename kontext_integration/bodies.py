"""Reading what a page posts: small JSON objects, whoever wrote them."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, NoReturn, TypeGuard

from django.http import HttpRequest, HttpResponse

LARGEST_BODY = 16 * 1024
"""Bytes; the page script sends less."""
LONGEST_KEY = 255

Answer = Coroutine[Any, Any, HttpResponse]


def takes_json(view: Callable[[HttpRequest, dict[str, Any]], Answer]) -> Callable[[HttpRequest], Answer]:
    """The view gets the body as a dict; 413 for a body that is too large, 400 for one that is no JSON object."""

    @wraps(view)
    async def wrapped(request: HttpRequest) -> HttpResponse:
        if len(request.body) > LARGEST_BODY:
            return HttpResponse(status=413)
        body = json_object(request.body)
        return HttpResponse(status=400) if body is None else await view(request, body)

    return wrapped


def json_object(body: bytes) -> dict[str, Any] | None:
    """The object that `body` is in JSON, else None: also for NaN, which no database takes, and for endless nesting."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_key(value: object) -> TypeGuard[str]:
    """Whether `value` may be compared with an id in the database: short, printable text."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and value.isprintable()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
