"""Runs the command line: `python -m resnext_viz COMMAND ...`."""

import sys

CRASHED = 70  # what sysexits.h calls EX_SOFTWARE; Python's own 1 would pass for a check that found a difference


def run() -> int:
    """Exit status of the process's own command line, Ctrl-C while modules are still being read included."""
    try:
        from resnext_viz.cli import main

        return main()
    except KeyboardInterrupt:
        return 130  # `cli.STOPPED`, which may not be there yet
    except Exception:
        sys.excepthook(*sys.exc_info())
        return CRASHED


if __name__ == "__main__":
    sys.exit(run())
