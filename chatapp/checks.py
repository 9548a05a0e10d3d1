"""System checks of the chat: each says what is wrong and what to do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string
from limits import parse_many

from chatapp import conf

BYTES_OF_A_CHARACTER = 12
"""An emoji in a form: four bytes, each written as `%F0`."""
REST_OF_THE_FORM = 4096
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
    numbers = {key: value for key, value in settings.CHAT.items() if isinstance(value, int | float)}
    wrong = [key for key, value in numbers.items() if not isinstance(value, bool) and value <= 0]
    return [
        Error(f"CHAT[{key!r}] must be above 0.", hint="Remove it for the default.", id="chat.E003") for key in wrong
    ]


@register()
def rate_limits_can_be_read(**kwargs: Any) -> list[CheckMessage]:
    """Each `LIMIT_` key of `CHAT` is a list of limits."""
    hint = "Write it as '30/minute;1000/day', or '' for no limit."
    given = {key: value for key, value in settings.CHAT.items() if key.startswith("LIMIT_")}
    return [
        Error(f"CHAT[{key!r}] is no list of limits.", hint=hint, id="chat.E004")
        for key, value in given.items()
        if not _is_limits(value)
    ]


@register()
def the_longest_message_can_be_posted(**kwargs: Any) -> list[CheckMessage]:
    """Django takes a form that holds a message of `CHAT["MAX_MESSAGE_LENGTH"]` characters."""
    longest: Any = settings.CHAT.get("MAX_MESSAGE_LENGTH", conf.ChatSettings().max_message_length)
    needed = BYTES_OF_A_CHARACTER * longest + REST_OF_THE_FORM
    allowed: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if allowed is None or needed <= allowed:
        return []
    hint = f"Set DATA_UPLOAD_MAX_MEMORY_SIZE to {needed} or more, and let your proxy take bodies of that size."
    return [Error("A message of MAX_MESSAGE_LENGTH does not fit into a request.", hint=hint, id="chat.E005")]


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


@register(deploy=True)
def floods_are_limited(**kwargs: Any) -> list[CheckMessage]:
    """Each message costs the operator money."""
    if settings.CHAT.get("RATE_LIMITS"):
        return []
    return [Warning("Nobody's messages are limited.", hint="Set RATE_LIMITS=true.", id="chat.W003")]


def _is_limits(value: object) -> bool:
    try:
        return isinstance(value, str) and (not value.strip() or bool(parse_many(value)))
    except ValueError:
        return False
