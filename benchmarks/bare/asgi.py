"""The relay: a message comes in by the socket, goes to the model, and each token goes back as it arrives.

As a good tutorial would have it: one shared httpx client with its defaults, a stream, its lines, json. Nothing is
kept, rendered, shared between tabs or checked.
"""

from __future__ import annotations

import json
import os
from typing import Any

import httpx
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare.settings")
http = get_asgi_application()

client = httpx.AsyncClient(timeout=60)
END = "[DONE]"
urlpatterns: list[object] = []


class Relay(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        body = {"model": "fake", "messages": [{"role": "user", "content": text_data}], "stream": True}
        url = f"{os.environ['OPENAI_BASE_URL']}/chat/completions"
        async with client.stream("POST", url, json=body) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data: "):
                    continue
                if line == f"data: {END}":
                    break
                token = json.loads(line[6:])["choices"][0]["delta"].get("content")
                if token:
                    await self.send(text_data=token)
        await self.send(text_data=END)


relay: Any = Relay.as_asgi()
sockets = URLRouter([path("ws/", relay)])
application = ProtocolTypeRouter({"http": http, "websocket": sockets})
