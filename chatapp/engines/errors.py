"""Why a reply could not be completed.

    EngineError                    the root: catch this one
    ├── EngineRefused              nobody answers at the endpoint's address (connection refused, unknown host, TLS)
    ├── EngineTimeout              it did not accept the connection, or fell silent, for too long
    ├── EngineUnauthorized         401, 403: the key is missing, wrong or not allowed to use the model
    ├── EngineRateLimited          429
    ├── EngineUnavailable          5xx, or the connection was dropped before an answer
    ├── EngineNotFound             404, 3xx: the address of the endpoint or the name of the model is wrong
    ├── EngineRejected             any other status: the endpoint does not accept the request
    ├── EngineInterrupted          the reply began and was cut off
    └── EngineMalformed            what came is not a reply

`code` is stable and safe to store; `user_message` is the sentence for the person; `detail` is for the log and never
holds the text of a message or the key.
"""
# ruff: noqa: N818 (each name says what happened; all of them begin with Engine, and the root ends in Error)

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_OUR_FAULT = _("The assistant is not set up correctly at the moment. Please tell the people who run this site.")


class EngineError(Exception):
    """The root. `detail` says in technical terms what happened."""

    code = "failed"
    user_message = _("The reply could not be completed. Please try again.")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class EngineRefused(EngineError):
    code = "refused"
    user_message = _("The assistant cannot be reached right now. Please try again in a few minutes.")


class EngineTimeout(EngineError):
    code = "timeout"
    user_message = _("The assistant took too long to answer. Please try again.")


class EngineUnauthorized(EngineError):
    code = "unauthorized"
    user_message = _OUR_FAULT


class EngineRateLimited(EngineError):
    """`retry_after_s`: the seconds after which the endpoint takes requests again, None when it did not say."""

    code = "rate_limited"
    user_message = _("The assistant is very busy right now. Please wait a moment, then try again.")

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class EngineUnavailable(EngineError):
    code = "unavailable"
    user_message = _("The assistant has a fault at the moment. Please try again in a few minutes.")


class EngineNotFound(EngineError):
    """404: there is no such endpoint, or no such model. 3xx: it is elsewhere; the key is not carried there."""

    code = "not_found"
    user_message = _OUR_FAULT


class EngineRejected(EngineError):
    code = "rejected"
    user_message = _("The assistant could not take this message. Please shorten it, or start a new chat.")


class EngineInterrupted(EngineError):
    code = "interrupted"
    user_message = _("The connection to the assistant was lost, so this reply is not complete. Please try again.")


class EngineMalformed(EngineError):
    code = "malformed"
    user_message = _("The assistant sent an answer that could not be read. Please try again.")


_BY_CODE: Final[dict[str, type[EngineError]]] = {error.code: error for error in EngineError.__subclasses__()}
_RETRY_AFTER: Final = re.compile(r"\d{1,6}(\.\d{1,6})?")


def user_message_for(code: str) -> StrPromise:
    """The sentence for a stored `code`, in the reader's language; the general one for a code that is not known."""
    return _BY_CODE.get(code, EngineError).user_message


def error_for_status(status: int, detail: str = "", *, retry_after: str = "") -> EngineError:
    """The error that an HTTP status stands for. `retry_after`: that header; only its form in seconds is read."""
    if status in {401, 403}:
        return EngineUnauthorized(detail)
    if status == 404 or 300 <= status < 400:
        return EngineNotFound(detail)
    if status == 429:
        seconds = float(retry_after) if _RETRY_AFTER.fullmatch(retry_after) else None
        return EngineRateLimited(detail, retry_after_s=seconds)
    if status < 300:
        return EngineMalformed(detail)
    return EngineUnavailable(detail) if status >= 500 else EngineRejected(detail)
