"""The page's way to live updates where sockets are blocked: plain requests that bring what a socket would have brought.

A request says where the page stands; the answer has the fragments that it misses, the address of the next request,
which says where it stands then, and how long to wait before that. So no process keeps anything between two of them, or
waits with one: each may be answered by another process, and one whose answer was lost is simply asked again.
"""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chatapp import catchup, people
from chatapp.catchup import Place
from chatapp.database import in_database
from chatapp.models import LIVE, Conversation

LIVE_PAUSE_MS, IDLE_PAUSE_MS = 400, 2500


@never_cache
@require_GET
async def tail(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """`/c/<uuid>/tail/`: what the page misses, as `{"html": [fragment, …], "next": address, "pause_ms": 400}`."""
    mine = Conversation.objects.owned_by(people.current(request)).filter(pk=conversation_id)
    conversation = await in_database(mine.first)
    if conversation is None:
        raise Http404
    missing = await catchup.since(conversation, Place.from_query(request.GET.dict()))
    pause_ms = LIVE_PAUSE_MS if missing.place.state in LIVE else IDLE_PAUSE_MS
    address = f"{request.path}?{missing.place.query()}"
    return JsonResponse({"html": missing.html, "next": address, "pause_ms": pause_ms})
