from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from chatapp import database, services
from chatapp.database import in_database, writing
from chatapp.models import Conversation, Message, Role, State
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


async def test_a_lost_connection_is_replaced_and_the_work_done_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    monkeypatch.setattr(type(connections["default"]), "is_usable", lambda wrapper: False)

    def work() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("the connection is closed")
        return "done"

    assert await in_database(work) == "done"
    assert len(tries) == 2


async def test_what_fails_over_a_good_connection_is_not_repeated() -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        raise OperationalError("database or disk is full")

    with pytest.raises(OperationalError):
        await in_database(work)
    assert len(tries) == 1


async def test_nobody_is_declared_dead_while_the_database_has_just_failed(conversation: Conversation) -> None:
    old = timezone.now() - timedelta(hours=1)
    silent = await Message.objects.acreate(
        conversation=conversation, position=3, role=Role.ASSISTANT, state=State.STREAMING, saved_at=old
    )
    stale = Message.objects.filter(pk=silent.pk)
    database.outage.note(OperationalError())
    assert await in_database(services.settle_stale, stale) == 0
    database.outage.forget()
    assert await in_database(services.settle_stale, stale) == 1
