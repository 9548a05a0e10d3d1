"""HTTP to Django, sockets to the consumer. Any ASGI server can serve `application`; daphne is the default."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
http = get_asgi_application()

from chatapp.consumers import ConversationConsumer  # noqa: E402 - models need the apps loaded
from chatapp.origins import SameOriginOnly  # noqa: E402

routes: list[Any] = [
    path("ws/c/<uuid:conversation_id>/", ConversationConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path("", WebsocketDenier.as_asgi()),  # type: ignore[arg-type]
]
sockets = URLRouter(routes)
application = ProtocolTypeRouter({"http": http, "websocket": SameOriginOnly(CookieMiddleware(sockets))})
