"""What the chat's templates need to show a message."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from chatapp import fragments, problems
from chatapp.models import Message

register = template.Library()


@register.filter
def dom_id(message: Message, part: str = "") -> str:
    return fragments.dom_id(message, part)


@register.filter
def reply_body(message: Message) -> SafeString:
    return fragments.body(message)


@register.filter
def problem(message: Message) -> str:
    """What ended the reply, in a sentence for the person."""
    return problems.sentence(message.error)
