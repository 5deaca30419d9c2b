"""The Anatomy page's drawings and downloads, mounted."""

from __future__ import annotations

from functools import lru_cache

from resnext_viz.csv_file import csv_text
from resnext_viz.figures.block import block_drawing
from resnext_viz.figures.network import network_drawing
from resnext_viz.figures.shares import share_bars
from resnext_viz.figures.stage_table import stage_rows, stage_table
from resnext_viz.figures.svg_file import svg_file
from resnext_viz.names import name_of, title_of
from resnext_viz.paper import TABLE_1
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.ui.choices import chosen_path
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import Download
from resnext_viz.ui.state import Dialled, counted

NETWORK, BLOCK = "network-drawing", "block-drawing"


def show_network(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The whole network; its blocks can be chosen."""
    drawing(_network(dialled.spec, dialled.image_size, chosen), key=NETWORK, sheet="anatomy")


def show_shares(dialled: Dialled) -> None:
    """Where the MACs and params are, beside the baseline's."""
    drawing(_shares(dialled.spec, dialled.baseline, dialled.image_size), key="share-bars", sheet="anatomy")


def show_block(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The chosen block with its true channel numbers, and its 3x3 as a matrix."""
    path = chosen_path(dialled.spec.cardinality)
    drawing(_block(dialled.spec, dialled.image_size, chosen, path), key=BLOCK, sheet="anatomy")


def show_table(dialled: Dialled) -> None:
    """The table in the shape of the paper's Table 1."""
    drawing(_table(dialled.spec, dialled.baseline, dialled.image_size), key="stage-table", sheet="anatomy")


@lru_cache(maxsize=REMEMBERED)
def _network(spec: ResNeXtSpec, image_size: int, chosen: tuple[int, int]) -> bytes:
    return network_drawing(counted(spec, image_size), chosen).encode()


@lru_cache(maxsize=REMEMBERED)
def _shares(spec: ResNeXtSpec, baseline: ResNeXtSpec, image_size: int) -> bytes:
    return share_bars(counted(spec, image_size), counted(baseline, image_size), title_of(baseline)).encode()


@lru_cache(maxsize=REMEMBERED)
def _block(spec: ResNeXtSpec, image_size: int, chosen: tuple[int, int], path: int) -> bytes:
    return block_drawing(counted(spec, image_size), chosen, path).encode()


@lru_cache(maxsize=REMEMBERED)
def _table(spec: ResNeXtSpec, baseline: ResNeXtSpec, image_size: int) -> bytes:
    notes = {each: words for each in (spec, baseline) if (words := _paper_words(each))}
    return stage_table(
        counted(spec, image_size), counted(baseline, image_size), title_of(spec), title_of(baseline),
        {"network": notes.get(spec, ""), "baseline": notes.get(baseline, "")},
    ).encode()


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

