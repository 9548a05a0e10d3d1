"""A reply's Markdown as safe HTML, whole (`render`) or while it grows (`Document`)."""

from __future__ import annotations

from .document import Document, render
from .page import Swap

__all__ = ["Document", "Swap", "render"]
