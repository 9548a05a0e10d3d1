"""Messages as HTML: the only place that renders one. Page, POST reply and socket all get theirs from here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from chatapp.markdown import Document, render
from chatapp.models import Message
from chatapp.outages import Outage

if TYPE_CHECKING:
    from chatapp.markdown import Swap

RENDERED_FOR_S = 24 * 3600
RENDERER = "1"
"""Part of the cache's key: raise it when the same text renders to other HTML."""
TABLE_PARTS = ("<tr", "<td", "<th", "<tbody", "<tfoot", "<caption", "<col")
outage = Outage("cache", rest_s=5.0)


def dom_id(message: Message | str, part: str = "") -> str:
    """The DOM id of a message, or of a part of it: `body`, `tail`, `status`."""
    ident = message if isinstance(message, str) else message.pk
    return f"message-{ident}-{part}" if part else f"message-{ident}"


def body(message: Message) -> SafeString:
    """The inner HTML of a reply's body: as it stands while the reply is live, final and cached afterwards."""
    if message.is_live:
        document = Document(dom_id(message))
        document.feed(message.text)
        return mark_safe(document.html())  # noqa: S308 - the renderer sanitises
    return mark_safe(_finished_body(message))  # noqa: S308 - the renderer sanitises


def _finished_body(message: Message) -> str:
    """From the cache, which saves work and nothing else: without it the body is rendered anew."""
    if outage.is_on:
        return render(message.text)
    key = f"chat.body.{RENDERER}.{message.pk}"
    html: str | None = None
    try:
        html = cache.get(key)
        if html is None:
            html = render(message.text)
            cache.set(key, html, RENDERED_FOR_S)
    except Exception as failure:  # each cache has errors of its own
        outage.note(failure)
    return html or render(message.text)


def turn(messages: Iterable[Message], *, previous: Message | None, language: str) -> str:
    """New messages, to be put behind `previous` by whoever shows it last; a second arrival finds no place and does
    nothing."""
    shown = list(messages)
    after = previous.pk if previous else "start"
    with translation.override(language):
        return render_to_string("chat/_turn.html", {"messages": shown, "after": after, "last": shown[-1]})


def status(message: Message, *, language: str, place: int = 0) -> str:
    """The line under a message that tells its state and what can be done; it also sets `data-state`. `place`: of a
    reply that waits for its turn, 1 for the next one."""
    with translation.override(language):
        return render_to_string("chat/_message_status.html", {"message": message, "oob": True, "place": place})


def whole_body(message: Message, html: str) -> str:
    """A body, as `body` makes it, in place of the one on the page."""
    trusted = mark_safe(html)  # noqa: S308 - the renderer sanitises
    return render_to_string("chat/_message_body.html", {"message": message, "body": trusted, "oob": True})


def growth(message: Message, text: str, *, shown: int, language: str) -> list[Swap]:
    """What takes a page from the first `shown` characters of a reply to all of `text`: what is on the page is a
    function of the text, so these are the swaps that the writer's frames had in between."""
    document = Document(dom_id(message))
    with translation.override(language):
        document.feed(text[:shown])
        document.take_swaps()
        document.feed(text[shown:])
        if not message.is_live:
            document.close()
        return document.take_swaps()


def frame(changes: Iterable[Swap], status: str = "") -> list[str]:
    """What changed in a reply, and its new status, as htmx out-of-band swaps in the order in which they apply.

    One item is enough, but for parts of tables, which have items of their own: outside of a table HTML's parser takes
    what surrounds a part for the inside of one, and drops the tags that cannot be there.
    """
    messages = [""]
    for swap in map(_swap, changes):
        if swap.startswith(TABLE_PARTS):
            messages += [swap, ""]
        else:
            messages[-1] += swap
    # The state comes last: a page that misses a message before it still counts as unfinished, and is healed.
    return [message for message in (*messages, status) if message]


def _swap(change: Swap) -> str:
    place = f'hx-swap-oob="{change.where}:#{change.target}"'
    if change.where == "outerHTML":
        # The element itself is swapped in, so it carries the instruction; htmx takes the attribute off again.
        tag, rest = _split_tag(change.html)
        return f"{tag} {place}{rest}"
    return f"<{change.wrapper} {place}>{change.html}</{change.wrapper}>"


def _split_tag(html: str) -> tuple[str, str]:
    """`<li class="x">…` → `<li` and ` class="x">…`."""
    end = min(i for i in (html.find(" "), html.find(">")) if i > 0)
    return html[:end], html[end:]


def slot(slot_id: str, html: str) -> str:
    """An ad for a slot; a slot that already holds one is left alone, so the frame never reloads."""
    return format_html('<div hx-swap-oob="beforeend:#{}:empty">{}</div>', slot_id, mark_safe(html))  # noqa: S308
