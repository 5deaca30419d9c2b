"""Checks around the blocks: stages and how many blocks, stem, bias, batch norm, head."""

from __future__ import annotations

from resnext_viz.auditing.checks.mistakes import FoundMistake, Mistake, pairs, paths_of
from resnext_viz.reading.plan import Head, Plan, rejoined
from resnext_viz.reading.specs import four_cifar_stages


def check_stages(plan: Plan, target: Plan) -> FoundMistake | None:
    """Too many stages, or too few."""
    if len(plan.stages) == len(target.stages):
        return None
    cifar = four_cifar_stages(plan) and len(target.stages) == 3
    mended = rejoined(plan._replace(stages=(*plan.stages, *target.stages[len(plan.stages) :])[: len(target.stages)]))
    where = tuple(block.path for stage in plan.stages[len(target.stages) :] for block in stage)
    return FoundMistake(
        Mistake.CIFAR_STAGES if cifar else Mistake.STAGES,
        where,
        f"{len(plan.stages)} stages",
        f"{len(target.stages)}",
        mended,
    )


def check_depths(plan: Plan, target: Plan) -> FoundMistake | None:
    """Other numbers of blocks in a stage."""
    here, there = (", ".join(str(len(stage)) for stage in each.stages) for each in (plan, target))
    if here == there:
        return None
    stages = tuple(
        (*mine, *theirs[len(mine) :])[: len(theirs)] for mine, theirs in zip(plan.stages, target.stages, strict=True)
    )
    where = tuple(
        mine[0].path.rpartition(".")[0] or mine[0].path
        for mine, theirs in zip(plan.stages, target.stages, strict=True)
        if len(mine) != len(theirs)
    )
    return FoundMistake(Mistake.DEPTHS, where, f"{here} blocks", there, rejoined(plan._replace(stages=stages)))


def check_block_kind(plan: Plan, target: Plan) -> FoundMistake | None:
    """Two-layer blocks for bottlenecks, or the other way round."""
    other = [mine.path for mine, theirs in pairs(plan, target) if len(mine.main) != len(theirs.main)]
    if not other:
        return None
    names = {True: "bottleneck", False: "two 3×3"}
    mended = plan.paired(target, lambda mine, theirs: mine if len(mine.main) == len(theirs.main) else theirs)
    return FoundMistake(
        Mistake.BLOCK,
        tuple(other),
        names[plan.stages[0][0].is_bottleneck],
        names[target.stages[0][0].is_bottleneck],
        mended,
    )


def check_stem(plan: Plan, target: Plan) -> FoundMistake | None:
    """Another stem; its bias and norm are checked with the others."""

    def shape(each: Plan) -> tuple[object, ...]:
        return each.pool, *(step._replace(path="", norms=1, bias=False) for step in each.stem)

    if shape(plan) == shape(target):
        return None
    step = target.stem[0]._replace(path=plan.stem[0].path, norms=plan.stem[0].norms, bias=plan.stem[0].bias)
    return FoundMistake(
        Mistake.STEM,
        paths_of(plan.stem),
        _stem_words(plan),
        _stem_words(target),
        rejoined(plan._replace(stem=(step,), pool=target.pool)),
    )


def _stem_words(plan: Plan) -> str:
    convs = ", ".join(
        f"{step.kernel}×{step.kernel} {step.c_in} → {step.c_out} stride {step.stride}" for step in plan.stem
    )
    return f"{convs}{', pooled' if plan.pool else ''}"


def check_bias(plan: Plan, target: Plan) -> FoundMistake | None:
    """Bias where there should be none, or none where there should be."""
    wanted = target.stem[0].bias
    where = [step for step in plan.steps if step.bias != wanted]
    if not where:
        return None
    mended = plan.every_step(lambda step: step._replace(bias=wanted))
    has, has_not = "convolutions with bias", "without bias: batch norm takes it away"
    here, there = (has, has_not) if not wanted else ("convolutions without bias", "with bias")
    return FoundMistake(Mistake.BIAS, paths_of(where), here, there, mended)


def check_folded(plan: Plan, target: Plan) -> FoundMistake | None:
    """Convolutions with a bias and no norm: it was folded into them, as is done for inference."""
    where = [step for step in plan.steps if step.is_folded]
    if not where:
        return None
    bias = target.stem[0].bias
    mended = plan.every_step(lambda step: step._replace(bias=bias, norms=1) if step.is_folded else step)
    here = "convolutions with a bias and no batch norm behind them"
    return FoundMistake(Mistake.FOLDED, paths_of(where), here, "batch norm and no bias, as it was trained", mended)


def check_missing_norm(plan: Plan, _target: Plan) -> FoundMistake | None:
    """A convolution with no norm behind it."""
    where = [step for step in plan.steps if not step.norms]
    if not where:
        return None
    mended = plan.every_step(lambda step: step._replace(norms=max(1, step.norms)))
    return FoundMistake(
        Mistake.NO_NORM, paths_of(where), "no batch norm behind the convolution", "one behind each", mended
    )


def check_second_norm(plan: Plan, _target: Plan) -> FoundMistake | None:
    """A convolution with more than one norm behind it."""
    where = [step for step in plan.steps if step.norms > 1]
    if not where:
        return None
    mended = plan.every_step(lambda step: step._replace(norms=min(1, step.norms)))
    return FoundMistake(
        Mistake.TWO_NORMS, paths_of(where), f"{max(step.norms for step in where)} batch norms in a row", "one", mended
    )


def check_head(plan: Plan, target: Plan) -> FoundMistake | None:
    """A head where there should be none, or none."""
    if (plan.head is None) == (target.head is None):
        return None
    here, there = ("no linear layer", "pooling and a linear layer") if plan.head is None else ("a linear layer", "none")
    where = (plan.head.path,) if plan.head else ()
    return FoundMistake(Mistake.HEAD, where, here, there, rejoined(plan._replace(head=target.head)))


def check_classes(plan: Plan, target: Plan) -> FoundMistake | None:
    """Another linear layer."""
    mine, theirs = plan.head, target.head
    if mine is None or theirs is None or mine._replace(path="") == theirs._replace(path=""):
        return None
    mended = plan._replace(head=theirs._replace(path=mine.path))
    return FoundMistake(Mistake.CLASSES, (mine.path,), _head_words(mine), _head_words(theirs), mended)


def _head_words(head: Head) -> str:
    return f"linear layer {head.c_in:,} → {head.classes:,}{'' if head.bias else ' without bias'}"
