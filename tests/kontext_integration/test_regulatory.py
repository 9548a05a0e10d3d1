"""Which privacy signal counts (protocol 7.1 and 7.2)."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from kontext_integration import regulatory
from kontext_integration.browsers import record_browser
from kontext_integration.entities import Regulatory

from .fakes import AdServer, Process, user
from .host import KONTEXT

PUBLISHER = {"gdpr": 0, "gdprConsent": "old", "coppa": 1, "gpp": "G", "gppSid": [2], "usPrivacy": "1NNN"}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "gdpr": st.sampled_from([0, 1]),
    "gdprConsent": st.sampled_from(["A", "B"]),
    "coppa": st.sampled_from([0, 1]),
    "gpp": st.sampled_from(["C", "D"]),
    "gppSid": st.sampled_from([[], [2], [7]]),
    "usPrivacy": st.sampled_from(["1YNN", "1YYN", "1---"]),
}
SIGNALS = st.fixed_dictionaries({}, optional=VALUES)


class TestNormalisation:
    """7.2: gdprConsent only if it is not blank, gdpr only if it is exactly 0 or 1."""

    @pytest.mark.parametrize(("said", "kept"), [(1, 1), (0, 0), (True, 1), (False, 0), ("1", 1), ("0", 0)])
    def test_booleans_and_numeric_strings_are_accepted(self, said: object, kept: int) -> None:
        assert regulatory.clean({"gdpr": said, "coppa": said}) == {"gdpr": kept, "coppa": kept}

    @pytest.mark.parametrize("said", [2, -1, 0.5, "yes", "", " ", None, [1], {}])
    def test_another_gdpr_is_dropped(self, said: object) -> None:
        assert regulatory.clean({"gdpr": said, "coppa": said, "gdprConsent": "C"}) == {"gdprConsent": "C"}

    @pytest.mark.parametrize("said", ["", " ", "\t", None, 7, ["C"]])
    def test_a_blank_string_is_dropped(self, said: object) -> None:
        assert regulatory.clean({"gdpr": 1, "gdprConsent": said, "gpp": said}) == {"gdpr": 1}

    def test_nothing_and_no_sections_are_different_things(self) -> None:
        assert regulatory.clean({"gdpr": 0, "gppSid": [], "other": 1}) == {"gdpr": 0, "gppSid": []}
        assert regulatory.clean(None) == {}


class TestMerge:
    """7.2: start from the publisher's; what is live overwrites two fields of it."""

    def test_without_live_values_it_is_what_the_publisher_says(self) -> None:
        assert regulatory.merge(PUBLISHER, {}) == PUBLISHER

    def test_a_live_gdpr_overwrites_gdpr(self) -> None:
        assert regulatory.merge(PUBLISHER, {"gdpr": 1}) == {**PUBLISHER, "gdpr": 1}

    def test_a_live_gdpr_consent_overwrites_gdpr_consent(self) -> None:
        assert regulatory.merge(PUBLISHER, {"gdprConsent": "new"}) == {**PUBLISHER, "gdprConsent": "new"}

    def test_each_does_so_independently(self) -> None:
        assert regulatory.merge({"gdprConsent": "old"}, {"gdpr": 0}) == {"gdpr": 0, "gdprConsent": "old"}

    def test_a_live_zero_is_a_value(self) -> None:
        assert regulatory.merge({"gdpr": 1}, {"gdpr": 0}) == {"gdpr": 0}

    def test_a_live_value_that_is_not_known_erases_nothing(self) -> None:
        live = regulatory.clean({"gdpr": None, "gdprConsent": " "})
        assert regulatory.merge(PUBLISHER, live) == PUBLISHER

    def test_the_other_four_come_from_the_publisher(self) -> None:
        page = {"coppa": 0, "gpp": "page", "gppSid": [7], "usPrivacy": "1YYN"}
        assert regulatory.merge(PUBLISHER, page) == PUBLISHER

    def test_gpp_and_us_privacy_of_the_page_count_where_the_publisher_says_nothing(self) -> None:
        page = {"gpp": "page", "gppSid": [7], "usPrivacy": "1YYN"}
        assert regulatory.merge({"gdpr": 1}, page) == {"gdpr": 1, **page}

    @pytest.mark.parametrize("publisher", [{"gpp": "mine"}, {"gppSid": [2]}])
    def test_the_sections_of_one_gpp_string_never_stand_beside_another(self, publisher: dict[str, Any]) -> None:
        assert regulatory.merge(publisher, {"gpp": "page", "gppSid": [7]}) == publisher

    @given(SIGNALS, SIGNALS)
    def test_whatever_is_said_each_field_comes_from_where_it_belongs(
        self, publisher: dict[str, Any], page: dict[str, Any]
    ) -> None:
        merged = regulatory.merge(publisher, page)
        for name in VALUES:
            first, second = (page, publisher) if name in {"gdpr", "gdprConsent"} else (publisher, page)
            if name in first or name not in {"gpp", "gppSid"}:
                assert merged.get(name) == first.get(name, second.get(name))


