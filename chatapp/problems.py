"""Why a reply ended early, in the person's words: what happened and what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from chatapp.engines import user_message_for

OURS = {
    "empty": _("The model answered with nothing. Try again."),
    "internal": _("Something went wrong while the reply was written. Try again."),
    "lost": _("The server that wrote this reply went away. What it had written is kept; try again for a whole reply."),
    "unsaved": _("This reply could not be saved, so a part of it may be missing. Try again."),
    "shutdown": _("The server restarted while it wrote this reply. What it had written is kept; try again."),
}


def sentence(code: str) -> str:
    """The sentence for the `error` of a message."""
    return str(OURS.get(code) or user_message_for(code))
