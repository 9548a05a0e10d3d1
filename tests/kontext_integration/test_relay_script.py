"""The script of the browser relay comes with `{% kontext_script %}`, where pages send the requests."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from kontext_integration import assets

from .host import KONTEXT

pytestmark = pytest.mark.urls("tests.kontext_integration.host")
RELAY = (
    '<script type="module" src="/static/kontext_integration/relay.js" data-kontext-relay '
    'data-take-url="/kontext/relay/" data-origin="https://ads.test"'
)


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.KONTEXT = KONTEXT | {"TRANSPORT": "browser"}


def test_it_is_exactly_this_beside_that_of_every_page() -> None:
    html = assets.script(None)
    assert html.startswith('<script type="module" src="/static/kontext_integration/start.js" data-kontext ')
    assert html.endswith(f"</script>{RELAY}></script>")


def test_it_takes_the_nonce_of_the_page() -> None:
    assert assets.script(None, 'a"b').endswith(f'{RELAY} nonce="a&quot;b"></script>')


@pytest.mark.parametrize("change", [{"TRANSPORT": "server"}, {"PUBLISHER_TOKEN": ""}])
def test_nobody_else_loads_it(settings: Settings, change: dict[str, str]) -> None:
    settings.KONTEXT = settings.KONTEXT | change
    assert "relay" not in assets.script(None)
