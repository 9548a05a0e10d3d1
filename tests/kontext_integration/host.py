"""The smallest site that mounts the app: its addresses, its people (a header says who asks), and a filled slot."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.urls import include, path

from kontext_integration.models import AdSession, AdSlot
from kontext_integration.views import ads_txt

if TYPE_CHECKING:
    from django.http import HttpRequest

KONTEXT: dict[str, Any] = {
    "PUBLISHER_TOKEN": "test-token",
    "AD_SERVER_URL": "https://Ads.test:443/base/",
    "USER_ID": "tests.kontext_integration.host.person",
}
BID = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
SNAPSHOT = [{"id": "u1", "role": "user", "content": "Hi", "createdAt": "2026-01-15T10:29:50.000Z"}]

urlpatterns = [path("kontext/", include("kontext_integration.urls")), path("ads.txt", ads_txt)]


def person(request: HttpRequest) -> str | None:
    return request.headers.get("X-Person")


def fill(message_id: str = "a1", *, owner: str = "alice", **fields: Any) -> AdSlot:
    """A bid linked to a message of this owner."""
    session, _ = AdSession.objects.get_or_create(conversation_id=f"of {owner}", defaults={"user_id": owner})
    values: dict[str, Any] = {"code": "inlineAd", "bid_id": uuid.UUID(BID), "snapshot": SNAPSHOT, **fields}
    return AdSlot.objects.create(session=session, message_id=message_id, **values)
