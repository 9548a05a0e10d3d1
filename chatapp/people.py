"""Who is behind a request: a stable, pseudonymous id per browser, in a signed cookie.

A guest can chat at once; the id is what conversations belong to and what the ad session calls the user.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

COOKIE = "person"
"""The cookie's name; over https with a prefix, by which browsers keep other hosts from setting it (`cookie_name`)."""
MAX_AGE_S = 365 * 24 * 3600
Response = TypeVar("Response", bound=HttpResponseBase)


def cookie_name() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def from_cookies(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """The person whose signed cookie is among `cookies`; None when it is missing, forged or too old."""
    try:
        value = signing.get_cookie_signer(salt=COOKIE).unsign(cookies.get(cookie_name(), ""), max_age=MAX_AGE_S)
        return uuid.UUID(value)
    except (signing.BadSignature, ValueError):
        return None


def current(request: HttpRequest) -> uuid.UUID | None:
    return from_cookies(request.COOKIES)


def user_id(request: HttpRequest) -> str | None:
    """The id as the ad session knows it (`KONTEXT["USER_ID"]`)."""
    person = current(request)
    return str(person) if person else None


def remember(response: Response, person: uuid.UUID) -> Response:
    """Keep the person for a year from now."""
    response.set_cookie(
        cookie_name(),
        signing.get_cookie_signer(salt=COOKIE).sign(str(person)),
        max_age=MAX_AGE_S,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def forget(response: Response) -> Response:
    """Take the person's cookie away; the next page is that of a new person."""
    response.delete_cookie(cookie_name(), samesite="Lax")
    if settings.SESSION_COOKIE_SECURE:
        response.cookies[cookie_name()]["secure"] = True
    return response
