"""Programs that are lent the terminal see no secret of ours (F-45)."""

from __future__ import annotations

import pytest

from tui.child import environment


def test_a_shell_sees_no_variable_that_a_source_takes_its_secret_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """F-45."""
    monkeypatch.setenv("ZABBIX_TOKEN", "s3cr3t-canary")
    monkeypatch.setenv("LD_PRELOAD", "/tmp/x.so")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    known = environment()

    assert "s3cr3t-canary" not in known.values()
    assert not {"ZABBIX_TOKEN", "LD_PRELOAD"} & known.keys()
    assert (known["TERM"], known["LC_ALL"]) == ("xterm", "C.UTF-8")  # the control
    assert {"PATH", "HOME"} <= known.keys()
