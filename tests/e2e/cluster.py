"""Several server processes that work as one: PostgreSQL, Redis, daphne twice, nginx before them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import BrowserContext, Page

from tests.e2e.chatting import expect_reply, open_chat, send
from tests.e2e.servers import ROOT, Model, free_port
from tests.e2e.services import Service, certificate, nginx, postgres, redis, service, site_of


@dataclass
class Cluster:
    """`url`: where both processes answer in turn. `doors`: one address for each process, where it answers alone. Each
    asks the model by a name of its own, `names`, so a test knows who writes a reply."""

    url: str
    doors: Sequence[str]
    processes: Sequence[Service]
    database: Service
    redis: Service
    model: Model
    env: dict[str, str]
    names: Sequence[str] = field(default=("one", "two"))

    def writer(self) -> int:
        """Which process asked the model last."""
        return self.names.index(str(self.model.asked[-1]["model"]))


def production(folder: Path, model: Model, **more: str) -> dict[str, str]:
    """An environment as in production."""
    return {
        "DJANGO_SETTINGS_MODULE": "tests.e2e.cluster_settings",
        "TEST_STATIC_ROOT": str(folder / "static"),
        "DEBUG": "false",
        "SECRET_KEY": "a-secret-of-the-tests-that-is-long-enough-to-be-taken-for-one",
        "ALLOWED_HOSTS": "127.0.0.1",
        "OPENAI_BASE_URL": model.url,
        "OPENAI_MODEL": "one",
        "LOG_LEVEL": "WARNING",
        **more,
    }


def prepare(env: dict[str, str]) -> None:
    for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--no-input", "--verbosity", "0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=os.environ | env, check=True)


def daphne(folder: Path, env: dict[str, str], name: str = "one") -> Service:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "chatapp.asgi:application"]
    logs = folder / name
    logs.mkdir()
    return Service(command, port, logs, env | {"OPENAI_MODEL": name, "PYTHONPATH": str(ROOT)})


@contextmanager
def cluster(folder: Path, model: Model) -> Iterator[Cluster]:
    with ExitStack() as stack:
        database, cache = stack.enter_context(postgres()), stack.enter_context(redis())
        env = production(
            folder,
            model,
            DATABASE_URL=f"postgres://chat@127.0.0.1:{database.port}/chat",
            REDIS_URL=f"redis://127.0.0.1:{cache.port}/0",
            TRUSTED_PROXY_COUNT="1",
        )
        prepare(env)
        processes = [stack.enter_context(service(daphne(folder, env, name))) for name in ("one", "two")]
        paper = certificate(folder)
        ports = [process.port for process in processes]
        doors = [free_port() for _ in range(3)]
        sites = [
            site_of(door, behind, *paper, name=name)
            for door, behind, name in zip(doors, (ports, ports[:1], ports[1:]), ("both", "one", "two"), strict=True)
        ]
        stack.enter_context(nginx("\n".join(sites)))
        url, *each = (f"https://127.0.0.1:{door}" for door in doors)
        yield Cluster(url, each, processes, database, cache, model, env)


async def tab(person: BrowserContext, address: str) -> Page:
    page = await person.new_page()
    await open_chat(page, address)
    return page


def at(door: str, page: Page) -> str:
    """The address of the page's conversation at another door."""
    return f"{door}/c/{page.url.split('/c/')[1]}"


async def begin(both: Cluster, person: BrowserContext, door: int, *said: str) -> Page:
    """A tab at one process's door with a reply under way, that this process writes."""
    page = await tab(person, both.doors[door])
    await send(page, "Go on")
    both.model.say(*said)
    await expect_reply(page, said[-1].strip(), state="streaming")
    assert both.writer() == door
    return page
