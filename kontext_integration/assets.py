"""The tags that load the page script and the stylesheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .conf import get_settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def script(request: HttpRequest | None, nonce: str = "") -> SafeString:
    """`<script type="module">` with what the script must know; "" while ads are off.

    With a request it sees to it that the page has a CSRF token, which the script sends with what it reports.
    """
    if not get_settings().publisher_token:
        return mark_safe("")
    return format_html(
        '<script type="module" src="{}" data-kontext data-browser-url="{}" data-csrf-cookie="{}"{}{}></script>',
        static("kontext_integration/start.js"),
        reverse("kontext:browser"),
        settings.CSRF_COOKIE_NAME,
        _token(request),
        format_html(' nonce="{}"', nonce) if nonce else "",
    )


def styles() -> SafeString:
    """`<link rel="stylesheet">`; "" while ads are off."""
    if not get_settings().publisher_token:
        return mark_safe("")
    return format_html('<link rel="stylesheet" href="{}">', static("kontext_integration/kontext-ad.css"))


def _token(request: HttpRequest | None) -> SafeString:
    """The token itself only where scripts cannot read its cookie, which is always the newest."""
    token = get_token(request) if request is not None else ""
    hidden = settings.CSRF_USE_SESSIONS or settings.CSRF_COOKIE_HTTPONLY
    return format_html(' data-csrf-token="{}"', token) if token and hidden else mark_safe("")
