"""One output element of the chosen block, split at path i: the numbers beside the three drawings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache, partial

from resnext_viz.figures.block_forms.aggregation.path_shares_drawing import Shares, path_shares_drawing
from resnext_viz.figures.kit.choice import block_at
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui.kit import controls
from resnext_viz.ui.kit.choices import chosen_path
from resnext_viz.ui.kit.components import REMEMBERED, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.computation import Computation, show_computed
from resnext_viz.ui.kit.jobs.shown_job import Standing

SHARES = "path-shares"
_NUMBERS = Standing[Computation](failed="This block’s numbers could not be computed.")
_LIGHT = 2**20  # weights of a block whose numbers take a few hundredths of a second


def show_path_shares(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """The split with its numbers; without them while torch loads, or a dial moves over large blocks."""
    if dialled.spec.block is BlockKind.BASIC:
        return
    paths = dialled.spec.cardinality
    path = chosen_path(paths)

    def show(job: Computation | None) -> None:
        _NUMBERS.show(job)
        drawn(path_shares_drawing, job.result if job else None, path, paths, key=SHARES, sheet="shares")

    weights = sum(layer.weights for layer in block_at(dialled.complexity.walk, chosen).layers)
    if controls.is_moving() and (weights > _LIGHT or "torch" not in sys.modules):
        show(None)
    else:
        show_computed("path_shares", (dialled.spec, chosen), partial(_computed, dialled.spec, chosen), show)


def _computed(spec: ResNeXtSpec, chosen: tuple[int, int]) -> Iterator[Shares]:
    yield _shares(spec, chosen)


@lru_cache(maxsize=REMEMBERED)
def _shares(spec: ResNeXtSpec, chosen: tuple[int, int]) -> Shares:
    from resnext_viz.nn.proof.equivalence import block_of
    from resnext_viz.nn.proof.path_shares import path_shares

    found = path_shares(block_of(spec, *chosen))
    return Shares(found.channel, found.shares, found.bias, found.product)
