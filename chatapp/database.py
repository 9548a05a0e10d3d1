"""Writing from many threads at once, and working over a connection that may have been lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from chatapp.outages import Outage

P = ParamSpec("P")
T = TypeVar("T")

outage = Outage("database", rest_s=5.0)
"""While it lasts, a reply without a sign of life proves nothing: its writer may have been unable to give one."""
SLOW_S = 3.0
_one_writer = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction. With SQLite its writers wait for each other here: in the database they would poll, with naps of
    up to 100 ms, and fifty messages at once take seconds instead of tenths."""
    with _one_writer if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ORM code that belongs to no request, and that may safely run twice. Raises what it raises.

    Django drops lost connections at the edges of requests. Here there is none, so a lost connection is noticed by its
    error, dropped, and the work done once more over a new one.
    """
    return await sync_to_async(_with_second_chance)(function, *args, **kwargs)


def _with_second_chance(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    began = time.monotonic()
    try:
        try:
            return function(*args, **kwargs)
        except (InterfaceError, OperationalError):
            if connection.is_usable():
                raise
            connection.close()
            return function(*args, **kwargs)
    except Error as failure:
        outage.note(failure)
        raise
    finally:
        if time.monotonic() - began > SLOW_S:
            outage.note(TimeoutError())
