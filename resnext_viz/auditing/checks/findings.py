"""All checks in their order, each mistake mended in turn, so that the effects add up.

A check looks at the plan as read, and as mended so far, beside the target's. What it finds it mends by taking the
target's value, and the difference in cost is that mistake's effect. When all are mended the two plans are one.
"""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.auditing.checks import block_checks as inside
from resnext_viz.auditing.checks import outer_checks as around
from resnext_viz.auditing.checks.mistakes import Check, Finding, FoundMistake, Mistake
from resnext_viz.auditing.checks.two_layer_checks import check_groups_of_two_layers
from resnext_viz.complexity import Cost
from resnext_viz.reading.plan import Plan, bare, plan_cost

__all__ = ["CHECKS", "Finding", "Mended", "Mistake", "is_mended", "mended_in_turn"]

CHECKS: tuple[Check, ...] = (
    around.check_folded,
    around.check_block_kind,
    around.check_stem,
    check_groups_of_two_layers,
    inside.check_groups_on_1x1,
    inside.check_cardinality,
    inside.check_width,
    inside.check_output,
    inside.check_stride,
    inside.check_kernel,
    inside.check_missing_projection,
    inside.check_extra_projection,
    inside.check_projection_shape,
    around.check_bias,
    around.check_missing_norm,
    around.check_second_norm,
    # Only now, so that no block of the target's stands between those that were read.
    around.check_stages,
    around.check_depths,
    around.check_head,
    around.check_classes,
)


class Mended(NamedTuple):
    """A mistake with its effect."""

    found: FoundMistake
    effect: Cost


def mended_in_turn(plan: Plan, target: Plan, image_size: int, strides_known: bool) -> tuple[list[Mended], Plan]:
    """Every mistake with its effect, and the plan with all of them mended."""
    mended = []
    before = plan_cost(plan, image_size).total
    for check in CHECKS:
        if check is inside.check_stride and not strides_known:
            plan = plan.paired(target, inside.with_strides_of)
            before = plan_cost(plan, image_size).total
            continue
        found = check(plan, target)
        if found is None:
            continue
        plan = found.mended
        after = plan_cost(plan, image_size).total
        mended.append(Mended(found, before.minus(after)))
        before = after
    return mended, plan


def is_mended(plan: Plan, target: Plan) -> bool:
    """Whether nothing is left to mend."""
    return bare(plan) == bare(target)
