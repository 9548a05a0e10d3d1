"""What the ad server is asked by `kontext_check`, and the words for each answer and each failure."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import override_settings

from kontext_integration.conf import Settings
from kontext_integration.diagnosis.asking import ask
from kontext_integration.diagnosis.findings import Finding
from kontext_integration.diagnosis.question import INSTALL_ID, WHO, question_for
from kontext_integration.transport import new_http_client

from .fakes import AdServer, RecordedSleep, filled, skipped
from .sandbox_client import running_sandbox

TOKEN = "a-secret-token"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def asked(
    server: AdServer, *, sleep: RecordedSleep | None = None, settings: dict[str, Any] | None = None, **how: Any
) -> list[Finding]:
    """What a scripted ad server's answers are called."""
    conf = Settings(publisher_token=TOKEN, ad_server_url="http://ads.test", **settings or {})
    async with server.http() as http:
        return await ask(question_for(conf, **how), http, sleep or RecordedSleep())


async def asked_over_the_wire(url: str, **how: Any) -> list[Finding]:
    async with new_http_client() as http:
        settings = Settings(publisher_token="sandbox", ad_server_url=url)
        return await ask(question_for(settings, **{"timeout_ms": 2_000, **how}), http)


async def about(path: str, *steps: Any, **how: Any) -> Finding:
    """The finding about one endpoint, which gives these answers."""
    server = AdServer()
    server.script(path, *steps)
    [found] = [finding for finding in await asked(server, **how) if finding.what.startswith(path)]
    return found


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server of bytes; gives its host and port."""
    talks: set[asyncio.Task[None]] = set()

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(talk(reader, writer))
        talks.add(task)
        await asyncio.wait([task])
        writer.close()

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for task in talks:
            task.cancel()
        server.close()


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)


def untrusted(folder: Path) -> ssl.SSLContext:
    """The side of a server whose certificate nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begin, days = datetime.now(UTC) - timedelta(days=1), timedelta(days=2)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begin, begin + days)
    certificate = built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    file = folder / "server.pem"
    file.write_bytes(certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def in_text(findings: list[Finding]) -> str:
    return " ".join(f"{finding.what} {finding.fix}" for finding in findings)


class TestWhatIsAsked:
    async def test_init_and_then_a_preload_that_is_only_tracked(self) -> None:
        server = AdServer()
        await asked(server)
        assert [seen.path for seen in server.seen] == ["/init", "/preload"]
        assert server.seen[1].headers["Kontextso-Is-Disabled"] == "1"

    async def test_nobody_s_words_are_sent_for_nobody(self) -> None:
        server = AdServer()
        await asked(server)
        body = server.seen[1].body
        assert (body["userId"], body["conversationId"], body["installId"]) == (WHO, WHO, INSTALL_ID)
        assert [message["content"] for message in body["messages"]] == [
            "Hello, this is a test of the connection. Please show no ad."
        ]

    async def test_no_frame_and_no_report_is_asked_for(self) -> None:
        server = AdServer()
        server.script("/preload", filled())
        await asked(server)
        assert {seen.path for seen in server.seen} == {"/init", "/preload"}

    async def test_reports_are_sent_when_they_are_wanted(self) -> None:
        server = AdServer()
        found = await asked(server, reports=True)
        assert [seen.path for seen in server.seen] == ["/init", "/preload", "/error", "/debug"]
        assert [finding.what[:20] for finding in found[2:]] == ["/error answered 204 ", "/debug answered 204 "]

    async def test_the_sandbox_finds_nothing_wrong_with_it(self) -> None:
        async with running_sandbox() as sandbox:
            found = await asked_over_the_wire(str(sandbox.client.make_url("/")), reports=True)
        assert [finding.level for finding in found] == ["ok"] * 4
        assert "ads are on, a preload may take 16,000 ms" in found[0].what
        assert "skipCode 'ads_disabled': the usual answer to a turn that shows no ad" in found[1].what

    async def test_it_speaks_for_a_browser_when_it_is_told_to(self) -> None:
        server = AdServer()
        await asked(server, user_agent="Mozilla/5.0 (X11; Linux x86_64)", address="203.0.113.9")
        for seen in server.seen:
            assert seen.headers["User-Agent"] == "Mozilla/5.0 (X11; Linux x86_64)"
            assert seen.headers["X-Forwarded-For"] == "203.0.113.9"
        assert server.seen[1].body["device"]["network"] == {"userAgent": "Mozilla/5.0 (X11; Linux x86_64)"}

    async def test_by_default_it_speaks_for_none(self) -> None:
        server = AdServer()
        await asked(server)
        assert not {"user-agent", "x-forwarded-for"} & set(server.seen[1].headers)

    async def test_what_the_chat_does_not_forward_it_does_not_either(self) -> None:
        server = AdServer()
        off = {"forward_user_agent": False, "forward_address": False}
        await asked(server, user_agent="Mozilla/5.0", address="203.0.113.9", settings=off)
        assert not {"user-agent", "x-forwarded-for"} & set(server.seen[1].headers)

    async def test_placements_and_identity_are_those_of_the_chat(self) -> None:
        server = AdServer()
        await asked(server, settings={"placement_codes": ["banner"], "sdk_name": "sdk-python"})
        body = server.seen[1].body
        assert (body["enabledPlacementCodes"], body["sdk"]["name"]) == (["banner"], "sdk-python")

    async def test_so_are_the_publisher_s_options(self) -> None:
        server = AdServer()
        with override_settings(KONTEXT={"VARIANT_ID": "B", "REGULATORY": {"coppa": 1}}):
            await asked(server)
        body = server.seen[1].body
        assert (body["variantId"], body["regulatory"]) == ("B", {"coppa": 1})

    async def test_the_token_is_never_told(self) -> None:
        server = AdServer()
        server.script("/preload", httpx.Response(401, text=TOKEN))
        assert TOKEN not in in_text(await asked(server, reports=True))


class TestHowOften:
    async def test_once_is_enough(self) -> None:
        server = AdServer()
        server.script("/init", *[httpx.ConnectTimeout("") for _ in range(4)])
        sleep = RecordedSleep()
        await asked(server, sleep=sleep)
        assert ([seen.path for seen in server.seen], sleep.seconds) == (["/init", "/preload"], [])

    async def test_or_as_often_as_is_wanted(self) -> None:
        server = AdServer()
        server.script("/init", *[httpx.Response(429) for _ in range(4)])
        sleep = RecordedSleep()
        found = await asked(server, sleep=sleep, retries=2)
        assert (len(server.to("/init")), sleep.seconds) == (3, [1, 2])
        assert found[0].what.startswith("/init answered 429")

    async def test_as_often_as_the_chat(self) -> None:
        server = AdServer()
        server.script("/preload", *[httpx.ReadError("") for _ in range(5)])
        found = await asked(server, retries=3)
        assert len(server.to("/preload")) == 4
        assert found[1].what.startswith("/preload got no answer")

    async def test_an_answer_that_comes_in_the_end_counts(self) -> None:
        server = AdServer()
        server.script("/preload", httpx.Response(429), skipped("ads_disabled"))
        found = await asked(server, retries=1)
        assert [finding.level for finding in found] == ["ok", "ok"]


class TestInit:
    async def test_all_is_said_that_it_says(self) -> None:
        answer = {"preloadTimeout": 8000, "reportErrors": False, "reportDebug": True}
        found = await about("/init", httpx.Response(200, json=answer))
        assert found.level == "ok"
        assert found.what.endswith("ads are on, a preload may take 8,000 ms, error reports off, debug reports on.")

    @pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200)])
    async def test_nothing_said_is_well(self, answer: httpx.Response) -> None:
        found = await about("/init", answer)
        assert found.level == "ok"
        assert found.what.endswith("without a body: the defaults count.")

    async def test_ads_turned_off_are_wrong(self) -> None:
        found = await about("/init", httpx.Response(200, json={"enabled": False}))
        assert found.level == "wrong"
        assert "ads are turned off for the account" in found.what

    async def test_a_page_instead_of_an_answer_is_wrong(self) -> None:
        found = await about("/init", httpx.Response(200, html="<h1>Please log in</h1>"))
        assert found.level == "wrong"
        assert "a page instead of JSON" in found.what
        assert "log in" not in found.what


