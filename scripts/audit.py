"""Asks a public database of weaknesses about every pinned package.

A weakness fails, and so does any fault of the tool. Only when the database cannot be reached at all, which is tried
first and apart from the tool, is nothing audited, and that is said: a machine without the internet could not be green.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATABASE = ("api.osv.dev", 443)
PATIENCE_S = 5
PINNED = "requirements-dev.txt"
"""Those of requirements.txt are among them."""
NOT_REACHED = "NOT AUDITED: {} cannot be reached ({}). Run `make audit` where the internet is."


def main() -> int:
    try:
        socket.create_connection(DATABASE, timeout=PATIENCE_S).close()
    except OSError as failure:
        print(NOT_REACHED.format(DATABASE[0], type(failure).__name__))  # noqa: T201 - it is for the terminal
        return 0
    audit = ("-m", "pip_audit", "--vulnerability-service", "osv", "--disable-pip", "--require-hashes", "--strict")
    command = [sys.executable, *audit, "--requirement", PINNED]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own command


if __name__ == "__main__":
    sys.exit(main())
