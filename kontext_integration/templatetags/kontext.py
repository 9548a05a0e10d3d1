"""`{% load kontext %}`: the slot under a message, and the script and styles that bring it to life."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import template

from kontext_integration import assets, slots

if TYPE_CHECKING:
    from django.template.context import Context
    from django.utils.safestring import SafeString

    from kontext_integration.store import Slot

register = template.Library()

_KNOWN = "kontext slots"


@register.simple_tag(takes_context=True)
def inline_ad(
    context: Context, message: object, code: str | None = None, theme: str | None = None, *, fresh: bool = False
) -> SafeString:
    """The slot under `message`, an object with an id or an id; empty until its ad is stored.

    One query, unless `{% prefetch_ads %}` saw the message or it is `fresh`: too new to have an ad.
    """
    if fresh:
        return slots.render_slot(message, code, theme, {slots.id_of(message): None})
    return slots.render_slot(message, code, theme, _known(context).get(code or slots.main_code()))


@register.simple_tag(takes_context=True)
def prefetch_ads(context: Context, messages: Iterable[object], code: str | None = None) -> str:
    """Looks the ads of all these messages up at once, for the `{% inline_ad %}` tags that follow. Shows nothing."""
    _known(context).setdefault(code or slots.main_code(), {}).update(slots.find_slots(messages, code))
    return ""


@register.simple_tag(takes_context=True)
def kontext_script(context: Context) -> SafeString:
    """The page script, once per page, in the head; nothing while ads are off."""
    request = context.get("request")
    nonce = next((str(context[name]) for name in ("csp_nonce", "CSP_NONCE") if name in context), "")
    return assets.script(request, nonce)


@register.simple_tag
def kontext_styles() -> SafeString:
    """The stylesheet of the slot, in the head; nothing while ads are off."""
    return assets.styles()


def _known(context: Context) -> dict[str, dict[str, Slot | None]]:
    """Looked-up slots by code and message id, kept for one rendering of one page.

    A template that is included, even with `only`, sees the lowest layer of the render context and no other.
    """
    layer: dict[Any, Any] = context.render_context.dicts[0]
    known: dict[str, dict[str, Slot | None]] = layer.setdefault(_KNOWN, {})
    return known
