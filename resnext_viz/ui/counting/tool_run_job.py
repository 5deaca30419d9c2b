"""Running the very tool of a row on the dialled network, in a process of its own, bounded in time and memory."""

from __future__ import annotations

import json

from resnext_viz.figures.counting.tool_runs import ShownRun, ToolPrint
from resnext_viz.names import name_of
from resnext_viz.spec import ImageSize, ResNeXtSpec, size_text
from resnext_viz.ui.kit.jobs.command_job import CommandJob

_LIMIT_S = 120.0


class ToolRunJob(CommandJob):
    """One run of the installed tools of a rule."""

    def __init__(self, spec: ResNeXtSpec, image_size: ImageSize, rule: str) -> None:
        super().__init__("count", name_of(spec), "--image-size", size_text(image_size), "--run", rule, "--json",
                         about=(spec, image_size))  # fmt: skip
        self.rule = rule

    @property
    def limit_s(self) -> float:
        return _LIMIT_S

    @property
    def shown(self) -> ShownRun:
        """How it stands, and what the tools printed once it has ended."""
        if not self.finished:
            return ShownRun(self.rule, is_running=self.running)
        runs = json.loads("\n".join(self.lines))["runs"]
        return ShownRun(self.rule, tuple(ToolPrint(**run) for run in runs))