class TestPreload:
    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (skipped("ads_disabled"), "skipCode 'ads_disabled': the usual answer to a turn that shows no ad."),
            (skipped("ad_skipped"), "skipCode 'ad_skipped': the turn is left out, usually by pacing."),
            (httpx.Response(204), "skipCode 'unfilled_bid': the auction found nothing."),
            (filled(), "there would have been an ad; it was dropped, because this turn shows none."),
            (httpx.Response(200), "without a body, which is fine for a turn that shows no ad."),
        ],
    )
    async def test_good_answers(self, answer: httpx.Response, words: str) -> None:
        found = await about("/preload", answer)
        assert found.level == "ok"
        assert found.what.endswith(words)

    async def test_an_unknown_reason_is_passed_on(self) -> None:
        found = await about("/preload", skipped("frequency_cap"))
        assert (found.level, "'frequency_cap'" in found.what) == ("note", True)

    @pytest.mark.parametrize("code", ["ivt_blocked", "session_disabled"])
    async def test_refusals_are_wrong(self, code: str) -> None:
        found = await about("/preload", skipped(code))
        assert (found.level, f"'{code}'" in found.what, "--address" in found.fix) == ("wrong", True, True)

    @pytest.mark.parametrize(
        ("answer", "words", "fix"),
        [
            ({"errCode": "invalid_token"}, "'invalid_token', an error for this turn", "PUBLISHER_TOKEN"),
            ({"errCode": "geo_disabled", "permanent": True}, "turns the session off for good", "--address"),
            ({"errCode": "something_new"}, "'something_new'", "Ask Kontext"),
            ({}, "'unknown'", "Ask Kontext"),
        ],
    )
    async def test_errors_are_wrong(self, answer: dict[str, Any], words: str, fix: str) -> None:
        found = await about("/preload", httpx.Response(200, json=answer))
        assert (found.level, words in found.what, fix in found.fix) == ("wrong", True, True)

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (httpx.Response(200, html="<html>"), "a page instead of JSON"),
            (httpx.Response(200, text="  <!doctype html>"), "a page instead of JSON"),
            (httpx.Response(200, text="hello"), "something else than the JSON of an ad server"),
            (httpx.Response(200, json={"sessionId": "1"}), "something else than the JSON of an ad server"),
        ],
    )
    async def test_what_cannot_be_read_is_wrong(self, answer: httpx.Response, words: str) -> None:
        found = await about("/preload", answer)
        assert (found.level, words in found.what) == ("wrong", True)

    async def test_an_error_that_is_called_like_ours_is_the_server_s(self) -> None:
        found = await about("/preload", httpx.Response(200, json={"errCode": "request_failed"}))
        assert "errCode 'request_failed', an error for this turn" in found.what


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "words", "fix"),
        [
            (400, "does not accept the request", "SDK_NAME"),
            (401, "does not accept the token", "PUBLISHER_TOKEN"),
            (403, "refuses this server", "PUBLISHER_TOKEN"),
            (404, "no such endpoint", "AD_SERVER_URL"),
            (405, "something else at this address", "AD_SERVER_URL"),
            (407, "proxy on the way wants a password", "proxy"),
            (413, "too large for something on the way", "proxies"),
            (418, "refuses the request", "Ask Kontext"),
            (429, "too many requests", "Wait"),
            (500, "in trouble", "again"),
            (503, "in trouble", "again"),
        ],
    )
    @pytest.mark.parametrize("path", ["/init", "/preload"])
    async def test_each_has_its_words(self, path: str, status: int, words: str, fix: str) -> None:
        found = await about(path, httpx.Response(status))
        assert found.what.startswith(f"{path} answered {status} in ")
        assert (found.level, words in found.what, fix in found.fix) == ("wrong", True, True)

    async def test_the_page_of_a_firewall_is_told_from_an_answer(self) -> None:
        found = await about("/preload", httpx.Response(403, html="<h1>Blocked</h1>"))
        assert "with a page instead of JSON. It, or a firewall before it" in found.what

    async def test_a_refused_report_is_wrong_too(self) -> None:
        found = await about("/error", httpx.Response(500), reports=True)
        assert found.level == "wrong"


