"""The only validation of what a person sends."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from chatapp import conf


class MessageForm(forms.Form):
    """A message and the id that the page chose for it, so that a repeated POST is the same message.

    `starter` is the suggestion that was pressed instead of typing.
    """

    id = forms.UUIDField(required=False)
    text = forms.CharField(required=False, strip=False, label=_("Message"))
    starter = forms.CharField(required=False)

    def clean_id(self) -> uuid.UUID:
        given: uuid.UUID | None = self.cleaned_data["id"]
        return given or uuid.uuid4()

    def clean_text(self) -> str:
        # Browsers send line breaks as CRLF; a person counts one character.
        written: str = self.cleaned_data["text"] or self.data.get("starter", "")
        text = written.replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip():
            raise forms.ValidationError(_("Type a message first."), code="required")
        limit = conf.get_settings().max_message_length
        over = len(text) - limit
        if over > 0:
            message = _(
                "Messages can have up to %(limit)s characters. This one has %(over)s too many; shorten it, then send."
            )
            raise forms.ValidationError(message % {"limit": f"{limit:,}", "over": f"{over:,}"}, code="too_long")
        return text

    def problem(self) -> str:
        """The first thing that is wrong, in the person's words; empty when the form is valid."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")
