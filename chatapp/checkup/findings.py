"""What can be wrong on the way from a browser to the chat, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import aiohttp

from chatapp.consumers import NOT_YOURS, TRY_LATER

UPGRADE = (
    "Pass sockets on. nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection $connection_upgrade; (deploy/nginx.conf). A load balancer: switch WebSockets on."
)
NAMES = "Pass the name on under which the browser asks. nginx: proxy_set_header Host $http_host;"
PROTO = (
    "Say that the browser came over https, and believe it. nginx: proxy_set_header X-Forwarded-Proto $scheme; here: "
    "TRUSTED_PROXY_COUNT=1. Or name the address in CSRF_TRUSTED_ORIGINS."
)
BUFFERING = "Switch buffering off for /ws/ in what stands before the server: a CDN, a virus scanner, a corporate proxy."
IDLE = "Let a silent connection live, for 30 s at least. nginx: proxy_read_timeout 75s; proxy_send_timeout 75s;"
TLS = "Renew the certificate, with all of its chain, for this name. For one of your own making: --insecure."
UNREACHED = "Start the server, and look whether the proxy asks at its address and port."
STRANGER = "Run this command where the server runs, with the same DATABASE_URL and SECRET_KEY."
LAYER = "Start Redis, or set REDIS_URL to where it is."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `fix` says what to do where it is wrong."""

    text: str
    fix: str = ""

    @property
    def is_wrong(self) -> bool:
        return bool(self.fix)


class Problem(Exception):  # noqa: N818 - what it is called in the report
    """The way ends here; what comes after cannot be looked at."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.finding = Finding(text, fix)


@dataclass(slots=True)
class Heard:
    """When a socket said something, in seconds, from the moment it was opened to the last one; and its close code, 0
    while it is open."""

    times: list[float]
    code: int = 0

    @property
    def longest_gap(self) -> float:
        return max(later - earlier for earlier, later in pairwise(self.times))

    def ending(self) -> Finding:
        """What it means that it was closed."""
        if self.code == NOT_YOURS:
            return Finding("The server does not know whose socket this is.", STRANGER)
        if self.code == TRY_LATER:
            return Finding("The server closes sockets: its channel layer does not answer.", LAYER)
        silence, age = self.times[-1] - self.times[-2], self.times[-1] - self.times[0]
        return Finding(f"The socket was cut after {silence:.0f} s of silence, {age:.0f} s after it opened.", IDLE)


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Raises `Problem` for what keeps a connection from being made."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as failure:
        raise Problem(f"The certificate of {url} is not to be trusted: {failure.certificate_error}", TLS) from failure
    except aiohttp.ClientSSLError as failure:
        raise Problem(f"{url} does not speak TLS as browsers do.", TLS) from failure
    except aiohttp.ClientConnectorError as failure:
        raise Problem(f"Nobody answers at {url}: {failure.strerror}", UNREACHED) from failure
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, TimeoutError) as failure:
        raise Problem(f"{url} takes the connection and says nothing.", UNREACHED) from failure


def no_page(status: int, elsewhere: str, url: str) -> Problem:
    """What it means that the page was answered with another status than 200. `elsewhere`: where a redirect leads."""
    if elsewhere.startswith(url):
        return Problem("The page sends browsers round in circles: the server thinks that they came over http.", PROTO)
    if elsewhere:
        return Problem(f"The page has moved to {elsewhere}.", "Give that address to this command, and to people.")
    known = {
        400: ("The server does not know the name under which it is asked.", f"Add it to ALLOWED_HOSTS. {NAMES}"),
        404: ("The server does not know a conversation that is in this command's database.", STRANGER),
    }
    text, fix = known.get(status, (f"The page is answered with {status}.", UNREACHED))
    return Problem(text, fix)


def no_socket(status: int) -> Problem:
    """What it means that the request for a socket was answered with `status`."""
    if status == 403:
        return Problem("The socket is refused: the server takes the page for another site's.", NAMES)
    if status in (502, 503, 504):
        return Problem(f"The proxy does not reach the server for sockets ({status}).", UNREACHED)
    return Problem(f"A socket is asked for and a page is answered ({status}): the proxy does not pass it on.", UPGRADE)
