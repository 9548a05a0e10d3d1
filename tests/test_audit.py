from __future__ import annotations

import socket

import pytest

from scripts import audit


def test_a_database_that_cannot_be_reached_is_said_loudly_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "DATABASE", ("weaknesses.test", 443))
    assert audit.main() == 0
    assert capsys.readouterr().out.startswith("NOT AUDITED: weaknesses.test cannot be reached")


def test_with_a_database_there_whatever_stops_the_audit_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as database:
        monkeypatch.setattr(audit, "DATABASE", database.getsockname())
        monkeypatch.setattr(audit, "PINNED", "no-such-requirements.txt")
        assert audit.main() != 0
