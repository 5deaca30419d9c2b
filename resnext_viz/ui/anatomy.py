"""The Anatomy page's drawings and downloads, mounted."""

from __future__ import annotations

from resnext_viz.figures.block import block_drawing
from resnext_viz.figures.network import network_drawing
from resnext_viz.figures.shares import share_bars
from resnext_viz.figures.stage_table import stage_rows, stage_table
from resnext_viz.figures.svg_file import svg_file
from resnext_viz.names import name_of
from resnext_viz.paper import TABLE_1
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.choices import chosen_path
from resnext_viz.ui.components import drawing
from resnext_viz.ui.parts import Download, csv_text
from resnext_viz.ui.state import Dialled

NETWORK, BLOCK = "network-drawing", "block-drawing"


def show_network(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The whole network; its blocks can be chosen."""
    drawing(network_drawing(dialled.complexity, chosen), key=NETWORK)


def show_shares(dialled: Dialled) -> None:
    """Where the MACs and params are, beside the baseline's."""
    drawing(share_bars(dialled.complexity, dialled.baseline_complexity, dialled.baseline_title), key="share-bars")


def show_block(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The chosen block with its true channel numbers, and its 3x3 as a matrix."""
    drawing(block_drawing(dialled.complexity, chosen, chosen_path(dialled.spec.cardinality)), key=BLOCK)


def show_table(dialled: Dialled) -> None:
    """The table in the shape of the paper's Table 1."""
    notes = {spec: words for spec in (dialled.spec, dialled.baseline) if (words := _paper_words(spec))}
    drawing(
        stage_table(
            dialled.complexity, dialled.baseline_complexity, dialled.title, dialled.baseline_title,
            {"network": notes.get(dialled.spec, ""), "baseline": notes.get(dialled.baseline, "")},
        ),
        key="stage-table",
    )


def _paper_words(spec: ResNeXtSpec) -> str:
    total = TABLE_1.get(name_of(spec))
    return f"paper: {total.params_millions} M params, {total.gmacs} G MACs" if total else ""


def svg_download(dialled: Dialled, chosen: tuple[int, int]) -> Download:
    """The network's drawing as a file of its own."""
    return Download(
        "Download SVG", f"{name_of(dialled.spec)}.svg", "image/svg+xml",
        lambda: svg_file(network_drawing(dialled.complexity, chosen), "light"),
    )


def csv_download(dialled: Dialled) -> Download:
    """The stage table as CSV."""
    return Download("Download CSV", f"{name_of(dialled.spec)}-stages.csv", "text/csv",
                    lambda: csv_text(stage_rows(dialled.complexity, dialled.baseline_complexity)))

