"""`manage.py ad_sandbox`: the local ad server for development."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kontext_integration.conf import get_settings
from kontext_integration.sandbox import server
from kontext_integration.sandbox.address import DEFAULT_ADDRESS, configured_address, is_loopback, is_needed
from kontext_integration.sandbox.control import Control
from kontext_integration.sandbox.defaults import read_defaults

DEFAULTS = {
    "outcome": "the word of an answer, as skip, err:rate_limited or status:503; default: fill, by the fill rate",
    "format": "the word of a format: native, image, video, banner or interstitial",
    "frame": "the word of a frame that misbehaves, as noframe",
    "modal": "the word of a modal that misbehaves, as modalhang",
    "fill_rate": "the share of turns that are filled, from 0 to 1; default: 1",
    "latency_ms": "the wait before an answer to /preload, in milliseconds; default: 0",
    "init": "how /init is answered, as disabled or 500; default: enabled",
}
"""The options that hold for every turn whose message has no word for them."""


class Command(BaseCommand):
    help = "Runs a local ad server that speaks the Kontext protocol and fills with house ads. For development only."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", help="address to listen on; default: that of KONTEXT's AD_SERVER_URL when loopback"
        )
        parser.add_argument("--port", type=int, help="port to listen on; default: that of AD_SERVER_URL, else 8001")
        parser.add_argument(
            "--if-needed",
            action="store_true",
            help="end at once, silently, when KONTEXT does not point at this sandbox",
        )
        for name, meaning in DEFAULTS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help=meaning)
        parser.add_argument("--seed", type=int, help="makes chance the same in every run")

    def handle(self, *args: Any, **options: Any) -> None:
        settings = get_settings()
        default_host, default_port = configured_address(settings.ad_server_url) or DEFAULT_ADDRESS
        host = options["host"] or default_host
        port = default_port if options["port"] is None else options["port"]
        if options["if_needed"] and not is_needed(
            publisher_token=settings.publisher_token, ad_server_url=settings.ad_server_url, host=host, port=port
        ):
            return
        control = self._control(options)
        try:
            server.run(host=host, port=port, control=control, announce=lambda: self._announce(host, port))
        except OSError as error:
            raise CommandError(f"The ad sandbox cannot listen on {host}:{port}: {error.strerror}") from error

    def _control(self, options: dict[str, Any]) -> Control:
        try:
            defaults = read_defaults({name: str(options[name]) for name in DEFAULTS})
        except ValueError as error:
            raise CommandError(f"{error}. The sandbox's start page lists the words.") from error
        return Control(defaults, seed=options["seed"])

    def _announce(self, host: str, port: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        reach = "" if is_loopback(host) else " It listens beyond this machine because --host says so."
        self.stdout.write(
            f"Ad sandbox at http://{shown}:{port}/ (no real ad server: its ads are house ads without value).{reach}"
        )
        self.stdout.flush()
