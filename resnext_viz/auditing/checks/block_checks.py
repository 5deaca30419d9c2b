"""Checks inside the blocks: groups, widths, outputs, strides, kernels and projections."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from resnext_viz.auditing.checks.mistakes import FoundMistake, Mistake, pairs, paths_of, per_stage
from resnext_viz.reading.plan import Plan, PlanBlock, PlanStep
from resnext_viz.reading.specs import stage_groups, stage_width


def check_groups_on_1x1(plan: Plan, target: Plan) -> FoundMistake | None:
    """Groups on the reducing or expanding 1x1, moved to a dense 3x3."""
    where = [
        step
        for mine, theirs in pairs(plan, target)
        if mine.is_bottleneck and theirs.is_bottleneck
        for step in (mine.main[0], mine.main[2])
        if step.groups > 1
    ]
    if not where:
        return None

    def mended(mine: PlanBlock, theirs: PlanBlock) -> PlanBlock:
        reduce, transform, expand = mine.main
        if transform.groups == 1 and max(reduce.groups, expand.groups) > 1:
            transform = _with_groups(transform, theirs.transform)
        return mine._replace(main=(reduce._replace(groups=1), transform, expand._replace(groups=1)))

    groups = per_stage(sorted({step.groups for step in where}))
    return FoundMistake(
        Mistake.GROUPS_ON_1X1,
        paths_of(where),
        f"1×1 in {groups} groups",
        "1×1 dense, groups on the 3×3",
        plan.paired(target, mended),
    )


def _with_groups(step: PlanStep, wanted: PlanStep) -> PlanStep:
    """The 3x3 with the groups wanted; where its width does not divide, with the width too."""
    width = wanted.c_out if step.c_out % wanted.groups else step.c_out
    return step._replace(groups=wanted.groups, c_out=width)


def check_cardinality(plan: Plan, target: Plan) -> FoundMistake | None:
    """A 3x3 with other groups: forgotten, swapped with d, growing, differing."""
    where = [mine.transform for mine, theirs in pairs(plan, target) if mine.transform.groups != theirs.transform.groups]
    if not where:
        return None

    def mended(mine: PlanBlock, theirs: PlanBlock) -> PlanBlock:
        if not mine.is_bottleneck or mine.transform.groups == theirs.transform.groups:
            return mine
        transform = _with_groups(mine.transform, theirs.transform)
        return mine._replace(main=(mine.main[0]._replace(c_out=transform.c_out), transform, mine.main[2]))

    groups = [stage_groups(stage) for stage in plan.stages]
    wanted = stage_groups(target.stages[0])
    return FoundMistake(
        _which_cardinality(plan, target, groups, wanted),
        paths_of(where),
        _groups_words(plan, groups),
        f"{wanted} groups in every stage",
        plan.paired(target, mended),
    )


def _groups_words(plan: Plan, groups: Sequence[int]) -> str:
    every = {block.transform.groups for block in plan.blocks}
    if every == {1}:
        return "3×3 dense"
    return f"3×3 in {per_stage(groups) if every == set(groups) else ' and '.join(map(str, sorted(every)))} groups"


def _which_cardinality(plan: Plan, target: Plan, groups: Sequence[int], wanted: int) -> Mistake:
    if {block.transform.groups for block in plan.blocks} == {1}:
        return Mistake.FORGOTTEN
    widths = [stage_width(stage) for stage in plan.stages]
    if len(set(groups)) > 1:
        grow = all(b == 2 * a for a, b in pairwise(groups))
        return Mistake.GROUPS_GROW if grow else Mistake.GROUPS_VARY
    if len({block.transform.groups for block in plan.blocks}) > 1:
        return Mistake.GROUPS_VARY
    base_width = stage_width(target.stages[0]) // wanted
    swapped = (groups[0], widths[0] // groups[0]) == (base_width, wanted) and base_width != wanted
    return Mistake.SWAPPED if swapped else Mistake.CARDINALITY


def check_width(plan: Plan, target: Plan) -> FoundMistake | None:
    """A 3x3 of another width."""
    where = [
        mine.transform
        for mine, theirs in pairs(plan, target)
        if (mine.main[0].c_out, mine.transform.c_out) != (theirs.main[0].c_out, theirs.transform.c_out)
    ]
    if not where:
        return None

    def mended(mine: PlanBlock, theirs: PlanBlock) -> PlanBlock:
        inner = tuple(a._replace(c_out=b.c_out) for a, b in zip(mine.main[:-1], theirs.main[:-1], strict=True))
        return mine._replace(main=(*inner, mine.main[-1]))

    widths = [stage_width(stage) for stage in plan.stages]
    there = [stage_width(stage) for stage in target.stages]
    varies = any(
        {block.transform.c_out for block in stage} != {width} for stage, width in zip(plan.stages, widths, strict=True)
    )
    kind = Mistake.WIDTH_VARIES if varies else Mistake.WIDTH
    if not varies and len(widths) > 1 and any(b != 2 * a for a, b in pairwise(widths)):
        kind = Mistake.WIDTH_STAYS
    return FoundMistake(
        kind,
        paths_of(where),
        f"3×3 of width {per_stage(widths)}",
        f"C·d·2ˢ = {per_stage(there)}",
        plan.paired(target, mended),
    )


def check_output(plan: Plan, target: Plan) -> FoundMistake | None:
    """Blocks that put out another number of channels."""
    where = [mine.main[-1] for mine, theirs in pairs(plan, target) if mine.main[-1].c_out != theirs.main[-1].c_out]
    if not where:
        return None

    def mended(mine: PlanBlock, theirs: PlanBlock) -> PlanBlock:
        return mine._replace(main=(*mine.main[:-1], mine.main[-1]._replace(c_out=theirs.main[-1].c_out)))

    outputs, there = ([stage[0].main[-1].c_out for stage in each.stages] for each in (plan, target))
    return FoundMistake(
        _which_output(plan),
        paths_of(where),
        f"output {per_stage(outputs)}",
        per_stage(there),
        plan.paired(target, mended),
    )


def _which_output(plan: Plan) -> Mistake:
    firsts = [stage[0] for stage in plan.stages]
    if not firsts[0].is_bottleneck:
        return Mistake.OUTPUT
    if all(block.main[-1].c_out == 2 * block.transform.c_out for block in firsts):
        return Mistake.OUTPUT_WIDTH
    d4 = all(
        block.main[-1].c_out * block.transform.groups == 4 * block.transform.c_out > block.main[-1].c_out
        for block in firsts
    )
    return Mistake.OUTPUT_D if d4 else Mistake.OUTPUT


def check_stride(plan: Plan, target: Plan) -> FoundMistake | None:
    """Strides in other places."""

    def strides(block: PlanBlock) -> tuple[int, ...]:
        return tuple(step.stride for step in block.steps)

    where = [
        mine
        for mine, theirs in pairs(plan, target)
        if tuple(step.stride for step in mine.main) != tuple(step.stride for step in theirs.main)
        or (mine.projection and theirs.projection and mine.projection.stride != theirs.projection.stride)
    ]
    if not where:
        return None
    on_1x1 = all(block.is_bottleneck and strides(block)[:3] == (2, 1, 1) for block in where)
    if on_1x1:
        return FoundMistake(
            Mistake.STRIDE_1X1,
            paths_of(block.main[0] for block in where),
            "stride 2 on the first 1×1",
            "stride 2 on the 3×3",
            plan.paired(target, with_strides_of),
        )
    return FoundMistake(
        Mistake.STRIDE,
        tuple(block.path for block in where),
        f"strides {' and '.join(sorted({'-'.join(map(str, strides(block))) for block in where}))}",
        "stride 2 on the 3×3 and the projection of the first block of stages 2, 3, 4; 1 elsewhere",
        plan.paired(target, with_strides_of),
    )


def with_strides_of(mine: PlanBlock, theirs: PlanBlock) -> PlanBlock:
    """A block with the strides of another."""
    main = tuple(a._replace(stride=b.stride) for a, b in zip(mine.main, theirs.main, strict=True))
    stride = theirs.projection.stride if theirs.projection else theirs.stride
    return mine._replace(main=main, projection=mine.projection and mine.projection._replace(stride=stride))


def check_kernel(plan: Plan, target: Plan) -> FoundMistake | None:
    """Other kernels than 1x1, 3x3, 1x1."""
    where = [
        a
        for mine, theirs in pairs(plan, target)
        for a, b in zip(mine.main, theirs.main, strict=True)
        if a.kernel != b.kernel
    ]
    if not where:
        return None
    mended = plan.paired(
        target,
        lambda mine, theirs: mine._replace(
            main=tuple(a._replace(kernel=b.kernel) for a, b in zip(mine.main, theirs.main, strict=True))
        ),
    )
    kernels = ", ".join(f"{kernel}×{kernel}" for kernel in sorted({step.kernel for step in where}))
    return FoundMistake(Mistake.KERNEL, paths_of(where), f"kernel {kernels}", "3×3", mended)


def check_missing_projection(plan: Plan, target: Plan) -> FoundMistake | None:
    """An identity where a projection is needed."""
    where = [mine.path for mine, theirs in pairs(plan, target) if theirs.projection and not mine.projection]
    if not where:
        return None

    def mended(mine: PlanBlock, theirs: PlanBlock) -> PlanBlock:
        if mine.projection or not theirs.projection:
            return mine
        last = mine.main[-1]
        return mine._replace(projection=theirs.projection._replace(bias=last.bias, norms=last.norms))

    return FoundMistake(
        Mistake.NO_PROJECTION,
        tuple(where),
        "no 1×1 on the shortcut, though channels or map change",
        "a 1×1 with batch norm",
        plan.paired(target, mended),
    )


def check_extra_projection(plan: Plan, target: Plan) -> FoundMistake | None:
    """A projection where the identity does."""
    where = [mine.projection for mine, theirs in pairs(plan, target) if mine.projection and not theirs.projection]
    if not where:
        return None
    mended = plan.paired(target, lambda mine, theirs: mine if theirs.projection else mine._replace(projection=None))
    return FoundMistake(
        Mistake.PROJECTION,
        paths_of(where),
        "a projection though the block keeps channels and map",
        "an identity",
        mended,
    )


def check_projection_shape(plan: Plan, target: Plan) -> FoundMistake | None:
    """A projection that is no dense 1x1."""
    where = [
        mine.projection
        for mine, theirs in pairs(plan, target)
        if mine.projection and theirs.projection and (mine.projection.kernel, mine.projection.groups) != (1, 1)
    ]
    if not where:
        return None
    mended = plan.paired(
        target,
        lambda mine, _: mine._replace(projection=mine.projection and mine.projection._replace(kernel=1, groups=1)),
    )
    first = where[0]
    return FoundMistake(
        Mistake.PROJECTION_SHAPE,
        paths_of(where),
        f"{first.kernel}×{first.kernel} in {first.groups} groups",
        "1×1, dense",
        mended,
    )
