"""The check of two-layer blocks: groups on their 3x3s, which no network of the paper has."""

from __future__ import annotations

from resnext_viz.auditing.checks.mistakes import FoundMistake, Mistake, pairs, paths_of, per_stage
from resnext_viz.reading.plan import Plan, PlanBlock


def check_groups_of_two_layers(plan: Plan, target: Plan) -> FoundMistake | None:
    """Groups on the 3x3s of two-layer blocks."""
    where = [
        step
        for mine, theirs in pairs(plan, target)
        if not (mine.is_bottleneck or theirs.is_bottleneck)
        for step in mine.main
        if step.groups > 1
    ]
    if not where:
        return None

    def mended(mine: PlanBlock, _theirs: PlanBlock) -> PlanBlock:
        if mine.is_bottleneck:
            return mine
        return mine._replace(main=tuple(step._replace(groups=1) for step in mine.main))

    groups = per_stage(sorted({step.groups for step in where}))
    here = f"3×3s in {groups} groups in blocks of two layers"
    return FoundMistake(Mistake.TWO_LAYER_GROUPS, paths_of(where), here, "dense 3×3s", plan.paired(target, mended))
