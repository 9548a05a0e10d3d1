from __future__ import annotations

import threading

import pytest
from django.db import connection

from chatapp.database import writing
from chatapp.models import Conversation
from tests.conftest import ALICE

pytestmark = pytest.mark.django_db(transaction=True)


def write_and_fail() -> None:
    with writing():
        Conversation.objects.create(owner=ALICE)
        raise LookupError


def test_what_is_written_together_is_kept_together() -> None:
    with pytest.raises(LookupError):
        write_and_fail()
    assert not Conversation.objects.exists()


def test_many_writers_wait_for_each_other_and_none_fails() -> None:
    failures: list[Exception] = []

    def write() -> None:
        try:
            with writing():
                Conversation.objects.create(owner=ALICE)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Conversation.objects.count() == 20
