"""Work for the database outside of requests."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError

from kontext_integration.database import in_database

pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.runs = 0

    def __call__(self, result: str) -> str:
        self.runs += 1
        if self.failures:
            raise self.failures.pop(0)
        return result


@pytest.mark.parametrize("failure", [OperationalError("gone"), InterfaceError("closed")])
async def test_a_lost_connection_costs_a_second_run(failure: Exception) -> None:
    work = Work(failure)
    assert await in_database(work, "done") == "done"
    assert work.runs == 2


async def test_a_database_that_stays_away_is_an_error() -> None:
    with pytest.raises(OperationalError):
        await in_database(Work(OperationalError("gone"), OperationalError("gone")), "done")


async def test_other_errors_are_not_tried_again() -> None:
    work = Work(IntegrityError("twice"))
    with pytest.raises(IntegrityError):
        await in_database(work, "done")
    assert work.runs == 1
