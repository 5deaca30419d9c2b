"""The whole answer about a network: which one it is or comes closest to, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from resnext_viz.auditing.advice import ADVICE
from resnext_viz.auditing.findings import Finding, Mended, Mistake, is_mended, mended_in_turn
from resnext_viz.auditing.inventory import Inventory
from resnext_viz.auditing.plan import Plan, PlanCost, plan_cost, plan_of
from resnext_viz.auditing.reading import Reading, in_words, read
from resnext_viz.auditing.relatives import Trait
from resnext_viz.auditing.specs import Difference, differences, exact_spec, meant_spec, nearest_preset, stage_groups
from resnext_viz.complexity import Cost, complexity
from resnext_viz.names import PRESETS, name_of, title_of
from resnext_viz.spec import BlockKind, ResNeXtSpec, check_image_size

# Dense networks that a grouped one becomes when its groups are forgotten: width of stage 1 -> the grouped networks.
_FORGOTTEN = {128: (32, 4), 256: (64, 4)}


@dataclass(frozen=True)
class Audit:
    """What was found about one network.

    Attributes:
        reading: the network as it was read.
        claimed: what it is said to be, if anything was said.
        image_size: side of the image that MACs are counted for, in pixels.
        findings: mistakes first, then remarks; the effects of all that were mended add up to `difference`.
        spec: the network of the family that it is, to the last tensor; None if it is none.
        target: what it was compared with: `claimed`, or the network it comes closest to by its own numbers.
    """

    reading: Reading
    claimed: ResNeXtSpec | None
    image_size: int
    findings: tuple[Finding, ...]
    spec: ResNeXtSpec | None
    target: ResNeXtSpec | None
    fully_mended: bool

    @property
    def plan(self) -> Plan | None:
        return self.reading.plan

    @property
    def is_family(self) -> bool:
        """Whether residual blocks of this family were found at all."""
        return self.reading.plan is not None

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_remark)

    @property
    def remarks(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_remark)

    @property
    def params(self) -> int | None:
        """Learned elements of the whole network, counted on its tensors; None where lazy layers have none yet."""
        return self.reading.inventory.params

    @cached_property
    def cost(self) -> PlanCost | None:
        """Cost of what was read, by stage."""
        return plan_cost(self.reading.plan, self.image_size) if self.reading.plan else None

    @property
    def unaccounted(self) -> int:
        """Learned elements that have no place in what was read."""
        return 0 if self.cost is None or self.params is None else self.params - self.cost.total.params

    @property
    def difference(self) -> Cost | None:
        """Cost of what was read, less that of the target."""
        if self.cost is None or self.target is None:
            return None
        return self.cost.total.minus(complexity(self.target, self.image_size).total)

    @cached_property
    def nearest(self) -> tuple[str, tuple[Difference, ...]] | None:
        """The closest network of the paper or torchvision, by name, and in what the target differs from it."""
        here = self.spec or self.target
        if here is None:
            return None
        name = nearest_preset(here)
        return name, differences(here, PRESETS[name])

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        if self.reading.plan is None:
            return f"This is no network of the ResNet family: {self.reading.why_not}."
        count = len(self.mistakes)
        wrong = f"{count} {'thing is' if count == 1 else 'things are'} wrong"
        if self.spec is not None:
            classes = f", {self.spec.num_classes:,} classes" if self.spec.head else ""
            name = f"{title_of(self.spec)}{classes}"
            against = f" against {title_of(self.claimed)}" if self.claimed and count else ""
            return f"This is {name}, to the last tensor{f'; {wrong}{against}' if count else ''}."
        if self.target is None:
            return "A residual network outside what the family has; its stages are listed, and compared with nothing."
        close = title_of(self.target)
        if count:
            return f"{wrong[:1].upper()}{wrong[1:]} against {close}."
        return f"A relative of {close}: nothing is wrong with what it shares."

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `audit`."""
        return {
            "verdict": self.verdict,
            "is_family": self.is_family,
            "name": name_of(self.spec) if self.spec else None,
            "spec": self.spec.to_dict() if self.spec else None,
            "compared_with": name_of(self.target) if self.target else None,
            "claimed": name_of(self.claimed) if self.claimed else None,
            "image_size": self.image_size,
            "params": self.params,
            "params_read": self.cost.total.params if self.cost else None,
            "macs": self.cost.total.macs if self.cost else None,
            "difference": self.difference._asdict() if self.difference else None,
            "effects_add_up": self.fully_mended,
            "nearest": self.nearest and {
                "name": self.nearest[0], "differences": [each._asdict() for each in self.nearest[1]]},
            "stages": list(_stage_rows(self.reading.plan)) if self.reading.plan else [],
            "findings": [_finding_row(finding) for finding in self.findings],
            "relatives": [{"what": relative.trait.value, "where": list(relative.paths)}
                          for relative in self.reading.relatives],
            "unread": list(self.reading.unread),
            "left_over": list(self.reading.left_over),
        }


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "mistake": finding.mistake.value, "is_remark": finding.is_remark, "was_mended": finding.was_mended,
        "where": list(finding.where), "here": finding.here, "there": finding.there,
        "params": finding.effect.params if finding.effect else None,
        "macs": finding.effect.macs if finding.effect else None,
        "remedy": finding.remedy, "source": finding.source,
    }