class TestRedirects:
    async def test_one_is_followed_and_told(self) -> None:
        server = AdServer()
        server.script("/init", httpx.Response(308, headers={"Location": "https://other.test/v2/init"}))
        found = await asked(server)
        assert [finding.level for finding in found] == ["ok", "note", "ok"]
        assert found[1].what == "/init was redirected to https://other.test/v2/init."
        assert "AD_SERVER_URL" in found[1].fix

    async def test_one_that_leads_nowhere_is_wrong(self) -> None:
        server = AdServer()
        server.script("/init", *[httpx.Response(302, headers={"Location": "/init"}) for _ in range(9)])
        found = await asked(server)
        assert (found[0].level, found[1].level) == ("wrong", "note")
        assert "a redirect that leads nowhere" in found[0].what


class TestNoAnswer:
    async def test_nobody_listens(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{taken.getsockname()[1]}"
            first, second = await asked_over_the_wire(f"http://{host}")
        assert (first.level, first.what) == ("wrong", f"Nothing takes connections at {host}.")
        assert "ad_sandbox" in first.fix
        assert second == Finding("note", "The other endpoints were not asked.")

    async def test_no_such_name(self) -> None:
        first, second = await asked_over_the_wire("https://no-such-ads.invalid")
        assert (first.level, first.what) == ("wrong", "The name no-such-ads.invalid cannot be resolved.")
        assert second.level == "note"

    async def test_it_hangs(self) -> None:
        async with listening(say_nothing) as host:
            first, second = await asked_over_the_wire(f"http://{host}", timeout_ms=500)
        assert first.what == "/init did not answer within 500 ms, although the connection stood."
        assert second.what == "/preload did not answer within 500 ms, although the connection stood."

    async def test_it_hangs_up(self) -> None:
        async with listening(hang_up) as host:
            first, _ = await asked_over_the_wire(f"http://{host}")
        assert (first.level, first.what) == (
            "wrong",
            "/init got no answer: the connection ended (RemoteProtocolError).",
        )

    async def test_it_does_not_speak_tls(self) -> None:
        async with listening(hang_up) as host:
            first, second = await asked_over_the_wire(f"https://{host}")
        assert (first.what, second.level) == (f"{host} does not speak TLS.", "note")
        assert "http instead of https" in first.fix

    async def test_it_is_slow_to_speak_tls(self) -> None:
        async with listening(say_nothing) as host:
            first, _ = await asked_over_the_wire(f"https://{host}", timeout_ms=500)
        assert first.what == f"{host} does not speak TLS."

    async def test_its_certificate_is_not_accepted(self, tmp_path: Path) -> None:
        async with listening(hang_up, untrusted(tmp_path)) as host:
            first, second = await asked_over_the_wire(f"https://{host}")
        assert (first.level, second.level) == ("wrong", "note")
        assert first.what == f"The certificate of {host} is not accepted: self-signed certificate."
