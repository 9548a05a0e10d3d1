"""What stands between a browser and the chat: `way_to` goes there, and what it finds says what to do."""

from __future__ import annotations

from .findings import Finding
from .way import way_to

__all__ = ["Finding", "way_to"]
