"""Writing from many threads at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

_one_writer = threading.RLock()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction. With SQLite its writers wait for each other here: in the database they would poll, with naps of
    up to 100 ms, and fifty messages at once take seconds instead of tenths."""
    with _one_writer if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield
