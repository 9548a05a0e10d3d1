"""Accounts: an e-mail address and a password for those who want their conversations in every browser.

Nobody needs one. An account has one person (`people`), made at its first login, whose id no guest has ever had: a copy
of an older cookie does not open it. Whoever logs in brings along what this browser's guest has written.
"""

from __future__ import annotations

import logging
import uuid

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse

from chatapp import ads, people, privacy
from chatapp.database import writing
from chatapp.models import Account, Conversation

logger = logging.getLogger(__name__)


def person_of(user: User) -> uuid.UUID:
    """The person of an account; a new one for a user who has none yet."""
    account, _ = Account.objects.get_or_create(user=user, defaults={"person": people.new_account()})
    return account.person


def enter(request: HttpRequest, user: User, response: HttpResponse) -> HttpResponse:
    """After a login, whose session has begun: from this response on the browser is the account's."""
    person = person_of(user)
    request.session[people.COOKIE] = str(person)
    if guest := people.from_cookies(request.COOKIES):
        move(guest, person)
    return people.remember(response, person)


def move(guest: uuid.UUID, person: uuid.UUID) -> None:
    """The conversations of a guest are the person's from now on. To the ads the person is another user: what they know
    of the guest is forgotten, and the next message opens a session anew (protocol 4.9)."""
    with writing():
        Conversation.objects.owned_by(guest).update(owner=person)
    async_to_sync(ads.forget_person)(str(guest))


def name_of(user: User) -> str:
    """What mails call the account (`ACCOUNT_USER_DISPLAY`)."""
    return user.email or user.username


def find(email: str) -> User | None:
    """The user with this address."""
    return User.objects.filter(email__iexact=email.strip()).first() if email.strip() else None


async def delete(user: User) -> int:
    """Log the account out everywhere, then delete all of it: conversations, ads, sessions, addresses, the user. Returns
    how many conversations there were. A failure on the way leaves an account that can log in and try again."""
    account = await Account.objects.filter(user=user).afirst()
    await sync_to_async(_end_sessions)(user)
    count = await privacy.delete_person(account.person) if account else 0
    await sync_to_async(_delete_user)(user)
    return count


# Internal


def _delete_user(user: User) -> None:
    with writing():
        logger.info("Account %s is deleted", user.pk)
        user.delete()


def _end_sessions(user: User) -> None:
    """Sessions do not say whose they are but in their data, so each is looked at: also those of a login that never came
    to its end, which hold the address."""
    for session in Session.objects.iterator():
        data = session.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk) or (user.email and user.email.lower() in str(data).lower()):
            session.delete()
