"""System checks of what stands around `KONTEXT`: the rest of the project's settings, and production."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004

from . import policies
from .addresses import canonical_origin
from .conf import Settings
from .sandbox.address import SANDBOX_TOKEN

_DJANGO = "DjangoTemplates"
_REQUEST = "django.template.context_processors.request"


def check_pages(conf: Settings) -> Iterator[CheckMessage]:
    """What keeps an ad out of the pages, or what they report away from us, without a word anywhere else."""
    if not conf.publisher_token:
        return
    origin = canonical_origin(conf.ad_server_url) or ""
    wanted = ["frame-src", "connect-src"] if conf.transport == "browser" else ["frame-src"]
    for directive in wanted:
        for setting in policies.forbidding(directive, origin):
            hint = f"Add {origin} to its {directive}."
            yield Warning(f"{setting} keeps pages from the ad server.", hint=hint, id="kontext.W003")
    if not _templates_know_requests():
        hint = f"Add '{_REQUEST}' to the context processors in TEMPLATES, or silence kontext.W004."
        yield Warning("Pages may lack the CSRF token: templates know no request.", hint=hint, id="kontext.W004")


def check_production(conf: Settings) -> Iterator[CheckMessage]:
    """What is fine in development only, with ads on."""
    if urlsplit(conf.ad_server_url).scheme != "https":
        hint = "Set KONTEXT['AD_SERVER_URL'] to an https address."
        yield Warning("Messages go to the ad server unencrypted.", hint=hint, id="kontext.W002")
    if conf.publisher_token == SANDBOX_TOKEN:
        hint = "Set KONTEXT['PUBLISHER_TOKEN'] to the token that Kontext issued."
        yield Warning("The publisher token is that of the sandbox.", hint=hint, id="kontext.W005")
    elif not conf.ads_txt:
        hint = (
            "Set KONTEXT['ADS_TXT'] to the lines that Kontext sent, or silence kontext.W006 if they are served already."
        )
        yield Warning("There is no ads.txt, without which many advertisers do not bid.", hint=hint, id="kontext.W006")
    if getattr(settings, "WSGI_APPLICATION", None) and not getattr(settings, "ASGI_APPLICATION", None):
        hint = "Serve asgi.py with an ASGI server (daphne, uvicorn, hypercorn) and name it in ASGI_APPLICATION."
        yield Warning("The project is set up for WSGI, where no ad is ever found.", hint=hint, id="kontext.W007")
    if _hides_people(conf):
        hint = "Set KONTEXT['TRUSTED_PROXY_COUNT'] to the number of your own proxies, or FORWARD_ADDRESS to False."
        yield Warning("The ad server is told a proxy's address instead of the person's.", hint=hint, id="kontext.W008")


def _templates_know_requests() -> bool:
    engines: Sequence[Mapping[str, Any]] = settings.TEMPLATES
    ours = [engine.get("OPTIONS", {}) for engine in engines if str(engine["BACKEND"]).endswith(_DJANGO)]
    given = [options.get("context_processors", ()) for options in ours]
    return not given or any(_REQUEST in processors for processors in given)


def _hides_people(conf: Settings) -> bool:
    """Whether the settings speak of a proxy, and nobody has told the ads of it."""
    if conf.transport == "browser" or not conf.forward_address or conf.client_address or conf.trusted_proxy_count:
        return False
    return bool(settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST)
