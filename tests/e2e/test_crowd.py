"""One process, five hundred idle sockets and a hundred replies at once: nobody is refused, and nothing is lost."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

import pytest

from benchmarks.__main__ import run
from benchmarks.options import Options

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(sys.platform != "linux", reason="the memory of another process is read as Linux tells it"),
]


async def test_a_hundred_replies_among_five_hundred_idle_sockets_all_end_well() -> None:
    crowd = replace(Options(), tokens=40)
    assert (crowd.idle_sockets, crowd.crowd) == (500, 100)
    (section,) = await asyncio.to_thread(lambda: list(run(crowd, only="crowd")))
    assert section.figures == {"replies that ended well": 100, "idle sockets that heard a reply": 500}
