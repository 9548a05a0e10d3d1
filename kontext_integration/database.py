"""The way from asynchronous code to the database thread, for work that belongs to no request."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ORM code that may safely run twice.

    Django drops lost connections at the edges of requests only. Here there is no request, so a lost connection is
    noticed by its error, dropped, and the work done once more over a new one.
    """
    return await sync_to_async(_with_second_chance)(function, *args, **kwargs)


def _with_second_chance(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return function(*args, **kwargs)
    except (InterfaceError, OperationalError):
        close_old_connections()
        return function(*args, **kwargs)
