"""The process of a training command among others: torchrun's team, and its end by a signal."""

from __future__ import annotations

import io
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

from resnext_viz.commands.options.parser import USER_MISTAKE
from resnext_viz.errors import UserError

if TYPE_CHECKING:
    from resnext_viz.training.run.team import Team

FAILED, STOPPED = 1, 130  # exit statuses


@contextmanager
def training_team() -> Iterator[Team]:
    """The team that this process belongs to, whose leader alone speaks; SIGTERM does what Ctrl-C does."""
    from resnext_viz.training.run.team import team

    with terminated_as_interrupted(), team() as here, _spoken_for(here):
        yield here


@contextmanager
def _spoken_for(here: Team) -> Iterator[None]:
    """Only the leader prints; but a mistake of one machine, in its folders say, is told by one of its processes."""
    from resnext_viz.training.run.team import lost_process

    if here.leads:
        yield
        return
    try:
        with redirect_stdout(io.StringIO()):
            yield
    except UserError as error:
        if here.local_rank == 0:
            raise
        raise SystemExit(USER_MISTAKE) from error
    except KeyboardInterrupt as error:
        raise SystemExit(STOPPED) from error
    except RuntimeError as error:
        if not lost_process(error):
            raise
        raise SystemExit(FAILED) from error


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Inside, SIGTERM does what Ctrl-C does; it is heard in the background too, where shells have SIGINT ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
