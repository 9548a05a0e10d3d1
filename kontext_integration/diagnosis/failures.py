"""No answer, or one that is not 2xx, in plain words: what happened, why it may be so, what to do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

from .findings import Finding, wrong
from .watching import Exchange

LOOK_AT_ADDRESS = "Look at KONTEXT['AD_SERVER_URL']"
ASK_KONTEXT = "Ask Kontext about the account and the token"
_PROXIES = "at the proxies between this server and theirs"
_STATUSES = {
    400: ("It does not accept the request", "Look at SDK_NAME, SDK_PLATFORM, SDK_VERSION, APP and PLACEMENT_CODES."),
    401: ("It does not accept the token", f"Look at KONTEXT['PUBLISHER_TOKEN']. {ASK_KONTEXT}."),
    403: (
        "It, or a firewall before it, refuses this server",
        f"Look at KONTEXT['PUBLISHER_TOKEN'], try --user-agent. {ASK_KONTEXT}, and whether your server may call it.",
    ),
    404: ("There is no such endpoint", f"{LOOK_AT_ADDRESS}: a path too many, or another server."),
    405: ("There is something else at this address", f"{LOOK_AT_ADDRESS}: a path too many, or another server."),
    407: ("A proxy on the way wants a password", "Give the proxy's address its name and password, or go without it."),
    413: ("The request is too large for something on the way", f"Look {_PROXIES}."),
    429: ("It has had too many requests", f"Wait a minute. {ASK_KONTEXT} if it stays so."),
}
_REFUSAL = ("It refuses the request", f"{LOOK_AT_ADDRESS}. {ASK_KONTEXT}.")
_TROUBLE = ("It, or a proxy before it, is in trouble", f"Try again in a minute. {LOOK_AT_ADDRESS} if it stays so.")


def is_down(exchange: Exchange) -> bool:
    """Whether nothing that speaks HTTP was reached, so that asking on is in vain."""
    return exchange.status is None and exchange.failed_at in {"connect_tcp", "start_tls"}


def answered(name: str, exchange: Exchange) -> str:
    """How a sentence about an answer begins."""
    return f"{name} answered {exchange.status} in {exchange.took_ms:,} ms"


def about_failure(name: str, exchange: Exchange) -> Finding:
    """The finding about an exchange that brought no 2xx."""
    if exchange.status is None:
        return _about_silence(name, exchange)
    begun = answered(name, exchange)
    if 300 <= exchange.status < 400:
        return wrong(f"{begun}: a redirect that leads nowhere.", f"{LOOK_AT_ADDRESS}: it must be the final address.")
    meaning, fix = _STATUSES.get(exchange.status, _TROUBLE if exchange.status >= 500 else _REFUSAL)
    page = " with a page instead of JSON" if exchange.content_type == "text/html" else ""
    return wrong(f"{begun}{page}. {meaning}.", fix)


def _about_silence(name: str, exchange: Exchange) -> Finding:
    causes = list(_causes(exchange.failure))
    if exchange.failed_at == "connect_tcp":
        return _about_connecting(exchange, causes)
    if exchange.failed_at == "start_tls":
        return _about_tls(exchange.host, causes)
    if _is_late(causes):
        return wrong(
            f"{name} did not answer within {exchange.timeout_ms:,} ms, although the connection stood.",
            f"Try again with a longer --timeout. If it stays so, ask Kontext, or look {_PROXIES}.",
        )
    return wrong(
        f"{name} got no answer: the connection ended ({exchange.detail}).",
        f"Try again. {LOOK_AT_ADDRESS}, and {_PROXIES}.",
    )


def _about_connecting(exchange: Exchange, causes: list[BaseException]) -> Finding:
    host = exchange.host
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return wrong(f"The name {host} cannot be resolved.", f"{LOOK_AT_ADDRESS}, and at the DNS of this machine.")
    if _is_late(causes):
        return wrong(
            f"No connection to {host} within {exchange.timeout_ms:,} ms.",
            "Look at the firewall: this machine must be allowed to connect there.",
        )
    return wrong(
        f"Nothing takes connections at {host}.",
        f"{LOOK_AT_ADDRESS}: host and port. For the sandbox, start manage.py ad_sandbox. Else it is a firewall.",
    )


def _about_tls(host: str, causes: list[BaseException]) -> Finding:
    refused = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if refused:
        return wrong(
            f"The certificate of {host} is not accepted: {refused.verify_message}.",
            "Look at the clock and the CA certificates of this machine, and for a proxy that opens TLS.",
        )
    return wrong(f"{host} does not speak TLS.", f"{LOOK_AT_ADDRESS}: http instead of https, or another port?")


def _is_late(causes: list[BaseException]) -> bool:
    """A time-out cancels the step that it ends."""
    return any(isinstance(cause, asyncio.CancelledError | TimeoutError) for cause in causes)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
