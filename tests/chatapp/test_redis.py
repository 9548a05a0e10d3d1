"""The chat on Redis: a channel layer and a cache that more than one process can share."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from chatapp import broadcasts, services
from chatapp.models import Conversation
from tests.assertions import socket_of, visible
from tests.conftest import ALICE, cookie_of
from tests.e2e.servers import free_port
from tests.fakes import ScriptedEngine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_end")]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("redis-server is not installed")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with Path(folder, "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log)
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            running.kill()
            running.wait()


def wait_for(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("redis-server does not answer")


@pytest.fixture(autouse=True)
def on_redis(redis_url: str, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [redis_url]}}
    }
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}}


async def test_a_reply_reaches_every_tab_over_redis(conversation: Conversation) -> None:
    tabs = [socket_of(conversation, cookie=cookie_of(ALICE)) for _ in range(2)]
    for tab in tabs:
        await tab.connect()
    ScriptedEngine.scripts.append(["| a | b |\n", "| - | - |\n", "| 1 | 2 |\n", "| 3 | 4 |\n"])
    await services.send_message(
        person=ALICE, conversation=conversation, message_id=uuid.uuid4(), text="A table, please", language="en"
    )
    for tab in tabs:
        heard = ""
        while "The reply is complete." not in heard:
            heard += await tab.receive_from(timeout=5)
        assert "A table, please" in visible(heard)
        assert "<td>4</td>" in heard
        await tab.disconnect()


async def test_the_layer_carries_a_frame_unchanged(conversation: Conversation) -> None:
    tab = socket_of(conversation, cookie=cookie_of(ALICE))
    await tab.connect()
    frame = {"message": uuid.uuid4(), "start": 0, "end": 2, "saved": 0, "final": False}
    await broadcasts.frame(conversation.pk, ["<p>ä\U0001f600</p>", "<tr></tr>"], **frame)
    assert (await tab.receive_from()).split(broadcasts.PART) == ["<p>ä\U0001f600</p>", "<tr></tr>"]
    await tab.disconnect()
