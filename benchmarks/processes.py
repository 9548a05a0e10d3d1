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
    """The CPU time of a process so far, of all its threads and of the kernel for it, in seconds. Linux only."""
    return time.clock_gettime((~pid << 3) | _CPU_CLOCK_OF_A_PROCESS)


def memory_mb(pid: int) -> float:
    """The memory that a process has now, in MiB. Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


class Process:
    """A Python process of ours that opens `port`. It is started at once; `wait` until it is up."""

    def __init__(self, *command: str, port: int, env: Mapping[str, str] | None = None) -> None:
        self._port = port
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        environment = {**os.environ, "PYTHONHASHSEED": "0", **(env or {})}
        self._running = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=self._log
        )

    @property
    def pid(self) -> int:
        return self._running.pid

    def wait(self) -> None:
        """Raises `RuntimeError` or `TimeoutError` when it does not come up."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self._running.poll() is not None:
                raise RuntimeError(f"{self._running.args!r} ended with {self._running.returncode}")
            try:
                with socket.create_connection(("127.0.0.1", self._port), 1):
                    return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(f"{self._running.args!r} did not open port {self._port}")

    def close(self, *, failed: bool) -> None:
        """End it; after a failure, show the end of what it had to say."""
        stop(self._running)
        if failed:
            self._log.seek(0)
            sys.stderr.write("".join(self._log.readlines()[-20:]))
        self._log.close()


@contextmanager
def process(*command: str, port: int, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Such a process, ended at the end."""
    started = Process(*command, port=port, env=env)
    failed = True
    try:
        yield started
        failed = False
    finally:
        started.close(failed=failed)


def stop(running: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(5)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait(5)
