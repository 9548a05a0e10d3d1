"""`manage.py ad_sandbox`: the local ad server for development."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kontext_integration.conf import get_settings
from kontext_integration.sandbox import server
from kontext_integration.sandbox.address import DEFAULT_ADDRESS, configured_address, is_loopback, is_needed


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

    def handle(self, *args: Any, **options: Any) -> None:
        settings = get_settings()
        default_host, default_port = configured_address(settings.ad_server_url) or DEFAULT_ADDRESS
        host = options["host"] or default_host
        port = default_port if options["port"] is None else options["port"]
        if options["if_needed"] and not is_needed(
            publisher_token=settings.publisher_token, ad_server_url=settings.ad_server_url, host=host, port=port
        ):
            return
        try:
            server.run(host=host, port=port, announce=lambda: self._announce(host, port))
        except OSError as error:
            raise CommandError(f"The ad sandbox cannot listen on {host}:{port}: {error.strerror}") from error

    def _announce(self, host: str, port: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        reach = "" if is_loopback(host) else " It listens beyond this machine because --host says so."
        self.stdout.write(
            f"Ad sandbox at http://{shown}:{port}/ (no real ad server: its ads are house ads without value).{reach}"
        )
        self.stdout.flush()
