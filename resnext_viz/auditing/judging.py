"""What a network is compared with when nothing is claimed, what counts as a mistake, and what is only suspicious."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from resnext_viz.auditing.checks.advice import ADVICE
from resnext_viz.auditing.checks.findings import Mended
from resnext_viz.auditing.checks.mistakes import Finding, FoundMistake, Mistake
from resnext_viz.complexity import complexity
from resnext_viz.names import PRESETS, title_of
from resnext_viz.reading.inventory import Inventory
from resnext_viz.reading.plan import Plan, Stage
from resnext_viz.reading.reader import Reading
from resnext_viz.reading.relatives import SAME_NETWORK, Trait
from resnext_viz.reading.specs import meant_spec, stage_groups
from resnext_viz.spec import BlockKind, ResNeXtSpec

# Dense networks that a grouped one becomes when its groups are forgotten: width of stage 1 -> the grouped networks.
_FORGOTTEN = {128: (32, 4), 256: (64, 4)}


_OF_STAGES = frozenset({Mistake.GROUPS_GROW, Mistake.GROUPS_VARY, Mistake.WIDTH_STAYS, Mistake.OUTPUT})


def compared_with(plan: Plan, inventory: Inventory) -> ResNeXtSpec | None:
    """What the network is compared with when nothing is claimed: the paper's rules, and what the module says of itself.

    A module whose own cardinality is not its convolutions' has lost its groups, or has C and d the wrong way round.
    """
    target = meant_spec(plan)
    if target is None or target.block is BlockKind.BASIC:
        return target
    c, d = target.cardinality, target.base_width
    said = inventory.attributes or {}
    said_c, said_d = said.get("cardinality", 1), said.get("base_width", 0)
    if (said_c, said_d) == (d, c):
        return replace(target, cardinality=d, base_width=c)
    if c == 1 and said_c > 1 and d % said_c == 0:
        return replace(target, cardinality=said_c, base_width=d // said_c)
    return target


def suspicions(target: ResNeXtSpec, plan: Plan, image_size: int) -> Iterator[Finding]:
    """What a legal network may be by mistake: a dense one of a grouped one's width, C and d the wrong way round."""
    c, d = target.cardinality, target.base_width
    if target.block is BlockKind.BASIC or any(stage_groups(stage) != c for stage in plan.stages):
        return
    known = {
        (spec.cardinality, spec.base_width)
        for name, spec in PRESETS.items()
        if spec.stem is target.stem and name.count("_") < 3
    }
    if c == 1 and d in _FORGOTTEN:
        yield _suspicion(Mistake.FORGOTTEN, target, _FORGOTTEN[d], image_size, f"3×3 dense, {d} wide: a Wide ResNet")
    elif 1 < c < d and (d, c) in known and (c, d) not in known:
        yield _suspicion(Mistake.SWAPPED, target, (d, c), image_size, f"{c} groups of width {d}")


def _suspicion(mistake: Mistake, target: ResNeXtSpec, meant: tuple[int, int], image_size: int, here: str) -> Finding:
    other = replace(target, cardinality=meant[0], base_width=meant[1])
    effect = complexity(target, image_size).total.minus(complexity(other, image_size).total)
    advice = ADVICE[mistake]
    there = f"{meant[0]} groups of width {meant[1]}, if {title_of(other)} was meant"
    return Finding(mistake, ("every 3×3",), here, there, effect, advice.remedy, advice.source, True, False)


def finding_of(mended: Mended, reading: Reading, plan: Plan, claimed: ResNeXtSpec | None) -> Finding:
    """A mended mistake in words, with its remedy and source."""
    found, effect = mended
    advice = ADVICE[found.mistake]
    remark = found.mistake is Mistake.FOLDED or (claimed is None and _is_variant(found, reading, plan))
    return Finding(found.mistake, found.where, found.here, found.there, effect, advice.remedy, advice.source, remark)


def _is_variant(found: FoundMistake, reading: Reading, plan: Plan) -> bool:
    """Known variants that nobody claimed to be without.

    ResNet v1's stride, option A's shortcuts, deep stems, and with these stages of other widths; dilation in place of
    a stride, groups in two-layer blocks, a linear layer without bias.
    """
    mistake, traits = found.mistake, {trait for trait, _ in reading.relatives}
    plain = all(block.transform.groups == 1 for block in plan.blocks)
    if mistake is Mistake.STEM or (mistake is Mistake.NO_NORM and {*found.where} <= {step.path for step in plan.stem}):
        return len(plan.stem) > 1
    if mistake in _OF_STAGES:  # as timm's networks of tiered stems have them
        return len(plan.stem) > 1 and all(map(_is_uniform, plan.stages))
    if mistake is Mistake.CLASSES:  # a linear layer without bias
        return plan.head is not None and plan.head.c_in == [*plan.blocks][-1].main[-1].c_out
    if mistake is Mistake.TWO_LAYER_GROUPS or (mistake is Mistake.STRIDE and Trait.DILATED in traits):
        return True
    if mistake is Mistake.NO_PROJECTION:
        return not plan.stages[0][0].is_bottleneck
    return mistake is Mistake.STRIDE_1X1 and plain


def _is_uniform(stage: Stage) -> bool:
    """Whether all blocks of a stage are alike, so that what is unusual in them is meant."""
    shapes = {(block.transform.c_out, block.transform.groups, block.main[-1].c_out) for block in stage}
    return len(shapes) == 1


def relative_findings(reading: Reading, claimed: bool) -> Iterator[Finding]:
    """Traits of relatives: mistakes against a claim, else remarks. A split convolution computes the same."""
    advice = ADVICE[Mistake.RELATIVE]
    for trait, paths in reading.relatives:
        same = trait in SAME_NETWORK
        yield Finding(
            Mistake.RELATIVE,
            paths,
            trait.value,
            "none of it in the paper",
            None,
            "It computes the same." if same else advice.remedy,
            "arXiv 1611.05431, Fig. 3" if same else advice.source,
            is_remark=same or trait is Trait.DEEP_STEM or not claimed,
        )
