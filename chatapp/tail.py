"""The page's way to live updates where sockets are blocked: plain requests that bring what a socket would have brought.

A request says where the page stands, the answer holds the fragments that it misses and the address of the next
request, which says where it stands then. So no process keeps anything between two of them: each may be answered by
another process, and one whose answer was lost is simply asked again.
"""

from __future__ import annotations

import asyncio
import time
import uuid

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from chatapp import catchup, people
from chatapp.catchup import Missing, Place
from chatapp.database import hand_back, in_database
from chatapp.models import Conversation

HOLD_S = 10.0
"""So long a request waits for news: well below the patience of any proxy."""
PACE_S = 0.35
"""So often it looks; a page is told at most so often."""


@never_cache
@require_GET
async def tail(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """`/c/<uuid>/tail/`: what the page misses, as `{"html": [fragment, …], "next": address}`.

    The first request is answered at once; with `hold` in its address it waits until there is something to tell.
    """
    mine = Conversation.objects.owned_by(people.current(request)).filter(pk=conversation_id)
    place = Place.from_query(request.GET.dict())
    missing = await _news(mine, place, hold="hold" in request.GET)
    address = f"{request.path}?hold&{missing.place.query()}"
    return JsonResponse({"html": missing.html, "next": address})


async def _news(mine: QuerySet[Conversation], place: Place, *, hold: bool) -> Missing:
    conversation = await in_database(mine.first)
    if conversation is None:
        raise Http404
    end = time.monotonic() + HOLD_S
    while True:
        if hold:
            await asyncio.sleep(PACE_S)
        missing = await catchup.since(conversation, place)
        # Who waits holds no database connection: there may be many.
        await sync_to_async(hand_back)()
        if missing.html or not hold or time.monotonic() > end:
            return missing
