"""A plan -> the spec that has exactly it, if there is one; and the spec it comes closest to by its own numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

from resnext_viz.complexity import complexity
from resnext_viz.errors import SpecError
from resnext_viz.names import PRESETS, name_of
from resnext_viz.reading.plan import Plan, Stage, bare, plan_of
from resnext_viz.spec import STAGE_LIMITS, STAGE_PLANES, BlockKind, OutputRule, ResNeXtSpec, Stem, StrideOn

_PAPER = tuple(name for name in PRESETS if not {"bias", "out2cd", "features"} & set(name.split("_")))
# What two networks may differ in, the weightiest first, as it is called on screen.
WORDS = {
    "block": "block",
    "depths": "blocks in each stage",
    "cardinality": "C",
    "base_width": "d",
    "stem": "stem",
    "expansion": "expansion",
    "output_rule": "output rule",
    "stride_on": "stride on",
    "shortcut": "shortcuts",
    "conv_bias": "convolution bias",
    "num_classes": "classes",
    "head": "head",
    "in_channels": "image channels",
}


class Difference(NamedTuple):
    """One option in which two specs differ."""

    option: str
    here: str
    there: str


def usual_plan(plan: Plan) -> Plan:
    """The plan of the same function as networks here are made: one norm behind each convolution, a bias in all or none.

    A norm that was folded into its convolution stands behind it again, a 1x1 stem is a 3x3 whose border is zero, and
    the linear layer has a bias, be it zero.
    """
    everywhere = all(step.bias and step.norms for step in plan.steps)
    plan = plan.every_step(lambda step: step._replace(norms=max(1, step.norms), bias=everywhere))
    stem = plan.stem[0]
    if len(plan.stem) == 1 and (stem.kernel, stem.stride) == (1, 1):
        plan = plan._replace(stem=(stem._replace(kernel=3),))
    return plan._replace(head=plan.head and plan.head._replace(bias=True))


def unfolded(plan: Plan) -> Plan:
    """The plan before norms were folded into its convolutions."""
    return plan.every_step(lambda step: step._replace(bias=False, norms=1) if step.is_folded else step)


def exact_spec(plan: Plan) -> ResNeXtSpec | None:
    """The spec whose layers are exactly these; None if there is none."""
    for spec in _candidates(plan):
        if bare(plan_of(spec)) == bare(plan):
            return spec
    return None


def _candidates(plan: Plan) -> Iterator[ResNeXtSpec]:
    """Specs to try, the usual first."""
    options = _options(plan)
    expansion = options.pop("expansion")
    rules: list[dict[str, Any]] = [{"expansion": expansion}, {"output_rule": OutputRule.WIDTH}]
    if looks_like_width_rule(plan):
        rules.reverse()
    for rule, shortcut in product(rules, (True, False)):
        try:
            yield ResNeXtSpec(**{**options, **rule, "shortcut": shortcut})
        except SpecError:
            continue


def meant_spec(plan: Plan) -> ResNeXtSpec | None:
    """What the network would be by the paper's rules, with its own C, d, depths, stem and head; None if out of range.

    Where stages disagree, the number that most of them have is taken, and the first of equals.
    """
    options = _options(plan)
    options |= {"stride_on": StrideOn.CONV3X3, "conv_bias": False, "depths": options["depths"][: STAGE_LIMITS[1]]}
    if looks_like_width_rule(plan) or not _has_planes_rule(plan):
        options["expansion"] = 4 if plan.stages[0][0].is_bottleneck else 1
    if four_cifar_stages(plan) and options["cardinality"] > 1:
        options["depths"] = options["depths"][:3]
    try:
        return ResNeXtSpec(**options)
    except SpecError:
        return None


def _options(plan: Plan) -> dict[str, Any]:
    """Options as they are read, unchecked."""
    bottleneck = plan.stages[0][0].is_bottleneck
    cardinality = cardinality_of(plan) if bottleneck else 1
    strided = [stage[0] for stage in plan.stages if stage[0].stride > 1]
    on_1x1 = bottleneck and any(block.main[0].stride > 1 for block in strided)
    return {
        "depths": tuple(map(len, plan.stages)),
        "cardinality": cardinality,
        "base_width": _base_width(plan, cardinality),
        "block": BlockKind.BOTTLENECK if bottleneck else BlockKind.BASIC,
        "expansion": max(1, _most([stage[0].main[-1].c_out // planes for stage, planes in _with_planes(plan)])),
        "stem": stem_of(plan),
        "stride_on": StrideOn.CONV1X1 if on_1x1 else StrideOn.CONV3X3,
        "conv_bias": all(step.bias for step in plan.steps),
        "num_classes": plan.head.classes if plan.head else 1000,
        "head": plan.head is not None,
        "in_channels": plan.stem[0].c_in,
    }


def stem_of(plan: Plan) -> Stem:
    """The stem of the family that comes closest."""
    strides = sum(step.stride > 1 for step in plan.stem)
    if plan.stem[0].kernel >= 5 or strides:
        return Stem.IMAGENET
    return Stem.CIFAR_POOL if plan.pool else Stem.CIFAR


def four_cifar_stages(plan: Plan) -> bool:
    """A CIFAR stem before four stages, where the paper's CIFAR networks have three."""
    return len(plan.stages) == 4 and stem_of(plan) is Stem.CIFAR


