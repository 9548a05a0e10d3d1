"""The settings of production, in a process of their own: as an operator starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OPERATOR = {
    "DEBUG": "false",
    "SECRET_KEY": "a-long-random-value-of-more-than-fifty-characters-for-this-test-0123456789",
    "ALLOWED_HOSTS": "chat.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://chat.example.com",
    "TRUSTED_PROXY_COUNT": "1",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
    "OPENAI_BASE_URL": "https://models.example.com/v1",
    "OPENAI_MODEL": "a-model",
    "KONTEXT_PUBLISHER_TOKEN": "publisher-token",
    "KONTEXT_AD_SERVER_URL": "",
    "METRICS_TOKEN": "",
    "SENTRY_DSN": "",
}
SHOW = """
import json, django
django.setup()
from django.conf import settings
names = {names!r}
print(json.dumps({{name: getattr(settings, name) for name in names}}, default=str))
"""


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = inherited | {"DJANGO_SETTINGS_MODULE": "chatapp.settings"} | OPERATOR | changes
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def settings(*names: str, **changes: str) -> dict[str, object]:
    done = run("-c", SHOW.format(names=names), **changes)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_deploy_check_finds_only_what_the_ad_server_has_to_send() -> None:
    done = run("manage.py", "check", "--deploy")
    found = {line.split("(")[1].split(")")[0] for line in done.stderr.splitlines() if line.startswith("?: (")}
    assert found <= {"kontext.W006"}, done.stderr
    assert done.returncode == 0


def test_django_itself_has_nothing_to_complain_about() -> None:
    done = run("manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "DEBUG")
    assert done.returncode == 0, done.stderr


def test_a_site_that_limits_nobody_is_pointed_out() -> None:
    assert "chat.W003" in run("manage.py", "check", "--deploy", RATE_LIMITS="false").stderr


def test_cookies_travel_over_https_only_and_belong_to_this_host() -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    assert settings(*names) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
    }


def test_plain_http_leads_to_https_but_probes_are_answered() -> None:
    found = settings("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_REDIRECT_EXEMPT")
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] == 3600
    assert found["SECURE_REDIRECT_EXEMPT"] == ["^healthz$", "^readyz$", "^metrics$"]


@pytest.mark.parametrize(("count", "believed"), [("0", None), ("1", ["HTTP_X_FORWARDED_PROTO", "https"])])
def test_what_a_proxy_says_is_believed_only_when_there_is_one(count: str, believed: object) -> None:
    assert settings("SECURE_PROXY_SSL_HEADER", TRUSTED_PROXY_COUNT=count) == {"SECURE_PROXY_SSL_HEADER": believed}


def test_the_frames_of_the_ad_server_and_no_others_are_allowed() -> None:
    policy = settings("CONTENT_SECURITY_POLICY")["CONTENT_SECURITY_POLICY"]
    assert isinstance(policy, dict)
    assert policy["DIRECTIVES"]["frame-src"] == ["https://server.megabrain.co"]
    assert policy["DIRECTIVES"]["connect-src"] == ["'self'"]


def test_without_a_secret_key_production_does_not_start() -> None:
    done = run("manage.py", "check", SECRET_KEY="")
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


def test_a_log_line_is_json_there_and_names_its_logger() -> None:
    code = "import django; django.setup(); import logging; logging.getLogger('chat').warning('hello')"
    line = json.loads(run("-c", code).stderr)
    assert (line["logger"], line["message"], line["level"]) == ("chat", "hello", "WARNING")
