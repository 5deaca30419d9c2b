"""A network in any disguise that keeps what it computes: both doors read the same spec, and run the same."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnext_viz.block_forms.terms import Form
from resnext_viz.inference.weights.carrying_out import carried_out
from resnext_viz.nn import audit, build, build_on_meta
from resnext_viz.nn.tensor_tree import named_tensors
from resnext_viz.reading.inventory import inventory_of_shapes
from resnext_viz.reading.plan import bare, plan_of
from resnext_viz.reading.reader import read
from resnext_viz.reading.recipe import recipe_of
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem
from tests.reading.disguises import (
    ORDERS,
    PREFIXES,
    WORDS,
    State,
    folded,
    masked,
    prefixed,
    random_network,
    renamed,
    unmasked,
    wrapped_head,
    written_out,
)
from tests.support.specs import specs

CASES = int(os.environ.get("BOTH_DOORS_CASES", "12"))  # 2,000 in the long run
WRAPPERS = ((), ("state_dict",), ("module",), ("model_state",), ("checkpoint", "weights"))
MORE = {"epoch": 3, "optimizer": {"state": {0: {"exp_avg": torch.ones(4, 3, 3, 3)}}, "param_groups": []}}
SMALL = specs().map(lambda spec: spec.with_options(
    depths=tuple(min(depth, 2) for depth in spec.depths[:2]), head=True, num_classes=min(spec.num_classes, 9),
    cardinality=min(spec.cardinality, 5), base_width=min(spec.base_width, 9), expansion=min(spec.expansion, 4),
    stride_on="3x3", stem="cifar" if spec.stem is Stem.CIFAR_POOL else spec.stem,
))  # fmt: skip


def wrapped(state: State, around: tuple[str, ...]) -> dict[str, Any]:
    content: dict[str, Any] = dict(state)
    for name in reversed(around):
        content = {**MORE, name: content}
    return content


@st.composite
def disguises(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "form": draw(st.sampled_from((Form.C, Form.C, Form.A, Form.B))),
        "fold": draw(st.booleans()),
        "mask": draw(st.booleans()),
        "words": draw(st.sampled_from((None, *WORDS))),
        "head_at": draw(st.sampled_from((None, 1, 2))),
        "prefix": draw(st.sampled_from(PREFIXES)),
        "wrappers": draw(st.sampled_from(WRAPPERS)),
        "order": draw(st.sampled_from(sorted(ORDERS))),
        "beside": draw(st.booleans()),
        "seed": draw(st.integers(0, 10**6)),
    }


def disguised(spec: ResNeXtSpec, how: dict[str, Any]) -> tuple[State, dict[str, Any]]:
    """The tensors that compute, under our names, and what a stranger saved."""
    rng = random.Random(how["seed"])
    model = random_network(spec, how["seed"])
    state = masked(dict(model.state_dict()), rng) if how["mask"] else dict(model.state_dict())
    ours = unmasked(state)
    if how["fold"]:
        state = folded(ours)
    elif how["form"] is not Form.C:
        model.load_state_dict(ours)
        state = written_out(model, how["form"])
    if how["head_at"]:
        state = wrapped_head(state, how["head_at"])
    if how["words"]:
        state = renamed(state, WORDS[how["words"]])
    state = prefixed(state, how["prefix"])
    if how["beside"]:
        state = {**state, "criterion.weight": torch.ones(spec.num_classes)}
    return ours, wrapped(ORDERS[how["order"]](state, rng), how["wrappers"])


@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SMALL, disguises())
def test_every_disguise_is_read_by_both_doors_and_gives_the_same_logits(spec: ResNeXtSpec, how: dict[str, Any]) -> None:
    with_shortcuts = spec.with_options(shortcut=True)
    if bare(plan_of(with_shortcuts)) == bare(plan_of(spec)):  # an identity leaves no tensors: it is assumed to be there
        spec = with_shortcuts
    ours, content = disguised(spec, how)
    tensors, _ = named_tensors(content)
    recipe = recipe_of(read(inventory_of_shapes({name: tuple(value.shape) for name, value in tensors.items()})))
    # Counts of everything: where output rules coincide, either name is right.
    as_told = spec.with_options(conv_bias=spec.conv_bias and not how["fold"])
    assert bare(plan_of(recipe.spec)) == bare(plan_of(as_told))
    found = audit(content)
    assert found.spec is not None, found.verdict
    assert bare(plan_of(found.spec)) == bare(plan_of(as_told))
    plain = [each.mistake for each in audit(build_on_meta(as_told).state_dict()).mistakes]
    assert [each.mistake for each in found.mistakes] == plain  # such as outputs that follow the width
    image = torch.randn(2, spec.in_channels, 16, 16, dtype=torch.float64)
    with torch.inference_mode():
        theirs, mine = (build(each).double().eval() for each in (spec, recipe.spec))
        theirs.load_state_dict(ours, strict=False)
        mine.load_state_dict(carried_out(recipe, tensors, torch.float64), strict=False)
        expected = theirs(image)
        torch.testing.assert_close(mine(image), expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("stem", ["cifar", "imagenet"])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_blocks_of_one_shape_stand_by_their_numbers_in_whatever_order_a_file_has_them(stem: str, block: str) -> None:
    spec = ResNeXtSpec(depths=(12,), cardinality=1, base_width=3, stem=Stem(stem), block=BlockKind(block), expansion=1)
    shapes = [(name, tuple(value.shape)) for name, value in build_on_meta(spec).state_dict().items()]
    rng = random.Random(1)
    for _ in range(25):
        rng.shuffle(shapes)
        plan = read(inventory_of_shapes(dict(shapes))).plan
        assert plan is not None
        assert [each.path for each in plan.blocks] == [f"layer1.{number}" for number in range(12)]
