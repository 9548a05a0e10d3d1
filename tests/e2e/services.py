"""PostgreSQL, Redis, nginx and Caddy for the tests: each in a folder of its own, on a free port, and ended with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.servers import ROOT, free_port

START_S = 20


@dataclass
class Service:
    """A program that can be ended and started again on the same port and folder."""

    command: Sequence[str]
    port: int
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        groups: list[int] | None = [] if self.user else None
        with Path(self.folder, "log").open("ab") as log:
            self.running = subprocess.Popen(
                self.command, cwd=self.folder, env=os.environ | self.env, stdout=log, stderr=log,
                user=self.user, group=self.user, extra_groups=groups,
            )  # fmt: skip
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.running.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"{self.command[0]} does not answer:\n{self.log()[-2000:]}")

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.running and self.running.poll() is None:
            self.running.send_signal(how)
            self.running.wait(20)

    @contextmanager
    def away(self, how: int = signal.SIGTERM) -> Iterator[None]:
        """It is not there for a while."""
        self.stop(how)
        try:
            yield
        finally:
            self.start()

    def log(self) -> str:
        return Path(self.folder, "log").read_text(errors="replace")


def program(name: str, *folders: str) -> str:
    """The path of a program. Skips the test, and says why, where it is not installed."""
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ["PATH"], "/usr/sbin"]))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def service(make: Service, how: int = signal.SIGTERM) -> Iterator[Service]:
    try:
        make.start()
        yield make
    finally:
        make.stop(how)


@contextmanager
def folder_for(name: str, user: str | None = None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"chat-{name}-"))
    if user:
        shutil.chown(folder, user, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(*options: str) -> Iterator[Service]:
    """A cluster with one database, `chat`. PostgreSQL does not run as root, so then it runs as `postgres`."""
    debian = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    initdb, server, ready, createdb = (
        program(name, *debian) for name in ("initdb", "postgres", "pg_isready", "createdb")
    )
    user = unprivileged() if os.geteuid() == 0 else None
    with folder_for("postgres", user) as folder:
        own: dict[str, object] = {"user": user, "group": user, "extra_groups": []} if user else {}
        make = [initdb, "-D", f"{folder}/data", "-A", "trust", "-U", "chat", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run(make, cwd=folder, check=True, stdout=subprocess.DEVNULL, **own)  # type: ignore[call-overload]
        port = free_port()
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", *options]
        command = [server, "-D", f"{folder}/data", "-p", str(port)]
        command += [word for setting in settings for word in ("-c", setting)]
        with service(Service(command, port, folder, user=user), signal.SIGQUIT) as running:
            there = ["-h", "127.0.0.1", "-p", str(port), "-U", "chat"]
            while subprocess.run([ready, *there, "-d", "postgres"], check=False, stdout=subprocess.DEVNULL).returncode:
                time.sleep(0.05)
            subprocess.run([createdb, *there, "chat"], check=True)
            yield running


def unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def redis(*options: str) -> Iterator[Service]:
    with folder_for("redis") as folder:
        port = free_port()
        command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", *options]
        with service(Service(command, port, folder), signal.SIGKILL) as running:
            yield running


@contextmanager
def nginx(site: str) -> Iterator[Service]:
    """nginx with `site` inside of its `http` block. The first port that it listens on is waited for."""
    with folder_for("nginx") as folder:
        paths = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        Path(folder, "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; "
            f"events {{}}\nhttp {{ access_log off; {paths}\n{site}\n}}"
        )
        port = int(site.split("listen 127.0.0.1:")[1].split(";", maxsplit=1)[0].split(maxsplit=1)[0])
        command = [program("nginx"), "-p", str(folder), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"]
        with service(Service(command, port, folder), signal.SIGTERM) as running:
            yield running


@contextmanager
def caddy(port: int, upstreams: Sequence[int]) -> Iterator[Service]:
    """Caddy with the Caddyfile of `deploy/`, and a certificate that it makes itself."""
    with folder_for("caddy") as folder:
        options = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n"
        Path(folder, "Caddyfile").write_text(f"{options}import {ROOT}/deploy/Caddyfile\n")
        env = {
            "SITE_ADDRESS": f"https://127.0.0.1:{port}",
            "UPSTREAMS": " ".join(f"127.0.0.1:{upstream}" for upstream in upstreams),
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        command = [program("caddy"), "run", "--config", f"{folder}/Caddyfile"]
        with service(Service(command, port, folder, env), signal.SIGTERM) as running:
            yield running


def site_of(door: int, upstreams: Sequence[int], certificate: Path, key: Path, name: str = "chat") -> str:
    """`deploy/nginx.conf` with the lines marked "yours" as the tests need them, and no second door for plain http."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    plain = text[text.index("server {\n    listen 80;") : text.index("server {\n    listen 443")]
    servers = "".join(f"    server 127.0.0.1:{port} fail_timeout=3s;\n" for port in upstreams)
    ours = "    server 127.0.0.1:8001 fail_timeout=3s;  # yours\n    server 127.0.0.1:8002 fail_timeout=3s;  # yours\n"
    changes = {
        plain: "",
        ours: servers,
        "listen 443 ssl http2;": f"listen 127.0.0.1:{door} ssl http2;",
        "server_name chat.example.com;": "server_name 127.0.0.1;",
        "/etc/ssl/chat/fullchain.pem": str(certificate),
        "/etc/ssl/chat/privkey.pem": str(key),
        "upstream chat {": f"upstream {name} {{",
        "http://chat;": f"http://{name};",
        "$connection_upgrade": f"${name}_upgrade",
    }
    for old, new in changes.items():
        assert old in text, f"deploy/nginx.conf has no {old!r} any more"
        text = text.replace(old, new)
    return text


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that nobody vouches for, and its key."""
    made, key = folder / "certificate.pem", folder / "key.pem"
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key
