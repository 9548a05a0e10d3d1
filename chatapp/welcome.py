"""What an empty chat offers to begin with, and what a page says about where replies and ads come from."""

from __future__ import annotations

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatapp.engines import get_engine

STARTERS = (
    _("Plan a long weekend in Rome"),
    _("A quick dinner with what is in season"),
    _("Explain recursion with a Python example"),
    _("How do I start running again?"),
)


def notices() -> list[Promise]:
    """One sentence for each part that is a stand-in: nobody should take a demo for the real thing."""
    said: list[Promise] = []
    if get_engine().is_demo:
        said.append(_("Demo: replies come from a built-in engine, not from a model."))
    if settings.KONTEXT.get("PUBLISHER_TOKEN") == "sandbox" and not settings.KONTEXT_AD_SERVER_URL:
        said.append(_("Ads come from the local sandbox."))
    return said
