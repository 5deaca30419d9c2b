"""The classic mistakes made on purpose: a network's own layers with one thing wrong, to see how it is found.

Sources: the threads that `advice.py` names for each mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from resnext_viz.auditing.audit import Audit, audit_inventory
from resnext_viz.errors import SpecError
from resnext_viz.reading.inventory import Conv, Inventory, Linear, Norm, Pool
from resnext_viz.reading.plan import Plan, PlanBlock, PlanStep, bare, plan_of, rejoined
from resnext_viz.spec import OutputRule, ResNeXtSpec, StrideOn


def _with_groups(plan: Plan, groups: Callable[[PlanStep, int], int], reduce: bool = False) -> Plan:
    """The plan with other groups on the 3x3, or with the groups of the 3x3 on the first 1x1."""

    def change(block: PlanBlock, stage: int) -> PlanBlock:
        if not block.is_bottleneck:
            return block
        first, transform, last = block.main
        wanted = groups(transform, stage)
        if reduce:
            return block._replace(main=(first._replace(groups=transform.groups), transform._replace(groups=1), last))
        return block._replace(main=(first, transform._replace(groups=wanted), last))

    return plan.changed(change)


def _width_of_stage_1(plan: Plan) -> Plan:
    width = plan.stages[0][0].transform.c_out

    def change(block: PlanBlock, _stage: int) -> PlanBlock:
        inner = tuple(step._replace(c_out=width) for step in block.main[:-1])
        return block._replace(main=(*inner, block.main[-1]))

    return rejoined(plan.changed(change))


def _spec(**options: object) -> Callable[[ResNeXtSpec], Plan]:
    return lambda spec: plan_of(spec.with_options(**options))


_OF_PATHS = ("C and d swapped", "Groups grow with the stage")  # where there is more than one path
_MADE: Mapping[str, Callable[[ResNeXtSpec], Plan]] = MappingProxyType(
    {
        "Groups forgotten": lambda spec: _with_groups(plan_of(spec), lambda *_: 1),
        "Groups on the first 1×1": lambda spec: _with_groups(plan_of(spec), lambda step, _: step.groups, reduce=True),
        "C and d swapped": lambda spec: plan_of(
            replace(spec, cardinality=spec.base_width, base_width=spec.cardinality)
        ),
        "Groups grow with the stage": lambda spec: _with_groups(
            plan_of(spec),
            lambda step, stage: step.groups * 2**stage if step.c_out % (step.groups * 2**stage) == 0 else 1,
        ),
        "Width does not double": lambda spec: _width_of_stage_1(plan_of(spec)),
        "Output 2·C·d": lambda spec: plan_of(replace(spec, output_rule=OutputRule.WIDTH, expansion=4)),
        "Stride on the 1×1": _spec(stride_on=StrideOn.CONV1X1),
        "Bias before batch norm": _spec(conv_bias=True),
        "Two batch norms": lambda spec: plan_of(spec).every_step(lambda step: step._replace(norms=2)),
        "Nothing wrong": plan_of,
    }
)


def example_names(spec: ResNeXtSpec) -> list[str]:
    """The mistakes that can be made in `spec`; "Nothing wrong" is the last."""
    right = bare(plan_of(spec))
    names = []
    for name, make in _MADE.items():
        if name in _OF_PATHS and spec.cardinality == 1:
            continue
        try:
            differs = bare(make(spec)) != right
        except SpecError:
            continue
        if differs or make is plan_of:
            names.append(name)
    return names


def example(name: str, spec: ResNeXtSpec, image_size: int | None = None) -> Audit:
    """The audit of `spec` with that mistake in it, against `spec` itself.

    Raises:
        SpecError: there is no such example, or the mistake cannot be made in this network.
    """
    if name not in _MADE:
        raise SpecError("example", name, f"use one of {', '.join(_MADE)}")
    return audit_inventory(inventory_of_plan(_MADE[name](spec)), spec, image_size)


def inventory_of_plan(plan: Plan) -> Inventory:
    """The layers that a module of this plan would have, in its order, strides and pooling included."""
    convs, norms = [], []
    place = 0
    for step in plan.steps:
        convs.append(
            Conv(
                step.path,
                place,
                step.c_out,
                step.c_in // step.groups,
                (step.kernel, step.kernel),
                step.groups,
                step.bias,
                step.stride,
                1,
            )
        )
        norms += [Norm(_norm_path(step, number), place + 1 + number, step.c_out, True) for number in range(step.norms)]
        place += 1 + step.norms
    head = plan.head
    linears = (Linear(head.path, place, head.c_in, head.classes, head.bias),) if head else ()
    pools = (Pool("maxpool", place + 1, 2, True),) if plan.pool else ()
    params = sum(
        conv.c_out * (conv.per_group or 0) * conv.kernel[0] * conv.kernel[1] + conv.c_out * conv.bias for conv in convs
    )
    params += sum(2 * (norm.channels or 0) for norm in norms)
    params += sum(linear.c_in * linear.c_out + linear.c_out * linear.bias for linear in linears)
    return Inventory(tuple(convs), tuple(norms), linears, pools, (), params)


def _norm_path(step: PlanStep, number: int) -> str:
    """Of a norm behind that convolution, which its name tells: `layer1.0.conv1_bn`, `layer1.0.downsample.1`."""
    folder, _, name = step.path.rpartition(".")
    return f"{folder}.{1 + number}" if name == "0" else f"{step.path}_bn{'_again' * number}"
