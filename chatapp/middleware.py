"""Middleware of our own. All of it is synchronous, so that it runs in one go with Django's (see `in_one_thread`)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.decorators import sync_only_middleware

from chatapp import addresses, limits, logs, people
from chatapp.limits import Caller, Kind, Verdict

Handler = Callable[[HttpRequest], HttpResponseBase]
UNUSED_BY_THE_CHAT = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
"""What neither the page nor a frame in it may ask a person for."""
USED_BY_ADS = ("autoplay", "fullscreen", "picture-in-picture")
ASK_FOR_A_PASSWORD = {
    "admin:login",
    "account_login",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_from_key",
    "delete_account",
}
"""Views whose forms take a password, or have one reset: what somebody who guesses, or floods mailboxes, posts to."""


@sync_only_middleware
def in_one_thread(get_response: Handler) -> Handler:
    """Does nothing, but as the last one: Django then runs all middleware in one go in the request's thread.

    Else each method of each of them is a trip of its own to that thread and back, some twenty for a request.
    """
    return get_response


@sync_only_middleware
def with_request_id(get_response: Handler) -> Handler:
    """Every log line of a request names it, and so does the answer. A proxy of ours may have named it already."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY_COUNT else ""
        with logs.request(given) as request_id:
            response = get_response(request)
        response["X-Request-ID"] = request_id
        return response

    return respond


@sync_only_middleware
def with_headers(get_response: Handler) -> Handler:
    """Headers that Django has no setting for."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", permissions_policy(settings.AD_ORIGIN))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return respond


@sync_only_middleware
def with_limits(get_response: Handler) -> Handler:
    """Floods of what is not the chat itself end here: reports of ads and browsers, attempts to log in.

    Messages are counted by their views, which answer in the page.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        kind = _kind(request)
        if kind is None:
            return get_response(request)
        caller = Caller(people.claimed(request.COOKIES), None, addresses.of_request(request))
        verdict = limits.spend(kind, caller)
        return verdict.mark(_refusal(request, verdict) if verdict.refused else get_response(request))

    return respond


@cache
def permissions_policy(ad_origin: str) -> str:
    """Nothing for anybody, but video and full screen for the ads' frames."""
    closed = [f"{name}=()" for name in UNUSED_BY_THE_CHAT]
    return ", ".join(closed + [f'{name}=(self "{ad_origin}")' for name in USED_BY_ADS])


def _refusal(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    if verdict.kind is Kind.LOGINS:
        return render(request, "429.html", {"problem": verdict.sentence()}, status=429)
    return HttpResponse(verdict.sentence(), status=429, content_type="text/plain; charset=utf-8")


def _kind(request: HttpRequest) -> Kind | None:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    if match.app_names[:1] == ["kontext"]:
        return Kind.BEACONS
    return Kind.LOGINS if match.view_name in ASK_FOR_A_PASSWORD and request.method == "POST" else None
