"""The forms of accounts: allauth's, and what this site asks beyond them."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from chatapp.adapter import can_mail


class SignupForm(forms.SignupForm):  # type: ignore[misc] # allauth has no types
    def try_save(self, request: HttpRequest) -> Any:
        """Signing up with an address that has an account takes as long as with one that has none."""
        if self.account_already_exists:
            get_user_model()().set_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]
    def clean(self) -> Any:
        """Says what cannot work, instead of a mail that never comes."""
        if not can_mail():
            raise ValidationError(_("This site cannot send e-mail. Ask whoever runs it for a new password."))
        return super().clean()


class AddEmailForm(forms.AddEmailForm):  # type: ignore[misc]
    def clean(self) -> Any:
        """The new address replaces the old one when it is confirmed, so the old one must not wait for that itself."""
        if not EmailAddress.objects.filter(user=self.user, verified=True).exists():
            raise ValidationError(_("The address can be changed once the present one is confirmed."))
        return super().clean()
