"""Who is behind a request: a pseudonymous id in a signed cookie. A guest can chat at once; an account has an id too.

The id is what conversations belong to and what the ad session calls the user, so views, sockets and ads need to know
nothing else. The id itself says whose it is: a guest's is a UUID of version 4, an account's one of version 8.

- **A guest** is known by the signature alone: no query, no session.
- **An account** is known by the signature and by its session, which must be alive and name the same id. So an old
  cookie opens nothing after a logout, a changed password, a disabled or deleted account: what ends Django's session
  ends it.
- **No cookie of a guest can name an account**: the account's id is new (`accounts.person_of`), and moves in with none.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_only_middleware

from chatapp.database import in_database

COOKIE = "person"
"""The cookie's name; over https with a prefix, by which browsers keep other hosts from setting it (`cookie_name`). In a
session: the id of the account that is logged in."""
MAX_AGE_S = 365 * 24 * 3600
OF_AN_ACCOUNT = 8
Response = TypeVar("Response", bound=HttpResponseBase)


def cookie_name() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def new_account() -> uuid.UUID:
    """An id for an account: as random as a guest's, and of another version."""
    return uuid.UUID(int=uuid.uuid4().int & ~(0xF << 76) | OF_AN_ACCOUNT << 76)


def is_account(person: uuid.UUID | None) -> bool:
    return person is not None and person.version == OF_AN_ACCOUNT


# Who it is


def current(request: HttpRequest) -> uuid.UUID | None:
    """The person who asks, as `with_person` has found out."""
    found: uuid.UUID | None = getattr(request, "person", None)
    return found or from_cookies(request.COOKIES)


def user_id(request: HttpRequest) -> str | None:
    """The id as the ad session knows it (`KONTEXT["USER_ID"]`)."""
    person = current(request)
    return str(person) if person else None


def from_cookies(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """The guest whose signed cookie is among `cookies`; None when it is missing, forged, too old or an account's."""
    person = claimed(cookies)
    return None if is_account(person) else person


async def afrom_cookies(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """The guest or the account that opens a socket. Only an account costs queries: for its session and its user."""
    person = claimed(cookies)
    return await in_database(_logged_in, person, cookies) if person and is_account(person) else person


def claimed(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """Whom the signed cookie names, without a look at an account's session. Enough to count, not to let in."""
    try:
        value = signing.get_cookie_signer(salt=COOKIE).unsign(cookies.get(cookie_name(), ""), max_age=MAX_AGE_S)
        return uuid.UUID(value)
    except (signing.BadSignature, ValueError):
        return None


@sync_only_middleware
def with_person(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Sets `request.person`, and `request.account`: the user who is logged in, None for a guest.

    What an account is shown is kept by no cache, that of the back button included. Its cookie goes with its session.
    """

    def respond(request: Any) -> HttpResponseBase:
        person = claimed(request.COOKIES)
        request.account = request.user if is_account(person) and _is_of(person, request.session, request.user) else None
        request.person = person if request.account or not is_account(person) else None
        response = get_response(request)
        if request.account:
            response["Cache-Control"] = "private, no-store"
        if is_account(person) and COOKIE not in request.session and cookie_name() not in response.cookies:
            forget(response)
        return response

    return respond


# The cookie


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


# Internal


def _logged_in(person: uuid.UUID, cookies: Mapping[str, str]) -> uuid.UUID | None:
    request: Any = HttpRequest()
    engine = import_module(settings.SESSION_ENGINE)
    request.session = engine.SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    return person if _is_of(person, request.session, get_user(request)) else None


def _is_of(person: uuid.UUID | None, session: Any, user: AbstractBaseUser | Any) -> bool:
    # The session first: without a live one, the user is not looked for.
    return session.get(COOKIE) == str(person) and bool(user.is_authenticated)