def _stage_rows(plan: Plan) -> Iterator[dict[str, Any]]:
    for number, stage in enumerate(plan.stages, start=1):
        yield {
            "stage": number,
            "blocks": [
                {"path": block.path, "groups": [step.groups for step in block.main],
                 "width": block.transform.c_out, "group_width": block.transform.c_out // block.transform.groups,
                 "output": block.main[-1].c_out, "strides": [step.stride for step in block.main],
                 "projection": block.projection is not None}
                for block in stage
            ],
        }


def audit_inventory(
    inventory: Inventory, claimed: ResNeXtSpec | None = None, image_size: int | None = None
) -> Audit:
    """What an inventory's network is, compared with `claimed` or, if nothing is claimed, with the paper's rules.

    Raises:
        SpecError: `image_size` is out of range.
    """
    reading = read(inventory)
    plan = reading.plan
    target = claimed or (_target(plan, inventory) if plan else None)
    size = check_image_size(image_size) if image_size is not None else target.default_image_size if target else 224
    spec = _spec_of(reading, claimed)
    if plan is None or target is None:
        return Audit(reading, claimed, size, (), spec, target, False)
    if not reading.pool_known:
        plan = plan._replace(pool=plan_of(target).pool)
        reading = replace(reading, plan=plan)
    mended, end = mended_in_turn(plan, plan_of(target), size, reading.strides_known)
    findings = [_finding(each, plan, claimed) for each in mended]
    findings += [each for each in _relatives(reading, claimed is not None)
                 if each.here != Trait.DEEP_STEM or not any(found.mistake is Mistake.STEM for found in findings)]
    if claimed is None:
        findings += _suspicions(target, plan, size)
    findings.sort(key=lambda finding: finding.is_remark)
    return Audit(reading, claimed, size, tuple(findings), spec, target, is_mended(end, plan_of(target)))


def _spec_of(reading: Reading, claimed: ResNeXtSpec | None) -> ResNeXtSpec | None:
    """The spec that the network is, to the last tensor: the claimed one if that fits."""
    plan = reading.plan
    if plan is None or _is_relative(reading):
        return None
    if claimed and not reading.pool_known:
        plan = plan._replace(pool=plan_of(claimed).pool)
    return claimed if claimed and is_mended(plan, plan_of(claimed)) else exact_spec(plan)


def _is_relative(reading: Reading) -> bool:
    """Whether something is in it that no spec has; a grouped convolution written as several is the same network."""
    return bool(reading.left_over) or any(relative.trait is not Trait.SPLIT for relative in reading.relatives)


def _finding(mended: Mended, plan: Plan, claimed: ResNeXtSpec | None) -> Finding:
    found, effect = mended
    advice = ADVICE[found.mistake]
    remark = claimed is None and _is_variant(found.mistake, plan)
    return Finding(found.mistake, found.where, found.here, found.there, effect, advice.remedy, advice.source, remark)


def _is_variant(mistake: Mistake, plan: Plan) -> bool:
    """Known variants that nobody claimed to be without: ResNet v1's stride, option A's shortcuts, deep stems."""
    plain = all(block.transform.groups == 1 for block in plan.blocks)
    if mistake is Mistake.STEM:
        return len(plan.stem) > 1
    if mistake is Mistake.NO_PROJECTION:
        return not plan.stages[0][0].is_bottleneck
    return mistake is Mistake.STRIDE_1X1 and plain


def _relatives(reading: Reading, claimed: bool) -> Iterator[Finding]:
    """Traits of relatives: mistakes against a claim, else remarks. A split convolution computes the same."""
    advice = ADVICE[Mistake.RELATIVE]
    for trait, paths in reading.relatives:
        same = trait in (Trait.SPLIT, Trait.DEEP_STEM)
        yield Finding(Mistake.RELATIVE, paths, trait.value, "none of it in the paper", None,
                      "It computes the same." if trait is Trait.SPLIT else advice.remedy, advice.source,
                      is_remark=same or not claimed)


def _target(plan: Plan, inventory: Inventory) -> ResNeXtSpec | None:
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


def _suspicions(target: ResNeXtSpec, plan: Plan, image_size: int) -> Iterator[Finding]:
    """What a legal network may be by mistake: a dense one of a grouped one's width, C and d the wrong way round."""
    c, d = target.cardinality, target.base_width
    if target.block is BlockKind.BASIC or any(stage_groups(stage) != c for stage in plan.stages):
        return
    known = {(spec.cardinality, spec.base_width) for name, spec in PRESETS.items()
             if spec.stem is target.stem and name.count("_") < 3}
    if c == 1 and d in _FORGOTTEN:
        yield _suspicion(Mistake.DROPPED, target, _FORGOTTEN[d], image_size, f"3×3 dense, {d} wide: a Wide ResNet")
    elif 1 < c < d and (d, c) in known and (c, d) not in known:
        yield _suspicion(Mistake.SWAPPED, target, (d, c), image_size, f"{c} groups of width {d}")


def _suspicion(
    mistake: Mistake, target: ResNeXtSpec, meant: tuple[int, int], image_size: int, here: str
) -> Finding:
    other = replace(target, cardinality=meant[0], base_width=meant[1])
    effect = complexity(target, image_size).total.minus(complexity(other, image_size).total)
    advice = ADVICE[mistake]
    there = f"{meant[0]} groups of width {meant[1]}, if {title_of(other)} was meant"
    return Finding(mistake, ("every 3×3",), here, there, effect, advice.remedy, advice.source, True, False)


def left_over_words(audit: Audit) -> str:
    """What has no place in the reading, in one sentence; empty if everything has."""
    if not audit.reading.left_over:
        return ""
    return f"No place was found for {in_words(audit.reading.left_over)}: {audit.unaccounted:,} params."
