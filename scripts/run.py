"""What `make run` runs: the database is brought up to date, then the chat and, where it is needed, the ad sandbox.

Both end together, whichever way this process is told to end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def main() -> int:
    migrated = subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], check=False)  # noqa: S603 - our own command
    if migrated.returncode:
        return migrated.returncode
    where = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
    sandbox = start("ad_sandbox", "--if-needed")
    chat = start("runserver", "--noreload", where)

    told = False

    def end(signum: int, frame: FrameType | None) -> None:
        nonlocal told
        told = True
        chat.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        code = chat.wait()
        return 0 if told else code or 1
    finally:
        sandbox.terminate()
        sandbox.wait()


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*MANAGE, *command])  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())
