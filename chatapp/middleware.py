"""Middleware of our own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware


@sync_only_middleware
def in_one_thread(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Does nothing, but as the last one: Django then runs all middleware in one go in the request's thread.

    Else each method of each of them is a trip of its own to that thread and back, some twenty for a request.
    """
    return get_response
