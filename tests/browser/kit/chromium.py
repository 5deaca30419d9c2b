"""Gets a Chromium for the browser tests where none starts yet: `python -m tests.browser.kit.chromium`."""

import sys
from collections.abc import Iterator

from resnext_viz.bench.app.browser import chromium
from resnext_viz.bench.result import BenchError
from tests.browser.kit import installing
from tests.support.ci import under_ci

LEFT_OUT = "the browser tests are left out: no Chromium starts here"


def starts() -> bool:
    """Whether a Chromium starts here."""
    try:
        with chromium():
            return True
    except BenchError:
        return False


def fetched() -> bool:
    """Whether a Chromium starts, after one way of installing it after another until one does."""
    return starts() or any(all(map(installing.succeeds, commands)) and starts() for commands in _ways())


def _ways() -> Iterator[list[list[str]]]:
    """Commands that install a Chromium: Debian's packages where we may, then Playwright's own."""
    root = installing.root_prefix()
    for package in ("chromium-headless-shell", "chromium"):
        if debians := installing.debian_install(root, package, "fonts-dejavu-core"):
            yield debians
    # The libraries it needs come with it where we may install them, and are taken to be there where we may not.
    libraries = [] if root is None else ["--with-deps"]
    yield [[sys.executable, "-m", "playwright", "install", *libraries, "chromium"]]


def main() -> int:
    """Exit status: 0, but 1 under CI if there is no Chromium."""
    if fetched():
        return 0
    print(f"Note: {LEFT_OUT}, and neither apt-get nor playwright could get one.", file=sys.stderr)
    return int(under_ci())


if __name__ == "__main__":
    sys.exit(main())
