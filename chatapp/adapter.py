"""Where django-allauth, which does logins, meets this site: what it asks, and what it may not decide itself."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from chatapp import accounts, addresses

logger = logging.getLogger(__name__)
SAID_BY_THE_PAGE = {
    f"account/messages/{name}.txt"
    for name in ("logged_in", "logged_out", "email_confirmed", "email_confirmation_sent", "password_changed")
}
"""Messages that would only repeat what the page after them shows."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """However somebody logged in, this comes last: the session has begun, the answer is not sent yet."""
        return accounts.enter(request, user, super().post_login(request, user, **kwargs))

    def get_client_ip(self, request: HttpRequest) -> str:
        """For limits by address that are added to `ACCOUNT_RATE_LIMITS`; ours are counted by `chatapp.limits`."""
        return addresses.of_request(request) or "unknown"

    def is_safe_url(self, url: str) -> bool:
        """`next` leads to this host or nowhere, whatever other hosts are served."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return f"{reverse('data')}?changed"

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in SAID_BY_THE_PAGE:
            super().add_message(request, level, message_template, *args, **kwargs)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail that cannot be sent is the operator's to know. The person is told the same as ever, for an address
        that has an account as for one that has none; and the failure's own words quote the address."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as failure:
            logger.error("A mail could not be sent: %s", type(failure).__name__)


def can_mail() -> bool:
    """Whether mail leaves this site, or can be read in its terminal."""
    return bool(settings.EMAIL_URL) or settings.DEBUG
