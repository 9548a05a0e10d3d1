"""How much is measured: by default, and for a quick look."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Options:
    """The sizes of a run; the whole with the defaults takes less than five minutes."""

    replies: int = 50
    """How many replies stream at once."""
    tokens: int = 200
    rate: int = 20
    """Tokens a second of one reply."""
    rounds: int = 3
    """How often each arm of the CPU benchmark is measured."""
    turns: int = 40
    """How many replies of one user per manner of the ad server."""
    load_rounds: int = 2
    long_reply: int = 8000
    """Tokens of the long reply."""
    long_conversation: int = 1000
    conversation_blocks: int = 8
    idle_sockets: int = 500
    crowd: int = 100
    """How many replies stream at once while the idle sockets are open."""

    def quick(self) -> Options:
        """For a look whether everything runs; the figures mean little."""
        return replace(
            self,
            replies=min(self.replies, 4),
            tokens=min(self.tokens, 20),
            rounds=1,
            turns=3,
            load_rounds=1,
            long_reply=1000,
            long_conversation=100,
            conversation_blocks=2,
            idle_sockets=20,
            crowd=4,
        )
