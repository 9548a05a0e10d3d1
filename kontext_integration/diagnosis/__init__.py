"""What `manage.py kontext_check` finds out: is the site set up, does the ad server answer, and what to do if not.

It shows no ad and counts none: it speaks for nobody, and its only message belongs to a turn that shows nothing.
"""

from __future__ import annotations

from .findings import Finding
from .report import Report, count, diagnose

__all__ = ["Finding", "Report", "count", "diagnose"]
