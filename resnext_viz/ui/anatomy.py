"""The Anatomy page's drawings and downloads, mounted."""

from __future__ import annotations

from resnext_viz.figures.anatomy.block_drawing import block_drawing
from resnext_viz.figures.anatomy.network_drawing import network_drawing
from resnext_viz.figures.anatomy.shares import share_bars
from resnext_viz.figures.anatomy.stage_table import stage_table, stage_table_rows
from resnext_viz.figures.kit.svg_file import svg_file
from resnext_viz.kit.csv_file import csv_text
from resnext_viz.names import name_of, title_of
from resnext_viz.paper import TABLE_1
from resnext_viz.spec import ImageSize, ResNeXtSpec
from resnext_viz.ui.kit.choices import chosen_path
from resnext_viz.ui.kit.components import drawn
from resnext_viz.ui.kit.dialled import Dialled, counted
from resnext_viz.ui.kit.parts import OfferedFile

NETWORK, BLOCK = "network-drawing", "block-drawing"


def show_network(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The whole network; its blocks can be chosen."""
    drawn(network_drawing, dialled.complexity, chosen, key=NETWORK, sheet="anatomy")


def show_shares(dialled: Dialled) -> None:
    """Where the MACs and params are, beside the baseline's."""
    counts = dialled.complexity, dialled.baseline_complexity
    drawn(share_bars, *counts, dialled.baseline_title, key="share-bars", sheet="anatomy")


def show_block(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The chosen block with its true channel numbers, and its 3x3 as a matrix."""
    path = chosen_path(dialled.spec.cardinality)
    drawn(block_drawing, dialled.complexity, chosen, path, key=BLOCK, sheet="anatomy")


def show_table(dialled: Dialled) -> None:
    """The table in the shape of the paper's Table 1."""
    drawn(_table, dialled.spec, dialled.baseline, dialled.image_size, key="stage-table", sheet="anatomy")


def _table(spec: ResNeXtSpec, baseline: ResNeXtSpec, image_size: ImageSize) -> str:
    notes = {each: words for each in (spec, baseline) if (words := _paper_words(each, image_size))}
    return stage_table(
        counted(spec, image_size),
        counted(baseline, image_size),
        title_of(spec),
        title_of(baseline),
        {"network": notes.get(spec, ""), "baseline": notes.get(baseline, "")},
    )


def _paper_words(spec: ResNeXtSpec, image_size: ImageSize) -> str:
    """What the paper says of the network; on which image, where that is not the one shown."""
    total = TABLE_1.get(name_of(spec))
    if total is None:
        return ""
    papers = spec.default_image_size
    where = "" if image_size == papers else f" at {papers}×{papers} pixels"
    return f"paper: {total.params_millions} M params, {total.gmacs} G MACs{where}"


def svg_download(dialled: Dialled, chosen: tuple[int, int]) -> OfferedFile:
    """The network's drawing as a file of its own."""
    return OfferedFile(
        "Download SVG",
        f"{name_of(dialled.spec)}.svg",
        "image/svg+xml",
        lambda: svg_file(network_drawing(dialled.complexity, chosen), "light"),
    )


def csv_download(dialled: Dialled) -> OfferedFile:
    """The stage table as CSV."""
    return OfferedFile(
        "Download CSV",
        f"{name_of(dialled.spec)}-stages.csv",
        "text/csv",
        lambda: csv_text(stage_table_rows(dialled.complexity, dialled.baseline_complexity)),
    )