def cardinality_of(plan: Plan) -> int:
    """Groups of the 3x3; where those are dense, the groups that stand on the wrong convolution."""
    groups = _most([stage_groups(stage) for stage in plan.stages])
    if groups > 1 or not plan.stages[0][0].is_bottleneck:
        return groups
    blocks = [block for stage in plan.stages for block in stage[1:] or stage]
    return _most([max(block.main[0].groups, block.main[2].groups) for block in blocks])


def stage_groups(stage: Stage) -> int:
    """Groups of a stage's 3x3, as most of its blocks have them."""
    return _most([block.transform.groups for block in stage])


def stage_width(stage: Stage) -> int:
    """Width of a stage's 3x3, as most of its blocks have it."""
    return _most([block.transform.c_out for block in stage])


def _base_width(plan: Plan, cardinality: int) -> int:
    widths = [(stage_width(stage), cardinality * planes // STAGE_PLANES[0]) for stage, planes in _with_planes(plan)]
    whole = [width // unit for width, unit in widths if width % unit == 0]
    return _most(whole) if whole else max(1, widths[0][0] // widths[0][1])


def _with_planes(plan: Plan) -> list[tuple[Stage, int]]:
    return list(zip(plan.stages, STAGE_PLANES, strict=False))


def _has_planes_rule(plan: Plan) -> bool:
    """Whether outputs are one whole expansion of 64·2^s in every stage."""
    ratios = {divmod(block.main[-1].c_out, planes) for stage, planes in _with_planes(plan) for block in stage}
    return len(ratios) == 1 and all(rest == 0 and ratio > 0 for ratio, rest in ratios)


def looks_like_width_rule(plan: Plan) -> bool:
    """Whether the output is twice or four times the width, or four times d, and not 256·2^s; only where C > 1."""
    if not plan.stages[0][0].is_bottleneck or cardinality_of(plan) == 1:
        return False
    first = plan.stages[0][0]
    c_out, width = first.main[-1].c_out, first.transform.c_out
    followers = (2 * width, 4 * width, 4 * width // cardinality_of(plan))
    return c_out != 4 * STAGE_PLANES[0] and c_out in followers


def _most(values: Sequence[int]) -> int:
    """The commonest value; the first of equals."""
    return Counter(values).most_common(1)[0][0]


def differences(here: ResNeXtSpec, there: ResNeXtSpec) -> tuple[Difference, ...]:
    """In which options two specs differ, in words."""
    mine, yours = here.to_dict(), there.to_dict()
    return tuple(
        Difference(words, _shown(mine[name]), _shown(yours[name]))
        for name, words in WORDS.items()
        if mine[name] != yours[name]
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def nearest_preset(spec: ResNeXtSpec) -> str:
    """The name of the network, of the paper's and torchvision's, that differs in the fewest options."""
    plain = replace(spec, num_classes=1000, head=True)
    params = complexity(plain).params

    def distance(name: str) -> tuple[int, int]:
        other = replace(PRESETS[name], num_classes=1000)
        return len(differences(plain, other)), abs(complexity(other).params - params)

    name = name_of(spec)
    return name if name in _PAPER else min(_PAPER, key=distance)
