"""Every project setting, read from the environment (and a `.env` file) in one place.

With no environment at all the project runs for development: DEBUG on, SQLite, an in-process channel layer, the demo
engine and the local ad sandbox. Each variable is described in `.env.example`; a value that cannot be read stops the
start with the variable's name.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env
from redis.backoff import NoBackoff
from redis.retry import Retry

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# --- Django ---------------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", True)
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Production needs one: put a long random value into the environment, for example "
            "the output of `python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
        )
    SECRET_KEY = "insecure-development-key-never-used-when-DEBUG-is-off"

HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000)
_local_hosts = ["*"] if HOST in ("0.0.0.0", "::") else ["localhost", "127.0.0.1", "[::1]", HOST]  # noqa: S104 - asked for
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", _local_hosts if DEBUG else [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "django_htmx",
    "kontext_integration",
    "chatapp",
]

MIDDLEWARE = [
    "chatapp.middleware.with_request_id",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "chatapp.middleware.with_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "chatapp.middleware.with_limits",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chatapp.people.with_person",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chatapp.middleware.in_one_thread",
]

if not DEBUG:
    # In development `runserver` serves the static files.
    MIDDLEWARE.insert(2, "whitenoise.middleware.WhiteNoiseMiddleware")

ROOT_URLCONF = "chatapp.urls"
ASGI_APPLICATION = "chatapp.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- Where things are kept ------------------------------------------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers wait for each other instead of failing, and readers never wait for a writer.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A request has a thread of its own, so its connection is lent, from a pool that drops what a restart has cut.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 20, "timeout": 10}

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL:
    # The cache only saves work: nobody waits long for it, and it is not asked twice.
    _quick = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": _quick,
        }
    }
    CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "chatapp.layers.InProcessLayer"}}

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "chatapp.storage.StaticFilesStorage"
        )
    },
}

# --- Language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Accounts -------------------------------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    _mail = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"] or "localhost", _mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
    EMAIL_FILE_PATH = _mail["EMAIL_FILE_PATH"]
    EMAIL_TIMEOUT = _mail["EMAIL_TIMEOUT"] or 10
    DEFAULT_FROM_EMAIL = _mail.get("DEFAULT_FROM_EMAIL", "webmaster@localhost")
else:
    EMAIL_BACKEND = f"django.core.mail.backends.{'console' if DEBUG else 'dummy'}.EmailBackend"

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "home"
ACCOUNT_ADAPTER = "chatapp.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "chatapp.account_forms.SignupForm",
    "reset_password": "chatapp.account_forms.ResetPasswordForm",
    "add_email": "chatapp.account_forms.AddEmailForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
# Confirmed by mail, sign up tells nobody whether an address has an account (docs/accounts.md). Without mail a mistyped
# password cannot be reset, so it is asked for twice.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "none"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"] if EMAIL_URL else ["email*", "password1*", "password2*"]
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# Staff who are logged in at the admin site may log in here as well.
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_USER_DISPLAY = "chatapp.accounts.name_of"
# By address `chatapp.limits` counts (CHAT["LIMIT_LOGINS_ADDRESS"]); here by e-mail address and by account.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/5m/key",
    "signup": None,
    "reset_password": "5/m/key",
    "reset_password_from_key": None,
}

# --- The chat -------------------------------------------------------------------------------------------------------

OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", "")
OPENAI_API_KEY = env.str("OPENAI_API_KEY", "")
OPENAI_MODEL = env.str("OPENAI_MODEL", "")

CHAT: dict[str, object] = {"RATE_LIMITS": env.bool("RATE_LIMITS", not DEBUG)}

# --- The ads --------------------------------------------------------------------------------------------------------

KONTEXT_PUBLISHER_TOKEN = env.str("KONTEXT_PUBLISHER_TOKEN", "")
KONTEXT_AD_SERVER_URL = env.str("KONTEXT_AD_SERVER_URL", "")
KONTEXT_SANDBOX_PORT = env.int("KONTEXT_SANDBOX_PORT", PORT + 1)

KONTEXT: dict[str, object] = {
    "PLACEMENT_CODES": env.list("KONTEXT_PLACEMENT_CODES", ["inlineAd"]),
    "TRANSPORT": env.str("KONTEXT_TRANSPORT", "server"),
    "USER_ID": "chatapp.people.user_id",
    "CLIENT_ADDRESS": "chatapp.addresses.of_request",
}
if KONTEXT_PUBLISHER_TOKEN:
    KONTEXT["PUBLISHER_TOKEN"] = KONTEXT_PUBLISHER_TOKEN
elif DEBUG:
    # Development without a token: the sandbox of `manage.py ad_sandbox`, on an origin of its own.
    KONTEXT["PUBLISHER_TOKEN"] = "sandbox"
    KONTEXT["AD_SERVER_URL"] = f"http://127.0.0.1:{KONTEXT_SANDBOX_PORT}"
if KONTEXT_AD_SERVER_URL:
    KONTEXT["AD_SERVER_URL"] = KONTEXT_AD_SERVER_URL

# --- Security -------------------------------------------------------------------------------------------------------

_ad_server = urlsplit(str(KONTEXT.get("AD_SERVER_URL", "https://server.megabrain.co")))
AD_ORIGIN = f"{_ad_server.scheme}://{_ad_server.netloc.rpartition('@')[2]}".lower()
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        # The frame's height is set through the element's style property, which no directive forbids.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, AD_ORIGIN] if KONTEXT["TRANSPORT"] == "browser" else [SELF],
        "frame-src": [AD_ORIGIN],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 365 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", 0)
"""How many of our own proxies append to `X-Forwarded-For`. With one, `X-Forwarded-Proto` and `X-Request-ID` are theirs
too; with none, these headers are anybody's and mean nothing."""
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", True)
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", TRUSTED_PROXY_COUNT > 0)
    # Probes and Prometheus ask this process itself, without the proxy.
    SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", False)
    # Both speak for other hosts of the domain, which are not ours to speak for: the operator's choice, not a fault.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    if SESSION_COOKIE_SECURE:
        # A browser takes a cookie of this prefix only from this very host and over https.
        SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

# The longest message is far below both, even when each character takes twelve bytes on the wire (`chat.E005`).
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# --- Seeing what happens --------------------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", "")
SENTRY_DSN = env.str("SENTRY_DSN", "")

# --- Logs: to the terminal; never with the text of a message --------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "chatapp.logs.NameTheContext"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}{context}: {message}", "style": "{"},
        "json": {"()": "chatapp.logs.JsonLines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env.bool("LOG_JSON", not DEBUG) else "line",
            "filters": ["context"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers would say everything twice.
        "django": {"handlers": [], "propagate": True},
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
    },
}
