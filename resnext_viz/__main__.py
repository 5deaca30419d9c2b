"""Runs the command line: `python -m resnext_viz COMMAND ...`."""

import sys

from resnext_viz.cli import main

if __name__ == "__main__":
    sys.exit(main())