class TestGlobalPrivacyControl:
    """7.2: when it is on and no US signal exists, the opt-out position of US Privacy is Y."""

    def test_it_becomes_an_opt_out(self) -> None:
        assert regulatory.merge({"gdpr": 0}, {}, opted_out=True) == {"gdpr": 0, "usPrivacy": "1YYN"}

    @pytest.mark.parametrize(
        "signals", [{"usPrivacy": "1YNN"}, {"usPrivacy": "1---"}, {"gpp": "G"}, {"gpp": "G", "gppSid": [2, 8]}]
    )
    def test_a_us_signal_is_left_as_it_is(self, signals: dict[str, Any]) -> None:
        assert regulatory.merge(signals, {}, opted_out=True) == signals
        assert regulatory.merge({}, signals, opted_out=True) == signals

    @pytest.mark.parametrize("sections", [[], [2], [5]])
    def test_a_gpp_string_for_other_countries_is_no_us_signal(self, sections: list[int]) -> None:
        signals = {"gpp": "G", "gppSid": sections}
        assert regulatory.merge({}, signals, opted_out=True) == {**signals, "usPrivacy": "1YYN"}

    def test_without_it_nothing_is_added(self) -> None:
        assert regulatory.merge({}, {}) == {}


class TestRevision:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({"gdprConsent": "A"}, {"gdprConsent": "B"}),
            ({"gdpr": 1, "gdprConsent": "A"}, {"gdpr": 0}),
            ({"usPrivacy": "1YNN"}, {"usPrivacy": "1YYN", "gpp": "G"}),
            ({"gpp": "G"}, {}),
        ],
    )
    def test_another_answer_is_one(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        assert regulatory.is_revised(before, after)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({}, {}),
            ({}, {"gdprConsent": "A"}),
            ({"gdprConsent": "A"}, {"gdprConsent": "A", "usPrivacy": "1YNN"}),
            ({"gdprConsent": "A", "usPrivacy": "1YNN"}, {"gdprConsent": "A"}),
        ],
    )
    def test_the_same_answer_told_in_parts_is_none(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        assert not regulatory.is_revised(before, after)


def test_entities_and_signals_are_the_same_thing() -> None:
    signals = {"gdpr": 1, "gdprConsent": "C", "coppa": 0, "gpp": "G", "gppSid": [7], "usPrivacy": "1YNN"}
    entity = regulatory.to_entity(signals)
    assert entity == Regulatory(1, "C", 0, "G", (7,), "1YNN")
    assert regulatory.from_entity(entity) == signals
    assert regulatory.to_entity({}) is None


@pytest.mark.django_db(transaction=True)
class TestLive:
    """7.2: read at every preload; a change needs no call. 7.1: sent only if a field is set."""

    @pytest.fixture(autouse=True)
    def site(self, settings: Settings) -> None:
        settings.KONTEXT = {**KONTEXT, "AD_SERVER_URL": "http://ads.test"}

    async def regulatory_of_a_turn(
        self, process: Process, server: AdServer, number: int, consent: dict[str, Any] | None = None, **given: Any
    ) -> Any:
        request = RequestFactory().get("/", headers=given.pop("headers", {}))
        report = {} if consent is None else {"consent": consent}
        await sync_to_async(record_browser)(user_id="user-1", facts=report, request=request)
        session = await process.get()
        if given:
            await session.update_options(regulatory=Regulatory(**given))
        await session.add_message(user(number))
        await process.idle()
        return server.to("/preload")[-1].body.get("regulatory")

    async def test_each_preload_has_the_newest_answer(self, process: Process, server: AdServer) -> None:
        sent = [
            await self.regulatory_of_a_turn(process, server, number, consent)
            for number, consent in enumerate([None, {"gdpr": 1, "gdprConsent": "A"}, None, {"gdpr": 0}])
        ]
        assert sent == [None, {"gdpr": 1, "gdprConsent": "A"}, {"gdpr": 1, "gdprConsent": "A"}, {"gdpr": 0}]

    async def test_what_a_session_was_given_replaces_the_setting_as_a_whole(
        self, process: Process, server: AdServer, settings: Settings
    ) -> None:
        settings.KONTEXT = {**settings.KONTEXT, "REGULATORY": {"gdpr": 1, "coppa": 1}}
        assert await self.regulatory_of_a_turn(process, server, 1) == {"gdpr": 1, "coppa": 1}
        assert await self.regulatory_of_a_turn(process, server, 2, gpp="G") == {"gpp": "G"}

    async def test_the_page_wins_over_both_for_gdpr_only(
        self, process: Process, server: AdServer, settings: Settings
    ) -> None:
        settings.KONTEXT = {**settings.KONTEXT, "REGULATORY": {"gdpr": 1, "usPrivacy": "1NNN"}}
        page = {"gdpr": 0, "usPrivacy": "1YYN"}
        assert await self.regulatory_of_a_turn(process, server, 1, page) == {"gdpr": 0, "usPrivacy": "1NNN"}

    async def test_global_privacy_control_can_be_left_alone(
        self, process: Process, server: AdServer, settings: Settings
    ) -> None:
        gpc = {"headers": {"Sec-GPC": "1"}}
        assert await self.regulatory_of_a_turn(process, server, 1, **gpc) == {"usPrivacy": "1YYN"}
        settings.KONTEXT = {**settings.KONTEXT, "GPC_OPT_OUT": False}
        assert await self.regulatory_of_a_turn(process, server, 2, **gpc) is None
