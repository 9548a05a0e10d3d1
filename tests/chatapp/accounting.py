"""Steps of people with an account, and what the tests of accounts look at."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.test import Client

from chatapp import people
from chatapp.models import Account, Conversation, Message, Role, State

EMAIL = "carol@example.com"
PASSWORD = "a calm and long phrase"


class CountingHasher(MD5PasswordHasher):
    """A quick hasher that counts its work: what the time of a login is made of."""

    algorithm = "counting"
    count = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.count += 1
        return super().encode(password, salt)


def make_user(email: str = EMAIL, *, verified: bool = True, **fields: Any) -> User:
    user = User.objects.create_user(email.partition("@")[0], email, PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def log_in(client: Client, email: str = EMAIL, password: str = PASSWORD, **form: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password, **form})


def sign_up(client: Client, email: str = EMAIL, password: str = PASSWORD) -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": password, "password2": password})


def logged_in(email: str = EMAIL) -> Client:
    client = Client()
    assert log_in(client, email).status_code == 302
    return client


def person_in(client: Client) -> Any:
    """Whom the cookie of this browser names."""
    return people.claimed({name: morsel.value for name, morsel in client.cookies.items()})


def conversation_of(owner: Any, title: str = "Quirinale") -> Conversation:
    made = Conversation.objects.create(owner=owner, title=title)
    Message.objects.create(conversation=made, position=1, role=Role.USER, text="Where to eat?")
    Message.objects.create(conversation=made, position=2, role=Role.ASSISTANT, text="Here.", state=State.COMPLETE)
    return made


def account_of(user: User) -> Account:
    return Account.objects.get(user=user)
