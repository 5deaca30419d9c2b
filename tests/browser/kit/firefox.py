"""Visits pages in Firefox; `python -m tests.browser.kit.firefox` gets one and what drives it, where they are missing.

Playwright drives only a Firefox of its own making and Debian has no geckodriver: a script for Node
(`puppeteer/visit_pages.mjs`) drives the machine's Firefox by puppeteer-core.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.browser.kit import installing

PUPPETEER = Path(__file__).parent / "puppeteer"
LEFT_OUT = "the visits in Firefox are left out"
_NAMES = ("firefox-esr", "firefox")
_NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
_VISIT_FAILED = 4  # the exit status of visit_pages.mjs
_LIMIT_S = 600  # CI may share its cores with others


class NoFirefoxError(Exception):
    """No Firefox can be driven here; the message says why."""


def visits(wanted: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """What was seen on each page of one Firefox; `visit_pages.mjs` says what is wanted and seen.

    Raises:
        NoFirefoxError: there is none that can be driven.
    """
    missing = list(_missing())
    if missing:
        raise NoFirefoxError(f"there is no {' and no '.join(missing)}")
    command = ["node", str(PUPPETEER / "visit_pages.mjs"), _firefox()]
    done = subprocess.run(  # words of our own, no shell
        command, input=json.dumps(wanted), capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    assert done.returncode != _VISIT_FAILED, done.stderr
    if done.returncode:
        raise NoFirefoxError(f"it cannot be driven: {done.stderr.strip()[-300:]}")
    seen: list[dict[str, Any]] = json.loads(done.stdout)
    return seen


def fetched() -> bool:
    """Whether all that a visit needs is here, after what was missing has been installed where that is possible."""
    debians = [package for package in _missing() if package != "puppeteer-core"]
    if debians:
        all(map(installing.succeeds, installing.debian_install(installing.root_prefix(), *debians)))
    if list(_missing()) == ["puppeteer-core"]:
        installing.succeeds(_NPM, PUPPETEER)
    return not list(_missing())


def main() -> int:
    """Exit status: 0, also under CI; where no Firefox can be had, a note says what is left out."""
    if not fetched():
        print(f"Note: {LEFT_OUT}: there is no {' and no '.join(_missing())}.", file=sys.stderr)
    return 0


def _missing() -> Iterator[str]:
    """What a visit needs and is not here: packages of Debian's, and one of Node's in the version that is pinned."""
    if not _firefox():
        yield "firefox-esr"
    if not shutil.which("node"):
        yield "nodejs"
    if not _is_pinned():
        if not shutil.which("npm"):
            yield "npm"
        yield "puppeteer-core"


def _firefox() -> str:
    return next((path for path in map(shutil.which, _NAMES) if path), "")


def _is_pinned() -> bool:
    installed = PUPPETEER / "node_modules" / "puppeteer-core" / "package.json"
    if not installed.is_file():
        return False
    pinned = json.loads((PUPPETEER / "package.json").read_text())["dependencies"]["puppeteer-core"]
    return bool(json.loads(installed.read_text())["version"] == pinned)


if __name__ == "__main__":
    sys.exit(main())
