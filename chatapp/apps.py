from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chatapp import sentry


class ChatConfig(AppConfig):
    name = "chatapp"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from chatapp import ads, checks  # noqa: F401, PLC0415 - their receivers and checks register themselves

        sentry.start(settings.SENTRY_DSN, environment="development" if settings.DEBUG else "production")
