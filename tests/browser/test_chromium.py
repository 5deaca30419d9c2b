"""Browser tests may be left out where no Chromium can be had, with a word about it, but never under CI."""

import os
import shutil
import sys

import pytest

from tests.browser.kit import chromium, installing


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("1", 1), ("", 0), ("false", 0), ("0", 0)])
def test_no_chromium_is_a_failure_under_ci_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, status: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(chromium, "fetched", lambda: False)
    assert chromium.main() == status
    assert "browser tests are left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("user", "tools", "first_commands"),
    [
        (0, {"apt-get"}, ["env", "env", "{python}"]),
        (1000, {"apt-get", "sudo"}, ["sudo", "sudo", "{python}"]),
        (1000, {"apt-get"}, ["{python}"]),
        (0, set(), ["{python}"]),
    ],
)
def test_debians_packages_are_tried_first_where_they_may_be_installed(
    monkeypatch: pytest.MonkeyPatch, user: int, tools: set[str], first_commands: list[str]
) -> None:
    tried: list[str] = []

    def fails(command: list[str]) -> bool:
        tried.append(command[0])
        return command[-1] == "true"  # sudo asks for no password; every installation fails

    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in tools else None)
    monkeypatch.setattr(chromium, "starts", lambda: False)
    monkeypatch.setattr(installing, "succeeds", fails)
    assert not chromium.fetched()
    installers = tried[1:] if tried[0] == "sudo" else tried
    assert installers == [name.format(python=sys.executable) for name in first_commands]
