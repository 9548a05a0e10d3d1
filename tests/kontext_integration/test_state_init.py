"""Protocol 2.3 and 4.1: what init switches, and options that change during a session."""

from __future__ import annotations

import pytest

from kontext_integration.entities import Options, Regulatory
from kontext_integration.events import AdError
from kontext_integration.outcomes import (
    InitApplied,
    InitIgnored,
)
from kontext_integration.state import (
    Debug,
    Report,
    SessionState,
)

from .builders import (
    events,
    session,
)


def initialised(answer):
    state = session()
    assert state.begin_init()
    return state, state.apply_init(answer)


def test_4_10_init_is_sent_once_in_the_life_of_a_session():
    state = session()

    assert [state.begin_init(), state.begin_init()] == [True, False]
    assert not SessionState.from_dict(state.to_dict()).begin_init()
    state.apply_init(InitIgnored())
    assert state.init == "done"


def test_2_3_init_sets_timeout_and_switches():
    state, effects = initialised(InitApplied(preload_timeout_ms=8000, report_errors=False, report_debug=True))

    assert effects == []
    assert (state.preload_timeout_ms, state.report_errors, state.report_debug) == (8000, False, True)


def test_2_3_init_without_timeout_keeps_the_default():
    state, _ = initialised(InitApplied())

    assert (state.preload_timeout_ms, state.report_errors, state.report_debug) == (16_000, True, False)


def test_2_3_init_that_disables_tells_it_and_applies_nothing_else():
    state, effects = initialised(InitApplied(False, 8000, report_errors=False, report_debug=True))

    assert events(effects) == [AdError("Session is disabled", "session_disabled_by_init")]
    assert state.disabled
    assert (state.preload_timeout_ms, state.report_errors, state.report_debug) == (16_000, True, False)


def test_2_3_a_failed_init_is_reported_and_never_fatal():
    state, effects = initialised(InitIgnored(report="timeout"))

    assert effects == [Report("timeout", "Init.fetch")]
    assert not state.disabled


def test_2_3_an_ignored_init_without_report_does_nothing():
    assert initialised(InitIgnored())[1] == []


@pytest.mark.parametrize("answer", [InitApplied(enabled=False), InitIgnored(report="timeout")])
def test_2_3_init_of_a_destroyed_session_is_discarded(answer):
    state = session()
    state.begin_init()
    state.destroy()

    assert state.apply_init(answer) == []
    assert not state.disabled


def test_2_3_toggles_are_fixed_by_the_first_answer():
    state, _ = initialised(InitApplied(report_debug=True))

    assert state.apply_init(InitApplied(enabled=False)) == []
    assert (state.report_debug, state.disabled) == (True, False)


def test_4_1_given_options_overwrite_and_others_stay():
    state = session(options=Options(variant_id="A", user_email="a@example.com"))

    state.update_options(Options(variant_id="B", vendor_id="v"))

    assert state.options == Options(variant_id="B", user_email="a@example.com", vendor_id="v")


def test_4_1_regulatory_is_replaced_as_a_whole():
    state = session(options=Options(regulatory=Regulatory(gdpr=1, coppa=1)))

    state.update_options(Options(regulatory=Regulatory(us_privacy="1YNN")))

    assert state.options.regulatory == Regulatory(us_privacy="1YNN")


def test_4_1_nothing_can_be_cleared():
    state = session(options=Options(variant_id="A", regulatory=Regulatory(gdpr=1)))

    state.update_options(Options())

    assert state.options == Options(variant_id="A", regulatory=Regulatory(gdpr=1))


def test_4_1_an_update_sends_nothing_and_its_note_names_no_value():
    effects = session().update_options(Options(user_email="a@example.com"))

    assert effects == [Debug("Session: options-updated", {"fields": ["user_email"]})]
