"""Consent first through a whole process: nothing goes to the ad server before a signal of the person (protocol 7.2)."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings

from kontext_integration import assets
from kontext_integration.entities import Regulatory

from .consenting import ANSWER, FIRST_PAUSE_S, SITE, configure, page_says, waiting_message
from .fakes import AdServer, Heard, Process, assistant, user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.kontext_integration.host")]


@pytest.fixture(autouse=True)
def consent_first(settings: Settings) -> None:
    settings.KONTEXT = SITE


async def test_nothing_is_on_the_wire_before_a_signal(process: Process, server: AdServer, heard: Heard) -> None:
    _, pause = await waiting_message(process)
    assert (server.seen, heard) == ([], [])
    pause.set()


async def test_the_answer_that_the_page_tells_lets_everything_go(process: Process, server: AdServer) -> None:
    _, pause = await waiting_message(process)
    await page_says(ANSWER)
    pause.set()
    await process.idle()
    assert len(server.to("/init")) == 1
    assert [seen.body["regulatory"] for seen in server.to("/preload")] == [ANSWER]


async def test_so_does_what_the_publisher_says_for_the_session(process: Process, server: AdServer) -> None:
    session, pause = await waiting_message(process)
    await session.update_options(regulatory=Regulatory(gdpr=1, gdpr_consent="CQY"))
    pause.set()
    await process.idle()
    assert len(server.to("/init")) == 1
    assert server.to("/preload")[0].body["regulatory"] == {"gdpr": 1, "gdprConsent": "CQY"}


async def test_what_the_page_told_before_the_conversation_began_is_enough(process: Process, server: AdServer) -> None:
    await page_says(ANSWER)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert FIRST_PAUSE_S not in process.sleep.seconds
    assert (len(server.to("/init")), len(server.to("/preload"))) == (1, 1)


@pytest.mark.parametrize("consent", [None, {}, {"gdpr": 1}, {"usPrivacy": "1---"}])
async def test_without_a_signal_in_time_the_turn_has_exactly_one_outcome_and_nothing_is_sent(
    process: Process, server: AdServer, heard: Heard, consent: dict[str, Any] | None
) -> None:
    await page_says(consent, gpc=True)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    await session.add_message(assistant(1))
    await process.idle()
    assert [(name, given["event"].skip_code) for name, given in heard] == [("ad.no-fill", "no_consent")]
    assert server.seen == []


async def test_the_setting_for_the_whole_site_is_nobodys_answer(
    process: Process, server: AdServer, settings: Settings
) -> None:
    configure(settings, REGULATORY={"gdpr": 1, "gdprConsent": "SITE"})
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert server.seen == []


async def test_the_default_may_be_to_send_after_the_time_out(
    process: Process, server: AdServer, settings: Settings
) -> None:
    configure(settings, CONSENT_DEFAULT="send", CONSENT_TIMEOUT_MS=1500)
    _, pause = await waiting_message(process)
    assert server.seen == []
    pause.set()
    await process.idle()
    assert (len(server.to("/init")), len(server.to("/preload"))) == (1, 1)
    waits = [seconds for seconds in process.sleep.seconds if seconds >= FIRST_PAUSE_S]
    assert sum(waits) == 2 * 1.5


async def test_a_time_out_of_nothing_decides_at_once(process: Process, server: AdServer, settings: Settings) -> None:
    configure(settings, CONSENT_TIMEOUT_MS=0)
    session = await process.get()
    await session.add_message(user(1))
    await process.idle()
    assert FIRST_PAUSE_S not in process.sleep.seconds
    assert server.seen == []


class TestScriptTag:
    def test_the_page_learns_that_its_answer_is_waited_for(self) -> None:
        assert assets.script(None).count(" data-consent-first></script>") == 1

    def test_and_otherwise_it_does_not(self, settings: Settings) -> None:
        configure(settings, CONSENT_FIRST=False)
        assert "consent" not in assets.script(None)
