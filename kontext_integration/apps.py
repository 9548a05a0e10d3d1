"""The app's configuration: names it and registers its system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from .checks import check_deployment, check_settings

TAG = "kontext"


class KontextConfig(AppConfig):
    name = "kontext_integration"
    verbose_name = _("Kontext ads")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(check_settings, TAG)
        register(check_deployment, TAG, deploy=True)
