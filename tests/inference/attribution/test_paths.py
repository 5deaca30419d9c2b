"""Paths of a block: their sum is the block's, off is zero weights, and the shared network stays as it was."""

import copy
import threading
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.attribution.paths import OpenedBlock, open_block
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem
from tests.inference.conftest import trained

SIDE = 16
FOUR = ResNeXtSpec(depths=(2, 2), cardinality=4, base_width=4, stem=Stem.CIFAR, num_classes=5)
SPECS = {
    "C=1": FOUR.with_options(cardinality=1, base_width=8),
    "C=4": FOUR,
    "C=32": FOUR.with_options(cardinality=32, base_width=2),
    "bias": FOUR.with_options(conv_bias=True),
    "no shortcut": FOUR.with_options(shortcut=False),
}
# The first block of a stage has a projection, the second an identity.
PLACES = [(name, stage, block) for name in SPECS for stage in (1, 2) for block in (1, 2)]


def frozen(spec: ResNeXtSpec, dtype: torch.dtype = torch.float64) -> ResNeXt:
    """The network as a predictor holds it, in a dtype in which equality is not a matter of rounding."""
    return trained(spec).to(dtype).requires_grad_(False)


def picture(dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(3, SIDE, SIDE, generator=torch.Generator().manual_seed(1), dtype=torch.float64).to(dtype)


def expand_name(stage: int, block: int) -> str:
    return f"layer{stage}.{block - 1}.conv3"


def seen_by_hook(model: ResNeXt, name: str) -> tuple[Tensor, Tensor]:
    """Input and output of a submodule in a plain forward pass of a copy."""
    seen: list[tuple[Tensor, Tensor]] = []
    own = copy.deepcopy(model)
    own.get_submodule(name).register_forward_hook(lambda _, given, out: seen.append((given[0], out)))
    own(picture(next(model.parameters()).dtype)[None])
    return seen[0]


def zeroed(model: ResNeXt, stage: int, block: int, paths: set[int]) -> Tensor:
    """Logits of a copy in which the columns of the last 1×1 that read these paths are zero."""
    own = copy.deepcopy(model)
    weight = own.get_submodule(expand_name(stage, block)).weight
    width = weight.shape[1] // model.spec.cardinality
    for path in paths:
        weight[:, (path - 1) * width : path * width] = 0
    return own(picture(weight.dtype)[None])[0]


def relative(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max() / b.abs().max())


@pytest.mark.parametrize(("name", "stage", "block"), PLACES)
def test_the_paths_add_up_to_what_the_block_puts_out(name: str, stage: int, block: int) -> None:
    model = frozen(SPECS[name])
    opened = open_block(model, picture(), stage, block)
    _, out = seen_by_hook(model, expand_name(stage, block))
    bias = model.get_submodule(expand_name(stage, block)).bias
    total = sum(opened.path_output(path) for path in range(1, opened.cardinality + 1))
    total = total if bias is None else total + bias[:, None, None]
    assert relative(total, out[0]) < 1e-12
    assert relative(opened.logits, model(picture()[None])[0]) < 1e-12


@pytest.mark.parametrize(("name", "stage", "block"), PLACES)
def test_switching_paths_off_is_zeroing_their_weights(name: str, stage: int, block: int) -> None:
    model = frozen(SPECS[name])
    opened = open_block(model, picture(), stage, block)
    count = opened.cardinality
    for off in ({1}, {count}, {1, count, 1 + count // 2}, set(range(1, count + 1)), set()):
        expected = zeroed(model, stage, block, off)
        assert relative(opened.logits_without(off), expected) < 1e-12
        assert not off or relative(expected, opened.logits) > 1e-6


@pytest.mark.parametrize("name", SPECS)
def test_each_path_alone_off_comes_in_order_and_in_chunks(name: str) -> None:
    model = frozen(SPECS[name], torch.float32)
    opened = open_block(model, picture(torch.float32), 1, 1)
    chunks = list(opened.logits_without_each())
    assert max(map(len, chunks)) <= opened.batch
    alone = torch.cat(chunks)
    expected = torch.stack([zeroed(model, 1, 1, {path}) for path in range(1, opened.cardinality + 1)])
    torch.testing.assert_close(alone, expected, rtol=1e-5, atol=1e-6)


def test_chunks_are_computed_only_as_they_are_asked_for() -> None:
    opened = open_block(frozen(SPECS["C=32"]), picture(), 1, 1)
    one_at_a_time = OpenedBlock(**{**vars(opened), "batch": 1})
    chunks = one_at_a_time.logits_without_each()
    assert isinstance(chunks, Iterator)
    assert len(next(chunks)) == 1
    assert sum(map(len, chunks)) == 31


@pytest.mark.parametrize(("name", "stage", "block"), PLACES)
def test_contributions_are_the_slope_times_what_each_path_adds(name: str, stage: int, block: int) -> None:
    model = frozen(SPECS[name])
    own = copy.deepcopy(model)
    kept: list[Tensor] = []

    def keep(_module: torch.nn.Module, _given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        kept.append(out.detach().requires_grad_())
        return kept[0]

    own.get_submodule(expand_name(stage, block)).register_forward_hook(keep)
    (slope,) = torch.autograd.grad(own(picture()[None])[0, 3], kept[0])
    opened = open_block(model, picture(), stage, block)
    made = opened.contributions(3)
    by_place = torch.stack([(slope[0] * opened.path_output(path + 1)).sum(0) for path in range(opened.cardinality)])
    assert made.map_size == tuple(by_place.shape[1:])
    side = made.side
    assert max(made.cells.shape[1:]) <= 8
    rows, columns = made.cells.shape[1:]
    for row in range(rows):
        for column in range(columns):
            square = by_place[:, side * row : side * (row + 1), side * column : side * (column + 1)].sum((1, 2))
            torch.testing.assert_close(made.cells[:, row, column], square, rtol=1e-9, atol=1e-14)
    torch.testing.assert_close(made.totals, by_place.sum((1, 2)), rtol=1e-9, atol=1e-14)


def test_in_the_last_block_a_contribution_is_the_change_where_no_unit_changes_sides() -> None:
    model = frozen(SPECS["C=4"])
    model.layer2[1].bn3.bias.fill_(1e3)  # every unit stays above zero
    opened = open_block(model, picture(), 2, 2)
    change = opened.logits[2] - torch.cat(list(opened.logits_without_each()))[:, 2]
    torch.testing.assert_close(opened.contributions(2).totals, change, rtol=1e-6, atol=1e-9)


def test_a_map_that_eight_does_not_divide_keeps_its_sum() -> None:
    model = frozen(SPECS["C=4"])
    big = torch.randn(3, 19, 19, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    made = open_block(model, big, 1, 1).contributions(0)
    assert (made.side, made.cells.shape[1:]) == (3, (7, 7))  # ⌈19/8⌉ places, ⌈19/3⌉ squares


@pytest.mark.parametrize("name", SPECS)
def test_shares_are_projections_on_the_sum_of_all_paths(name: str) -> None:
    opened = open_block(frozen(SPECS[name]), picture(), 2, 1)
    parts = torch.stack([opened.path_output(path + 1).flatten() for path in range(opened.cardinality)])
    total = parts.sum(0)
    torch.testing.assert_close(opened.shares(), parts @ total / (total @ total), rtol=1e-9, atol=1e-12)


def test_shares_of_nothing_are_nothing() -> None:
    model = frozen(SPECS["C=4"])
    model.layer1[0].conv3.weight.zero_()
    assert not open_block(model, picture(), 1, 1).shares().any()


def everything(model: ResNeXt, image: Tensor) -> Tensor:
    """All that can be asked about one image."""
    opened = open_block(model, image, 1, 1)
    return torch.cat(
        [
            opened.logits,
            opened.logits_without((1, 2)),
            opened.shares(),
            opened.contributions(1).cells.flatten(),
            torch.cat(list(opened.logits_without_each())).flatten(),
        ]
    )


def test_the_shared_network_stays_as_it_was() -> None:
    model = frozen(SPECS["C=4"], torch.float32)
    before = {name: (tensor.data_ptr(), tensor.clone()) for name, tensor in model.state_dict().items()}
    everything(model, picture(torch.float32))
    for name, tensor in model.state_dict().items():
        assert (tensor.data_ptr(), True) == (before[name][0], bool(torch.equal(tensor, before[name][1])))
    for module in model.modules():
        assert not module.training
        assert not {**module._forward_hooks, **module._forward_pre_hooks, **module._backward_hooks}
    assert not any(each.requires_grad or each.grad is not None for each in model.parameters())


def test_two_people_at_once_get_what_each_would_get_alone() -> None:
    model = frozen(SPECS["C=32"])
    images = [picture(), picture().flip(2)]
    alone = [everything(model, image) for image in images]
    together: dict[int, list[Tensor]] = {0: [], 1: []}

    def ask(number: int) -> None:
        together[number] += [everything(model, images[number]) for _ in range(5)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, answers in together.items():
        assert len(answers) == 5
        for answer in answers:
            torch.testing.assert_close(answer, alone[number], rtol=1e-12, atol=1e-14)


def test_what_has_no_paths_is_refused_in_words() -> None:
    basic = ResNeXtSpec(depths=(1, 1), block=BlockKind.BASIC, stem=Stem.CIFAR, num_classes=5)
    with pytest.raises(UserError, match="two layers are not split into paths"):
        open_block(frozen(basic), picture(), 1, 1)
    with pytest.raises(UserError, match="stage is 3; this network has stages 1 to 2"):
        open_block(frozen(SPECS["C=4"]), picture(), 3, 1)
