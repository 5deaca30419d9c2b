"""One visit to each page in Firefox: its heading stands, nothing goes wrong, and a dial moves the numbers."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from resnext_viz import complexity, parse
from resnext_viz.kit.number_format import exact
from tests.browser.kit import firefox, installing
from tests.browser.kit.visit import is_elsewhere
from tests.browser.test_pages import TITLES


@pytest.fixture(scope="module")
def seen(app_url: str) -> dict[str, dict[str, Any]]:
    """What Firefox saw on each page, all of them opened by one; skipped with the reason where there is none."""
    keys = {"/": {"key": "ArrowRight"}}
    wanted = [{"address": f"{app_url}{path}", "heading": title, **keys.get(path, {})} for path, title in TITLES.items()]
    try:
        results = firefox.visits(wanted)
    except firefox.NoFirefoxError as error:
        pytest.skip(f"{firefox.LEFT_OUT}: {error}; `make firefox` gets one")
    return dict(zip(TITLES, results, strict=True))


@pytest.mark.parametrize("path", TITLES)
def test_a_page_opens_in_firefox_without_a_complaint(seen: dict[str, dict[str, Any]], path: str) -> None:
    page = seen[path]
    assert page["heading"] == TITLES[path]
    assert page["wrong"] == []
    assert [url for url in page["asked"] if is_elsewhere(url)] == []
    assert len(page["asked"]) > 1  # it was listened to


def test_a_dial_moves_the_numbers_in_firefox(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["/"]["params"] == [exact(complexity(parse(f"resnext50_{c}x4d")).params) for c in (32, 33)]


@pytest.mark.parametrize("ci", ["true", ""])
def test_no_firefox_is_no_failure_but_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(installing, "succeeds", lambda *_command: False)
    assert firefox.main() == 0
    assert "visits in Firefox are left out: there is no firefox-esr and no nodejs" in capsys.readouterr().err
    with pytest.raises(firefox.NoFirefoxError, match="no firefox-esr"):
        firefox.visits([])


@pytest.mark.parametrize(
    ("here", "installed"),
    [
        ({"apt-get"}, ["firefox-esr nodejs npm", "npm ci"]),
        ({"apt-get", "node", "npm"}, ["firefox-esr", "npm ci"]),
        ({"apt-get", "firefox", "node"}, ["npm", "npm ci"]),
        ({"firefox", "node", "npm"}, ["npm ci"]),
        ({"firefox", "node"}, []),
    ],
)
def test_only_what_is_missing_is_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, here: set[str], installed: list[str]
) -> None:
    """On a machine of root's where every installation works; nothing is there of Node's packages."""
    ran: list[str] = []

    def works(command: Sequence[str], _folder: Path | None = None) -> bool:
        if "install" in command:
            packages = command[command.index("--no-install-recommends") + 1 :]
            ran.append(" ".join(packages))
            here.update({"nodejs": "node"}.get(package, package) for package in packages)
        elif command[0] == "npm":
            ran.append(" ".join(command[:2]))
        return True

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in here else None)
    monkeypatch.setattr(installing, "succeeds", works)
    monkeypatch.setattr(firefox, "PUPPETEER", tmp_path)
    assert not firefox.fetched()  # what npm only claims to have installed is not there
    assert ran == installed
