"""HTTP to Django, sockets to the consumer. Any ASGI server can serve `application`; daphne is the default."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatapp.settings")
http = get_asgi_application()

from chatapp.consumers import ConversationConsumer  # noqa: E402 - models need the apps loaded
from chatapp.origins import SameOriginOnly  # noqa: E402

sockets = URLRouter([path("ws/c/<uuid:conversation_id>/", ConversationConsumer.as_asgi())])  # type: ignore[list-item, arg-type]
application = ProtocolTypeRouter({"http": http, "websocket": SameOriginOnly(CookieMiddleware(sockets))})
