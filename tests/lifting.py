"""The other chat with the ads, copied into an empty directory and served there: what the docs promise, in earnest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "kontext_integration"
OTHER = ROOT / "tests" / "other_chat"


def lift(folder: Path) -> Path:
    """Copies the other project, and the app beside it, as the docs say; nothing else is there."""
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(OTHER, folder, ignore=leave)
    shutil.copytree(APP, folder / "kontext_integration", ignore=leave)
    return folder


def run(folder: Path, *command: str) -> str:
    """What a Python process prints in that directory, with nothing of this project on its path."""
    started = [sys.executable, *command]
    ended = subprocess.run(started, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str]]:
    """The other chat under an ASGI server, with the sandbox beside it: the addresses of both."""
    site, ads = free_port(), free_port()
    settings = folder / "project" / "settings.py"
    settings.write_text(settings.read_text().replace("127.0.0.1:8001", f"127.0.0.1:{ads}"))
    run(folder, "manage.py", "migrate", "--verbosity", "0")
    commands = {
        f"http://127.0.0.1:{ads}/": ["manage.py", "ad_sandbox"],
        f"http://127.0.0.1:{site}/numbers/": ["-m", "daphne", "-p", str(site), "project.asgi:application"],
    }
    running: list[subprocess.Popen[bytes]] = []
    try:
        for url, command in commands.items():
            running.append(_start(folder, command))
            wait_for(url, running[-1])
        yield f"http://127.0.0.1:{site}", f"http://127.0.0.1:{ads}"
    finally:
        for process in running:
            process.terminate()
            process.wait(10)


def _start(folder: Path, command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *command], cwd=folder, env=_environment(), stderr=subprocess.DEVNULL)


def _environment() -> dict[str, str]:
    """That of the tests, but for what leads to this project."""
    ours = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH"}
    return {name: value for name, value in os.environ.items() if name not in ours}
