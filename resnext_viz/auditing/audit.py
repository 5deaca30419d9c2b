"""The whole answer about a network: which one it is or comes closest to, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from resnext_viz.auditing.checks.findings import Finding, Mistake, is_mended, mended_in_turn
from resnext_viz.auditing.judging import compared_with, finding_of, relative_findings, suspicions
from resnext_viz.complexity import Cost, complexity
from resnext_viz.names import PRESETS, name_of, title_of
from resnext_viz.reading.inventory import Inventory
from resnext_viz.reading.plan import Plan, PlanCost, plan_cost, plan_of
from resnext_viz.reading.reader import Reading, in_words, read
from resnext_viz.reading.relatives import SAME_NETWORK, Trait
from resnext_viz.reading.specs import Difference, differences, exact_spec, nearest_preset, unfolded
from resnext_viz.spec import ResNeXtSpec, check_square


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
    def counted(self) -> Cost | None:
        """Cost of all layers that were read: of the plan, of attention on pooled maps, of a head of several layers."""
        return self.cost.total.plus(self.reading.beyond) if self.cost else None

    @property
    def unaccounted(self) -> int:
        """Learned elements in layers whose MACs are not counted."""
        return 0 if self.counted is None or self.params is None else self.params - self.counted.params

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
        if self.reading.kin:
            return f"This is {self.reading.kin}. Its params are counted, and nothing in it is judged."
        if self.reading.plan is None:
            return f"This is no network of the ResNet family: {self.reading.why_not}."
        count = len(self.mistakes)
        wrong = f"{count} {'thing is' if count == 1 else 'things are'} wrong"
        if self.spec is not None:
            classes = f", {self.spec.num_classes:,} classes" if self.spec.head else ""
            name = f"{title_of(self.spec)}{classes}"
            against = f" against {title_of(self.claimed)}" if self.claimed and count else ""
            return f"This is {name}, {self._how_exactly}{f'; {wrong}{against}' if count else ''}."
        if self.target is None:
            return "A residual network outside what the family has; its stages are listed, and compared with nothing."
        close = title_of(self.target)
        if count:
            return f"{wrong[:1].upper()}{wrong[1:]} against {close}."
        return f"A relative of {close}: nothing is wrong with what it shares."

    @property
    def _how_exactly(self) -> str:
        """In what the file's tensors are not those of `spec`, though they compute the same."""
        words = [trait.value for trait, _ in self.reading.relatives]
        if any(finding.mistake is Mistake.FOLDED for finding in self.remarks):
            words.append("batch norm folded into the convolutions")
        if self.reading.left_over:
            count = len(self.reading.left_over)
            words.append(f"and {count} {'layer' if count == 1 else 'layers'} beside it")
        return ", ".join(words) or "to the last tensor"

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
            "params_read": self.counted.params if self.counted else None,
            "macs": self.counted.macs if self.counted else None,
            "difference": self.difference._asdict() if self.difference else None,
            "effects_add_up": self.fully_mended,
            "nearest": self.nearest
            and {"name": self.nearest[0], "differences": [each._asdict() for each in self.nearest[1]]},
            "stages": list(_stage_rows(self.reading.plan)) if self.reading.plan else [],
            "findings": [_finding_row(finding) for finding in self.findings],
            "relatives": [
                {"what": relative.trait.value, "where": list(relative.paths)} for relative in self.reading.relatives
            ],
            "part": self.reading.part.name or None,
            "other_parts": list(self.reading.part.others),
            "unread": list(self.reading.unread),
            "left_over": list(self.reading.left_over),
        }


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "mistake": finding.mistake.value,
        "is_remark": finding.is_remark,
        "was_mended": finding.was_mended,
        "where": list(finding.where),
        "here": finding.here,
        "there": finding.there,
        "params": finding.effect.params if finding.effect else None,
        "macs": finding.effect.macs if finding.effect else None,
        "remedy": finding.remedy,
        "source": finding.source,
    }


def _stage_rows(plan: Plan) -> Iterator[dict[str, Any]]:
    for number, stage in enumerate(plan.stages, start=1):
        yield {
            "stage": number,
            "blocks": [
                {
                    "path": block.path,
                    "groups": [step.groups for step in block.main],
                    "width": block.transform.c_out,
                    "group_width": block.transform.c_out // block.transform.groups,
                    "output": block.main[-1].c_out,
                    "strides": [step.stride for step in block.main],
                    "projection": block.projection is not None,
                }
                for block in stage
            ],
        }


def audit_inventory(
    inventory: Inventory, claimed: ResNeXtSpec | None = None, image_size: int | None = None, part: str | None = None
) -> Audit:
    """What an inventory's network is, compared with `claimed` or, if nothing is claimed, with the paper's rules.

    Raises:
        SpecError: `image_size` is out of range.
        PartError: there is no network called `part`.
    """
    reading = read(inventory, part)
    plan = reading.plan
    target = claimed or (compared_with(plan, inventory) if plan else None)
    size = check_square(image_size) if image_size is not None else target.default_image_size if target else 224
    spec = _spec_of(reading, claimed)
    if plan is None or target is None:
        return Audit(reading, claimed, size, (), spec, target, False)
    if not reading.pool_known:
        plan = plan._replace(pool=plan_of(target).pool)
        reading = replace(reading, plan=plan)
    mended, end = mended_in_turn(plan, plan_of(target), size, reading.strides_known)
    findings = [finding_of(each, reading, plan, claimed) for each in mended]
    findings += [
        each
        for each in relative_findings(reading, claimed is not None)
        if each.here != Trait.DEEP_STEM or not any(found.mistake is Mistake.STEM for found in findings)
    ]
    if claimed is None:
        findings += suspicions(target, plan, size)
    findings.sort(key=lambda finding: finding.is_remark)
    return Audit(reading, claimed, size, tuple(findings), spec, target, is_mended(end, plan_of(target)))


def _spec_of(reading: Reading, claimed: ResNeXtSpec | None) -> ResNeXtSpec | None:
    """The spec that the network is, to the last tensor: the claimed one if that fits."""
    plan = reading.plan
    if plan is None or _is_relative(reading):
        return None
    plan = unfolded(plan)
    if claimed and not reading.pool_known:
        plan = plan._replace(pool=plan_of(claimed).pool)
    return claimed if claimed and is_mended(plan, plan_of(claimed)) else exact_spec(plan)


def _is_relative(reading: Reading) -> bool:
    """Whether something is in it that no spec has; what lies beside the network, such as a loss's weights, is not."""
    has_more = any(relative.trait not in SAME_NETWORK for relative in reading.relatives)
    return has_more or bool(reading.left_inside)


def left_over_words(audit: Audit) -> str:
    """What has no place in the reading, in one sentence; empty if everything has."""
    if not audit.reading.left_over:
        return ""
    return f"No place was found for {in_words(audit.reading.left_over)}: {audit.unaccounted:,} params, no MACs counted."
