"""Static files in production: compressed, and named by their content, the modules that JavaScript imports included.

Without that, a page of a new version could get a module of the old one from a cache.
"""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULES = ("js/*.js", "kontext_integration/*.js")


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # it has no types
    """Rewrites imports in our own modules only: Django's pattern stumbles over a comment in htmx's."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *(
            (modules, CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1])
            for modules in MODULES
        ),
    )
