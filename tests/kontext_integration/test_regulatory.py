"""Which privacy signal counts."""

from __future__ import annotations

from kontext_integration import regulatory
from kontext_integration.entities import Regulatory


def test_live_consent_overwrites_each_on_its_own() -> None:
    publisher = {"gdpr": 0, "gdprConsent": "old", "coppa": 1}
    assert regulatory.merge(publisher, {"gdpr": 1}) == {"gdpr": 1, "gdprConsent": "old", "coppa": 1}
    assert regulatory.merge(publisher, {"gdprConsent": "new"}) == {"gdpr": 0, "gdprConsent": "new", "coppa": 1}


def test_absent_live_values_overwrite_nothing() -> None:
    assert regulatory.merge({"gdpr": 0}, {}) == {"gdpr": 0}


def test_for_the_other_signals_the_publisher_wins() -> None:
    assert regulatory.merge({"gpp": "mine"}, {"gpp": "page", "usPrivacy": "1YNN"}) == {
        "gpp": "mine",
        "usPrivacy": "1YNN",
    }


def test_an_opt_out_counts_when_there_is_no_us_signal() -> None:
    assert regulatory.merge({}, {}, opted_out=True) == {"usPrivacy": "1YYN"}
    assert regulatory.merge({}, {"usPrivacy": "1YNN"}, opted_out=True) == {"usPrivacy": "1YNN"}
    assert regulatory.merge({"gpp": "x"}, {}, opted_out=True) == {"gpp": "x"}


def test_clean_keeps_valid_signals_only() -> None:
    assert regulatory.clean({"gdpr": 2, "coppa": 1, "gppSid": [], "other": 1}) == {"coppa": 1, "gppSid": []}
    assert regulatory.clean(None) == {}


def test_entities_and_signals_are_the_same_thing() -> None:
    signals = {"gdpr": 1, "gdprConsent": "C", "coppa": 0, "gpp": "G", "gppSid": [7], "usPrivacy": "1YNN"}
    entity = regulatory.to_entity(signals)
    assert entity == Regulatory(1, "C", 0, "G", (7,), "1YNN")
    assert regulatory.from_entity(entity) == signals
    assert regulatory.to_entity({}) is None
