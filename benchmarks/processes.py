"""Processes that a benchmark starts, measures and stops, each by its pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_S = 30
_CPU_CLOCK_OF_A_PROCESS = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_s(pid: int) -> float:
    """The CPU time of a process so far, all its threads and the kernel's work for it included, in seconds. Linux only."""
    return time.clock_gettime((~pid << 3) | _CPU_CLOCK_OF_A_PROCESS)


@contextmanager
def process(*command: str, port: int, env: Mapping[str, str] | None = None) -> Iterator[int]:
    """A Python process of ours, up once its port is open. Gives its pid; ends it at the end."""
    with tempfile.TemporaryFile("w+") as log:
        environment = {**os.environ, "PYTHONHASHSEED": "0", **(env or {})}
        running = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            _wait_for(port, running)
            yield running.pid
        except BaseException:
            log.seek(0)
            sys.stderr.write("".join(log.readlines()[-40:]))
            raise
        finally:
            stop(running)


def stop(running: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(5)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait(5)


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if running.poll() is not None:
            raise RuntimeError(f"{running.args!r} ended with {running.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{running.args!r} did not open port {port}")
