"""The addresses of the chat, and one that never answers."""

from __future__ import annotations

import asyncio
import logging

from django.http import HttpRequest, HttpResponse
from django.urls import path

from chatapp.urls import urlpatterns as chat


async def wait(request: HttpRequest) -> HttpResponse:
    logging.getLogger(__name__).warning("A request waits")
    await asyncio.Event().wait()
    return HttpResponse()


urlpatterns = [path("wait", wait), *chat]
