"""What can be wrong with a program or its configuration. Nothing of this ever reaches the chat.

    KontextError
    ├── InvalidMessageError      a message with a role that no ad server accepts
    ├── UnknownUserEventError    a user event that no ad knows
    └── CorruptStateError        a stored session that cannot be read back

Failures of the network or of the ad server are results, not exceptions: see `outcomes`.
"""

from __future__ import annotations


class KontextError(Exception):
    """The root of everything this app raises."""


class InvalidMessageError(KontextError, ValueError):
    """A message's role is neither `user` nor `assistant` (protocol 2.4)."""


class UnknownUserEventError(KontextError, ValueError):
    """A user event's name is not one of protocol 6.8."""


class CorruptStateError(KontextError, ValueError):
    """A stored session cannot be read; treat it as lost and open a new one (protocol 4.9)."""
