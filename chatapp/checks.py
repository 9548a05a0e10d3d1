"""System checks of the chat: each says what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from chatapp import conf

IN_PROCESS_LAYER = "chatapp.layers.InProcessLayer"


@register()
def chat_settings_are_known(**kwargs: Any) -> list[CheckMessage]:
    """`CHAT` has no key that the chat does not read."""
    unknown = sorted(set(settings.CHAT) - conf.known_keys())
    hint = f"Known keys: {', '.join(sorted(conf.known_keys()))}."
    return [Error(f"CHAT has an unknown key {key!r}.", hint=hint, id="chat.E001") for key in unknown]


@register()
def the_engine_exists(**kwargs: Any) -> list[CheckMessage]:
    """`CHAT["ENGINE"]` can be imported."""
    path = str(settings.CHAT.get("ENGINE", ""))
    try:
        if path:
            import_string(path)
    except ImportError as failure:
        hint = "Give the dotted path of an engine class, or leave it empty."
        return [Error(f"CHAT['ENGINE'] cannot be imported: {failure}", hint=hint, id="chat.E002")]
    return []


@register()
def limits_are_positive(**kwargs: Any) -> list[CheckMessage]:
    """Numbers in `CHAT` are above zero."""
    wrong = [key for key, value in settings.CHAT.items() if isinstance(value, int | float) and value <= 0]
    return [
        Error(f"CHAT[{key!r}] must be above 0.", hint="Remove it for the default.", id="chat.E003") for key in wrong
    ]


@register(deploy=True)
def production_has_a_model(**kwargs: Any) -> list[CheckMessage]:
    """The demo engine is not meant to answer real people."""
    if settings.CHAT.get("ENGINE") or settings.OPENAI_BASE_URL or settings.OPENAI_API_KEY:
        return []
    hint = "Set OPENAI_BASE_URL and OPENAI_MODEL, and OPENAI_API_KEY where the endpoint asks for one."
    return [Warning("No model is configured: the demo engine answers.", hint=hint, id="chat.W001")]


@register(deploy=True)
def processes_share_a_layer(**kwargs: Any) -> list[CheckMessage]:
    """Live updates reach the tabs of other processes only over Redis."""
    if settings.CHANNEL_LAYERS["default"]["BACKEND"] != IN_PROCESS_LAYER:
        return []
    hint = "Set REDIS_URL when more than one server process runs; with exactly one, silence this check."
    return [Warning("The channel layer lives in one process.", hint=hint, id="chat.W002")]
