from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chatapp"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from chatapp import ads, checks  # noqa: F401, PLC0415 - their receivers and checks register themselves
