"""Makes docs/screenshot.png: the running chat with one reply and its ad, as a person sees it.

Starts the chat and the sandbox on free ports with a database of its own, asks one question, and takes the picture once
the ad shows.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.async_api import async_playwright  # noqa: E402

from tests.e2e.conftest import start_browser  # noqa: E402
from tests.e2e.servers import free_port, process  # noqa: E402

QUESTION = "A quick dinner with what is in season"
PICTURE = ROOT / "docs" / "screenshot.png"


async def take(address: str) -> None:
    async with async_playwright() as playwright:
        browser = await start_browser(playwright)
        size = {"width": 1180, "height": 860}
        page = await browser.new_page(base_url=address, viewport=size, device_scale_factor=1.5)
        await page.goto("/")
        await page.get_by_role("textbox", name="Message").fill(QUESTION)
        await page.get_by_role("button", name="Send").click()
        await page.locator('[data-role="assistant"][data-state="complete"]').wait_for(timeout=120_000)
        await page.locator("kontext-ad[filled]").wait_for()
        await page.locator('kontext-ad iframe[title="Advertisement"]').content_frame.get_by_role("link").wait_for()
        await page.wait_for_timeout(1500)
        await page.screenshot(path=PICTURE)
        await browser.close()


def main() -> None:
    chat, ads = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        env = {
            "DATABASE_URL": f"sqlite:///{folder}/chat.sqlite3",
            "PORT": str(chat),
            "KONTEXT_SANDBOX_PORT": str(ads),
            "LOG_LEVEL": "WARNING",
        }
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=os.environ | env, check=True)  # noqa: S603 - a command of ours
        address, ad_address = f"http://127.0.0.1:{chat}", f"http://127.0.0.1:{ads}"
        sandbox = process("manage.py", "ad_sandbox", "--port", str(ads), answers=f"{ad_address}/", env=env)
        server = process("manage.py", "runserver", "--noreload", str(chat), answers=f"{address}/healthz", env=env)
        running.enter_context(sandbox)
        running.enter_context(server)
        asyncio.run(take(address))


if __name__ == "__main__":
    main()
