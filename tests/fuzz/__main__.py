"""The long run: python -m tests.fuzz --cases 20000 --seed 0. Exit status 1 if a promise was broken."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.campaign import run


def main() -> int:
    """Runs as told, prints the report, returns the exit status."""
    parser = argparse.ArgumentParser(description="Decodes spoiled files; none may do more than be refused.")
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(tempfile.gettempdir()) / "decoder-fuzz",
        help="where files go that broke a promise, or ended a worker",
    )
    options = parser.parse_args()
    report = run(options.cases, options.seed, options.out)
    sys.stdout.write(report.in_words() + "\n")
    return 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
