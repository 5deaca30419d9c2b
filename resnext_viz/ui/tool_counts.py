"""The Counting page's table of tools: what each prints for the dialled network."""

from __future__ import annotations

from functools import lru_cache

from resnext_viz.conventions import tool_counts
from resnext_viz.csv_file import csv_text
from resnext_viz.figures.numbers import exact
from resnext_viz.figures.tool_counts import tool_rows, tool_table
from resnext_viz.names import name_of
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import Download, heading
from resnext_viz.ui.state import Dialled


def show_tool_counts(dialled: Dialled) -> None:
    """A row for each tool, with how its number follows from our MACs."""
    spec, size = dialled.spec, dialled.image_size
    heading(
        "Every tool’s number",
        f"Ours: {exact(dialled.complexity.macs)} MACs, the multiply-adds of convolutions and the linear layer, as the "
        "paper counts. Strips: what a tool counts beyond them, to one scale.",
        Download("Download CSV", f"{name_of(spec)}-tools.csv", "text/csv",
                 lambda: csv_text(tool_rows(tool_counts(spec, size)))),
    )
    drawing(_table(spec, size), key="tool-counts", sheet="tools")


@lru_cache(maxsize=REMEMBERED)
def _table(spec: ResNeXtSpec, image_size: int) -> bytes:
    return tool_table(tool_counts(spec, image_size)).encode()
