"""HTTP to Django, sockets to the consumer. Any ASGI server can serve `application`; daphne is the default."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
http = get_asgi_application()

from chatapp.bodies import LimitBody  # noqa: E402
from chatapp.consumers import ConversationConsumer  # noqa: E402 - models need the apps loaded
from chatapp.endings import Cancellable  # noqa: E402
from chatapp.origins import SameOriginOnly  # noqa: E402

routes: list[Any] = [
    path("ws/c/<uuid:conversation_id>/", ConversationConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path("", WebsocketDenier.as_asgi()),  # type: ignore[arg-type]
]
sockets = URLRouter(routes)
# Twice what Django takes of a form, which has an answer of its own for what is too long.
pages = LimitBody(Cancellable(http), largest=2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
application = ProtocolTypeRouter({"http": pages, "websocket": SameOriginOnly(CookieMiddleware(sockets))})
