"""`study` as a process of its own on a machine of known speed, killed as soon as its first finished run is written.

`python -m tests.cli.study_worker study ...`
"""

import os
import signal
import sys
from collections.abc import Iterable, Sequence

import torch

from resnext_viz.cli import main
from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.study_plan import Setting
from resnext_viz.training.run import event_files
from resnext_viz.training.study import planning
from resnext_viz.training.study.folder import StudyFolder
from resnext_viz.training.study.speed import Speed


def known_speeds(settings: Sequence[Setting], *_: object) -> dict[str, Speed]:
    """1,000 pictures a second in training and 4,000 in tests."""
    return {setting.key: Speed(1000.0, 4000.0) for setting in settings}


def kill_after_a_run() -> None:
    take = StudyFolder.take

    def killing(self: StudyFolder, runs: Iterable[StudyRun]) -> None:
        take(self, runs)
        os.kill(os.getpid(), signal.SIGKILL)

    StudyFolder.take = killing  # type: ignore[method-assign]


if __name__ == "__main__":
    torch.set_num_threads(1)
    planning.measured_speeds = known_speeds  # type: ignore[assignment, attr-defined]
    event_files.PACKAGE = "nobody_has_this"  # it takes seconds to load, and nobody reads its files here
    kill_after_a_run()
    sys.exit(main(sys.argv[1:]))
