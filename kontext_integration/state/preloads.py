"""One preload at a time (protocol 4.3, 4.4): superseded, scheduled, begun, settled."""

from __future__ import annotations

from dataclasses import replace

from ..events import AdError, AdFilled, AdNoFill
from ..outcomes import PreloadFailed, PreloadFilled, PreloadNoFill, PreloadNothing, PreloadOutcome
from . import links
from .effects import CancelPreload, Debug, Effect, Emit, PreloadStart, Report, StartPreload
from .record import PendingPreload, Preload, SessionRecord


def supersede(record: SessionRecord) -> list[Effect]:
    """Step 6: cancel what waits or is in flight. The current preload itself stays until the next one begins."""
    cancelled: list[Effect] = []
    if record.pending is not None:
        cancelled.append(CancelPreload(record.pending.sequence))
        record.pending = None
    if record.preload is not None and record.preload.in_flight:
        cancelled.append(CancelPreload(record.preload.sequence))
        record.preload = replace(record.preload, in_flight=False)
    return cancelled


def schedule(record: SessionRecord, *, track_only: bool) -> list[Effect]:
    """Steps 7 to 9: freeze the conversation as it is now and wait for the debounce."""
    if record.disabled:
        return [Debug("Session: addMessage-disabled")]
    record.last_sequence += 1
    record.pending = PendingPreload(record.last_sequence, track_only, tuple(record.messages))
    return [StartPreload(record.last_sequence)]


def begin(record: SessionRecord, sequence: int) -> PreloadStart | None:
    """Steps 10 to 12: the waiting preload becomes the current one; unassigned bids of the previous one are lost."""
    pending = record.pending
    if pending is None or pending.sequence != sequence or record.disabled:
        return None
    record.pending = None
    record.preload = Preload(sequence, pending.track_only, pending.snapshot, record.report_errors)
    return PreloadStart(
        sequence=sequence,
        track_only=pending.track_only,
        messages=pending.snapshot,
        session_id=record.session_id,
        options=record.options,
        timeout_ms=record.preload_timeout_ms,
    )


def in_flight(record: SessionRecord, sequence: int) -> Preload | None:
    """The current preload, if that is its number and its result is still awaited."""
    preload = record.preload
    return preload if preload is not None and preload.sequence == sequence and preload.in_flight else None


def settle(record: SessionRecord, preload: Preload, outcome: PreloadOutcome) -> list[Effect]:
    """Step 13 for the preload in flight: one kind of event, then the pairing of what it brought."""
    record.preload = replace(preload, in_flight=False)
    record.session_id = outcome.session_id or record.session_id
    match outcome:
        case PreloadFilled(bids=bids) if not preload.track_only:
            record.preload = replace(record.preload, bids=bids)
            filled = [Emit(AdFilled(bid.bid_id, bid.code, bid.revenue)) for bid in bids]
            return [*filled, *links.pair(record)]
        case PreloadNoFill(skip_code=skip_code):
            return [Emit(AdNoFill(skip_code))]
        case PreloadFailed():
            record.disabled = record.disabled or outcome.disables
            return [Emit(AdError(outcome.message, outcome.err_code)), *_report(preload, outcome)]
        case _:
            record.preload = None
            return _end_silently(record, outcome)


def _report(preload: Preload, outcome: PreloadFailed) -> list[Effect]:
    """The gate of protocol 2.5; behind it there is the local log."""
    if not outcome.report:
        return []
    if not preload.report_errors:
        return [Debug("Session: error-not-reported", {"error": outcome.report})]
    return [Report(outcome.report, "Preload.request")]


def _end_silently(record: SessionRecord, outcome: PreloadFilled | PreloadNothing) -> list[Effect]:
    """No event, except that no session is ever disabled without exactly one error (protocol 4.2)."""
    if isinstance(outcome, PreloadNothing) and outcome.disables:
        record.disabled = True
        return [Emit(AdError("Session is disabled", "session_disabled_by_preload"))]
    return [Debug("Session: preload-track-only-skip-bids")]
