"""A page of another origin that talks to the sandbox itself, as the browser relay does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kontext_integration.sandbox_requests import HEADERS, body, message

from .sandbox_host import Host

pytest_plugins = ["tests.e2e.sandbox_fixtures"]
pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

POST = """async ([url, headers, body]) => {
    const response = await fetch(url, {method: "POST", headers, body: JSON.stringify(body), credentials: "omit"});
    return [response.status, await response.json()];
}"""


async def post(host: Host, path: str, sent: dict[str, Any] | None = None) -> tuple[int, Any]:
    content = body(path) if sent is None else sent
    status, answer = await host.page.evaluate(POST, [f"{host.sandbox}{path}", HEADERS[path], content])
    return status, answer


async def test_every_endpoint_answers_a_page_and_no_cookie_arrives(host: Host) -> None:
    await host.page.context.add_cookies([{"name": "session", "value": "1", "domain": "127.0.0.1", "path": "/"}])
    for path in HEADERS:
        assert (await post(host, path))[0] == 200, path


async def test_a_page_reads_bids_and_what_went_wrong(host: Host) -> None:
    assert (await post(host, "/preload"))[1]["bids"]
    assert (await post(host, "/preload", body("/preload", messages=[message("#500")])))[0] == 500
    status, problems = await post(host, "/preload", {})
    assert (status, "userId is missing" in problems) == (400, True)
