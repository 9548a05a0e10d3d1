"""A 2xx of the ad server in plain words: what it says about ads, and what to do if it is not good."""

from __future__ import annotations

from ..outcomes import InitAnswer, InitApplied, PreloadFailed, PreloadNoFill, PreloadNothing, PreloadOutcome
from ..state import DEFAULT_PRELOAD_TIMEOUT_MS
from .failures import ASK_KONTEXT, LOOK_AT_ADDRESS, answered
from .findings import Finding, note, ok, wrong
from .watching import Exchange

_SKIPS = {
    "ads_disabled": ok("the usual answer to a turn that shows no ad"),
    "ad_skipped": ok("the turn is left out, usually by pacing"),
    "unfilled_bid": ok("the auction found nothing"),
    "ivt_blocked": wrong(
        "the request looks like invalid traffic",
        "To be expected of a request from a data centre that tells of no person: try --user-agent and --address. If it "
        "happens to people, look at TRUSTED_PROXY_COUNT, and agree with Kontext that your server calls theirs.",
    ),
    "session_disabled": wrong(
        "ads are off for this session, most often for the country",
        f"Try --address with one of a country where you expect ads. {ASK_KONTEXT}.",
    ),
}
_OTHER_SKIP = note("the ad server's own reason", f"{ASK_KONTEXT} if people get no ads either.")
_ERRORS = {
    "invalid_token": "Look at KONTEXT['PUBLISHER_TOKEN'].",
    "publisher_disabled": f"{ASK_KONTEXT}.",
    "rate_limited": "Wait a minute.",
    "generation_failed": "Try again: it is an error of the moment.",
    "geo": "Try --address with one of a country where you expect ads.",
    "geo_disabled": "Try --address with one of a country where you expect ads.",
}


def about_init(exchange: Exchange, answer: InitAnswer) -> Finding:
    """What `/init` says (protocol 2.3)."""
    begun = answered("/init", exchange)
    if not isinstance(answer, InitApplied):
        return _unreadable(begun, exchange) if answer.report else ok(f"{begun} without a body: the defaults count.")
    if not answer.enabled:
        return wrong(f"{begun}: ads are turned off for the account (enabled: false).", f"{ASK_KONTEXT}.")
    timeout = answer.preload_timeout_ms or DEFAULT_PRELOAD_TIMEOUT_MS
    reports = f"error reports {_on(answer.report_errors)}, debug reports {_on(answer.report_debug)}"
    return ok(f"{begun}: ads are on, a preload may take {timeout:,} ms, {reports}.")


def about_preload(exchange: Exchange, outcome: PreloadOutcome) -> Finding:
    """What `/preload` says of a turn that is only tracked (protocol 2.4)."""
    begun = answered("/preload", exchange)
    match outcome:
        case PreloadNoFill(skip_code=code):
            known = _SKIPS.get(code, _OTHER_SKIP)
            return Finding(known.level, f"{begun} with skipCode {code!r}: {known.what}.", known.fix)
        case PreloadFailed(report=str()):
            return _unreadable(begun, exchange)
        case PreloadFailed(err_code=code, disables=disables):
            meaning = "which turns the session off for good" if disables else "an error for this turn"
            return wrong(f"{begun} with errCode {code!r}, {meaning}.", _ERRORS.get(code, f"{ASK_KONTEXT}."))
        case PreloadNothing(session_id=None):
            return ok(f"{begun} without a body, which is fine for a turn that shows no ad.")
    return ok(f"{begun}: there would have been an ad; it was dropped, because this turn shows none.")


def about_report(name: str, exchange: Exchange) -> Finding:
    """`/error` and `/debug`, whose answers nobody reads."""
    return ok(f"{answered(name, exchange)}: it took the report.")


def _unreadable(begun: str, exchange: Exchange) -> Finding:
    if not exchange.body:
        return wrong(f"{begun} with nothing in it.", f"Something on the way may have cut it. {LOOK_AT_ADDRESS}.")
    if exchange.content_type == "text/html" or exchange.body.lstrip()[:1] == b"<":
        return wrong(
            f"{begun} with a page instead of JSON: of a proxy, a login, or another web server.",
            f"{LOOK_AT_ADDRESS}, and at the proxies between this server and theirs.",
        )
    return wrong(f"{begun} with something else than the JSON of an ad server.", f"{LOOK_AT_ADDRESS}.")


def _on(flag: bool) -> str:
    return "on" if flag else "off"
