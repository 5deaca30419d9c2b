"""Runs the command line: `python -m resnext_viz COMMAND ...`."""

import sys
from contextlib import suppress

CRASHED = 70  # what sysexits.h calls EX_SOFTWARE; Python's own 1 would pass for a check that found a difference


def run() -> int:
    """Exit status of the process's own command line, Ctrl-C while modules are still being read included."""
    try:
        from resnext_viz.cli import main

        return main()
    except KeyboardInterrupt:
        return 130  # `cli.STOPPED`, which may not be there yet
    except Exception as error:
        sys.excepthook(*sys.exc_info())
        with suppress(Exception):  # what is broken may be what is needed here; the status says it too
            _tell(error)
        return CRASHED


def _tell(error: Exception) -> None:
    """Tells the program that started us, if it asked for that, whether it was for want of memory."""
    from resnext_viz.errors import ErrorCode
    from resnext_viz.kit.error_line import ToldError, is_asked_for

    if is_asked_for():
        is_short = isinstance(error, MemoryError)
        if "torch" in sys.modules:
            from resnext_viz.inference.engines.fallback import is_out_of_memory

            is_short = is_out_of_memory(error)
        code = ErrorCode.OUT_OF_MEMORY if is_short else ErrorCode.CRASHED
        print(ToldError(code, type(error).__name__).to_line(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(run())
