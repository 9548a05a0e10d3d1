"""What the database itself guarantees."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from kontext_integration.models import AdBrowser, AdEvent, AdSession, AdSlot
from tests.kontext_integration.fakes import BID_ID, OTHER_BID_ID

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> AdSession:
    return AdSession.objects.create(conversation_id="conv-1", user_id="user-1")


def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", "kontext_integration", check=True, dry_run=True, skip_checks=True)


def test_a_conversation_has_one_record(session: AdSession) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AdSession.objects.create(conversation_id="conv-1", user_id="user-2")


def test_a_user_has_one_newest_browser() -> None:
    AdBrowser.objects.create(user_id="user-1", install_id=BID_ID)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdBrowser.objects.create(user_id="user-1", install_id=OTHER_BID_ID)


def test_a_message_has_one_slot_per_placement(session: AdSession) -> None:
    AdSlot.objects.create(session=session, message_id="a1", code="inlineAd", bid_id=BID_ID)
    AdSlot.objects.create(session=session, message_id="a1", code="banner", bid_id=OTHER_BID_ID)
    with pytest.raises(IntegrityError), transaction.atomic():
        AdSlot.objects.create(session=session, message_id="a1", code="inlineAd", bid_id=OTHER_BID_ID)


def test_slots_and_events_go_with_their_session(session: AdSession) -> None:
    AdSlot.objects.create(session=session, message_id="a1", code="inlineAd", bid_id=BID_ID)
    AdEvent.objects.create(session=session, name="ad.no-fill")
    session.delete()
    assert (AdSlot.objects.count(), AdEvent.objects.count()) == (0, 0)


def test_rows_name_themselves(session: AdSession) -> None:
    slot = AdSlot(session=session, message_id="a1", code="inlineAd", bid_id=BID_ID)
    names = [str(row) for row in (session, slot, AdEvent(name="ad.viewed"), AdBrowser(user_id="user-1"))]
    assert names == ["conv-1", "a1:inlineAd", "ad.viewed", "user-1"]
