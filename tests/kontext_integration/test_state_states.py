"""Protocol 4.2: what each call does to an active, a disabled and a destroyed session, cell by cell."""

from __future__ import annotations

import pytest

from kontext_integration.entities import Options
from kontext_integration.events import AdError, UserEvent
from kontext_integration.outcomes import InitApplied, PreloadFailed, PreloadNothing
from kontext_integration.state import CancelPreload, Debug, SlotAssigned, SlotReleased, StartPreload, TellAds

from .builders import FILLED, SESSION_ID, add, events, every, linked, only, send, session, turn

DISABLED = PreloadFailed("Session is disabled", "geo", SESSION_ID, disables=True)
TYPING = UserEvent("user.typing.started")


@pytest.fixture
def active():
    return session()


@pytest.fixture
def disabled():
    return session(disabled=True)


@pytest.fixture
def destroyed():
    state = session()
    state.destroy()
    return state


class TestSection42AddMessage:
    def test_4_2_active_stores_and_preloads(self, active):
        effects = add(active, "u1")

        assert [message.id for message in active.messages] == ["u1"]
        assert every(StartPreload, effects)

    def test_4_2_disabled_stores_and_does_not_preload(self, disabled):
        effects = add(disabled, "u1")

        assert [message.id for message in disabled.messages] == ["u1"]
        assert every(StartPreload, effects) == []

    def test_4_2_disabled_still_pairs_a_bid_that_it_has(self, active):
        active.apply_preload(send(active, "u1"), FILLED)
        active.disabled = True

        assert only(SlotAssigned, add(active, "a2")).message_id == "a2"

    def test_4_2_disabled_cancels_what_runs(self, active):
        sequence = send(active, "u1")
        active.disabled = True

        assert only(CancelPreload, add(active, "u2")).sequence == sequence

    def test_4_2_destroyed_ignores_it(self, destroyed):
        before = destroyed.to_dict()

        assert [type(effect) for effect in add(destroyed, "u1")] == [Debug]
        assert destroyed.to_dict() == before


class TestSection42CreateAd:
    @pytest.mark.parametrize("name", ["active", "disabled"])
    def test_4_2_yes_unless_destroyed(self, name, request):
        state = request.getfixturevalue(name)
        state.create_ad("a1", "inlineAd")

        assert state.ads == [("a1", "inlineAd")]

    def test_4_2_disabled_keeps_earlier_bids(self, active):
        turn(active, "u1", "a2")
        effects = active.apply_preload(send(active, "u3"), DISABLED)

        assert every(SlotReleased, effects) == []
        assert linked(active) == {"a2": 1}

    def test_4_2_destroyed_takes_none(self, destroyed):
        destroyed.create_ad("a1", "inlineAd")

        assert destroyed.ads == []
        assert destroyed.remove_ad("a1", "inlineAd") == []


class TestSection42UpdateOptionsAndSendUserEvent:
    @pytest.mark.parametrize("name", ["active", "disabled"])
    def test_4_2_yes_unless_destroyed(self, name, request):
        state = request.getfixturevalue(name)
        state.update_options(Options(variant_id="B"))

        assert state.options.variant_id == "B"
        assert only(TellAds, state.send_user_event(TYPING)) == TellAds(TYPING)

    def test_4_2_destroyed_ignores_both(self, destroyed):
        assert destroyed.update_options(Options(variant_id="B")) == []
        assert destroyed.send_user_event(TYPING) == []
        assert destroyed.options == Options()


class TestSection42Destroy:
    @pytest.mark.parametrize("name", ["active", "disabled"])
    def test_4_2_yes_unless_destroyed(self, name, request):
        state = request.getfixturevalue(name)

        assert state.destroy() != []
        assert state.destroyed

    def test_4_2_destroyed_stays_as_it_is(self, destroyed):
        before = destroyed.to_dict()

        assert destroyed.destroy() == []
        assert destroyed.to_dict() == before


class TestSection42Disabling:
    def test_4_2_a_preload_that_disables_tells_exactly_one_error(self, active):
        effects = active.apply_preload(send(active, "u1"), DISABLED)

        assert events(effects) == [AdError("Session is disabled", "geo")]
        assert active.disabled

    def test_4_2_a_session_is_never_disabled_in_silence(self, active):
        effects = active.apply_preload(send(active, "u1"), PreloadNothing(disables=True))

        assert events(effects) == [AdError("Session is disabled", "session_disabled_by_preload")]
        assert active.disabled

    def test_4_2_nothing_enables_a_session_again(self, disabled):
        disabled.begin_init()
        disabled.apply_init(InitApplied(enabled=True))
        add(disabled, "u1", "a2")
        disabled.update_options(Options(variant_id="B"))

        assert disabled.disabled

    def test_4_2_a_passing_error_does_not_enable_it_either(self, active):
        sequence = send(active, "u1")
        active.disabled = True
        active.apply_preload(sequence, PreloadFailed("Ad generation skipped", "unknown"))

        assert active.disabled

    def test_4_2_a_preload_in_flight_is_applied_when_init_disables(self, active):
        active.begin_init()
        sequence = send(active, "u1")
        add(active, "a2")
        active.apply_init(InitApplied(enabled=False))

        assert only(SlotAssigned, active.apply_preload(sequence, FILLED)).message_id == "a2"
