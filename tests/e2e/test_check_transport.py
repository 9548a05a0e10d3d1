"""`manage.py check_transport` names what is wrong, behind a real nginx that is set up wrongly in each way."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.cluster import daphne, prepare, production
from tests.e2e.proxies import network, no_sockets
from tests.e2e.servers import ROOT, Model, free_port
from tests.e2e.services import certificate, nginx, service, site_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

AT_ONCE = 4


@dataclass(frozen=True)
class Report:
    code: int
    text: str


def without(*lines: str) -> Callable[[str], str]:
    """A site with these lines of `deploy/nginx.conf` left out."""

    def change(site: str) -> str:
        for line in lines:
            assert line in site
            site = site.replace(line, "")
        return site

    return change


def impatient(site: str) -> str:
    return site.replace("proxy_read_timeout 75s;", "proxy_read_timeout 4s;")


SITES: Mapping[str, Callable[[str], str]] = {
    "right": lambda site: site,
    "no upgrade": without("proxy_set_header Upgrade $http_upgrade;", "proxy_set_header Connection $c_upgrade;"),
    "no name": without("proxy_set_header Host $http_host;"),
    "half a name": lambda site: site.replace("$http_host", "$host"),
    "no scheme": without("proxy_set_header X-Forwarded-Proto $scheme;"),
    "impatient": impatient,
}


async def check(env: Mapping[str, str], url: str, *options: str) -> Report:
    command = [sys.executable, "manage.py", "check_transport", url, "--idle", "6", *options]
    running = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=os.environ | env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(running.communicate(), 120)
    return Report(running.returncode or 0, said.decode())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reports(tmp_path_factory: pytest.TempPathFactory, model: Model) -> AsyncIterator[dict[str, Report]]:
    """One server; before it a right nginx and wrong ones. All are looked at, some at once: most of it is waiting."""
    folder: Path = tmp_path_factory.mktemp("transport")
    env = production(folder, model, DATABASE_URL=f"sqlite:///{folder / 'chat.sqlite3'}", TRUSTED_PROXY_COUNT="1")
    plain = env | {"TRUSTED_PROXY_COUNT": "0"}
    prepare(env)
    paper = certificate(folder)
    doors = {name: free_port() for name in (*SITES, "nobody")}
    with ExitStack() as stack:
        server = stack.enter_context(service(daphne(folder, env)))
        bare = stack.enter_context(service(daphne(folder, plain, "bare")))
        sites = [change(site_of(doors[name], [server.port], *paper, name="c")) for name, change in SITES.items()]
        sites.append(site_of(doors["nobody"], [free_port()], *paper, name="c"))
        once = sites[0][: sites[0].index("upstream")]
        bodies = [
            site[site.index("upstream") :].replace("upstream c", f"upstream c{n}") for n, site in enumerate(sites)
        ]
        stack.enter_context(nginx(once + "".join(b.replace("//c;", f"//c{n};") for n, b in enumerate(bodies))))
        async with network(bare.port) as holding, network(bare.port) as refusing:
            holding.held_s, refusing.judge = 4.5, no_sockets
            urls = {name: f"https://127.0.0.1:{door}" for name, door in doors.items()}
            tasks = {name: check(env, url, "--insecure") for name, url in urls.items()}
            tasks["untrusted"] = check(env, urls["right"])
            tasks["stranger"] = check(
                env | {"SECRET_KEY": "another secret, of another site"}, urls["right"], "--insecure"
            )
            tasks["bunches"] = check(plain, holding.url)
            tasks["refused"] = check(plain, refusing.url)
            tasks["nobody home"] = check(plain, f"http://127.0.0.1:{free_port()}")
            gate = asyncio.Semaphore(AT_ONCE)

            async def gated(work: object) -> Report:
                async with gate:
                    return await work  # type: ignore[misc]

            found = await asyncio.gather(*(gated(work) for work in tasks.values()))
            yield dict(zip(tasks, found, strict=True))


async def test_where_all_is_right_it_says_so_and_ends_with_0(reports: dict[str, Report]) -> None:
    report = reports["right"]
    assert report.code == 0, report.text
    assert "WRONG" not in report.text
    assert report.text.count("ok ") == 6


@pytest.mark.parametrize(
    ("name", "wrong", "fix"),
    [
        ("no upgrade", "the proxy does not pass it on", "proxy_set_header Upgrade"),
        ("no name", "does not know the name", "proxy_set_header Host"),
        ("half a name", "The socket is refused", "proxy_set_header Host"),
        ("half a name", "What a page posts is refused", "CSRF_TRUSTED_ORIGINS"),
        ("no scheme", "round in circles", "proxy_set_header X-Forwarded-Proto"),
        ("impatient", "The socket was cut after 4 s of silence", "proxy_read_timeout 75s"),
        ("nobody", "The page is answered with 502", "Start the server"),
        ("untrusted", "is not to be trusted", "Renew the certificate"),
        ("stranger", "does not know a conversation", "the same DATABASE_URL and SECRET_KEY"),
        ("bunches", "comes late, in bunches", "Switch buffering off"),
        ("refused", "the proxy does not pass it on", "proxy_set_header Upgrade"),
        ("refused", "for https, and this is http", "SECURE_COOKIES=false"),
        ("nobody home", "Nobody answers", "Start the server"),
    ],
)
async def test_what_is_wrong_is_named_with_what_to_do(
    reports: dict[str, Report], name: str, wrong: str, fix: str
) -> None:
    report = reports[name]
    assert wrong in report.text, report.text
    assert fix in report.text
    assert report.code == 1
