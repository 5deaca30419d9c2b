"""A whole network in three forms: equal through training, with torchvision for a witness, and unequal where broken."""

import json
import math
from collections.abc import Callable, Iterator
from itertools import islice

import pytest
import torch
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck, ResNet

from resnext_viz.block_forms.terms import Form, Mode
from resnext_viz.errors import UserError
from resnext_viz.nn import device
from resnext_viz.nn.network import Residual, ResNeXt
from resnext_viz.nn.pool_places import PoolGuide
from resnext_viz.nn.proof.equivalence import Dtype
from resnext_viz.nn.proof.forms import SumOfPaths
from resnext_viz.nn.proof.network_forms import network_in_form, nudged, random_network, weights_by_layer
from resnext_viz.nn.proof.network_run import LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, NetworkRun
from resnext_viz.nn.proof.relu_sides import ReluGuide
from resnext_viz.nn.proof.whole_network import NetworkRow, batch_of, check_network, compare_networks, planned_places
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem, StrideOn

TINY = ResNeXtSpec((2, 1), cardinality=4, base_width=4, stem=Stem.CIFAR, num_classes=10)
PAIRS = ("A-C", "B-C")


def keys(rows: list[NetworkRow]) -> set[tuple[str, str, str, str]]:
    return {(row.dtype, row.mode, row.place, row.forms) for row in rows}


def test_every_planned_place_is_compared_in_both_pairs_and_dtypes() -> None:
    rows = list(check_network(TINY, image_size=8, steps=2))
    expected = {
        (dtype, mode, place, pair)
        for dtype in ("float64", "float32")
        for mode in Mode
        for place in planned_places(TINY, mode, 2)
        for pair in PAIRS
    }
    assert keys(rows) == expected
    assert len(rows) == len(expected)
    places = planned_places(TINY, Mode.TRAIN, 2)
    assert places == (
        "stem",
        "stage 1",
        "stage 2",
        "logits",
        "gradients",
        "weights after 1 step",
        "weights after 2 steps",
    )
    document = json.loads(json.dumps(rows[0].to_dict(), allow_nan=False))
    assert {"place", "dtype", "mode", "forms", "max_abs", "max_rel", "rounding", "equal"} <= document.keys()


@pytest.mark.parametrize(
    "spec",
    [
        TINY,
        TINY.with_options(conv_bias=True, stride_on=StrideOn.CONV1X1, output_rule="width"),
        TINY.with_options(shortcut=False, head=False),
        TINY.with_options(cardinality=1, base_width=16),
        TINY.with_options(stem=Stem.IMAGENET, cardinality=12, base_width=1, in_channels=1),
    ],
    ids=["4x4d", "bias, stride on 1x1, wide output", "no shortcut, no head", "one path", "paths of one channel"],
)
def test_forms_stay_equal_through_training(spec: ResNeXtSpec) -> None:
    rows = list(check_network(spec, image_size=16, steps=2, seed=3))
    assert [row for row in rows if row.equal is not True] == []
    assert [row for row in rows if row.place == "stem" and row.max_abs] == []
    if spec.cardinality > 1:
        assert any(row.max_abs for row in rows)  # something was compared


def torchvisions(network: ResNeXt, spec: ResNeXtSpec) -> nn.Module:
    theirs: nn.Module = ResNet(
        Bottleneck, list(spec.depths), spec.num_classes, groups=spec.cardinality, width_per_group=spec.base_width
    ).double()
    theirs.load_state_dict(network.state_dict())
    return theirs


def by_name(network: ResNeXt) -> dict[str, Tensor]:
    return {name: layer for part in weights_by_layer(network) for name, layer in part.items()}


def test_torchvisions_network_and_torchs_optimizer_reach_the_same_weights() -> None:
    """Form A trained by its own path, mapped back, against torchvision's network trained by a plain loop."""
    spec = ResNeXtSpec((1, 1, 1, 1), cardinality=4, base_width=4, num_classes=5)
    network = random_network(spec, seed=2)
    theirs = torchvisions(network, spec)
    images = batch_of(spec, torch.randn(3, 32, 32, generator=torch.Generator().manual_seed(1)))
    labels = torch.arange(len(images)) % 5
    optimizer = torch.optim.SGD(theirs.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    before = by_name(network)
    run = NetworkRun(network_in_form(network, Form.A), lambda: None)
    *_, logits = run.evaluate(images)
    torch.testing.assert_close(logits.output, theirs.eval()(images), rtol=1e-11, atol=1e-11)
    theirs.train()
    for _ in range(2):
        optimizer.zero_grad()
        nn.functional.cross_entropy(theirs(images), labels).backward()
        optimizer.step()
        list(run.forward(images))
        run.backward(labels)
        run.step()
    state = theirs.state_dict()
    for name, ours in by_name(run.network).items():
        layer, kinds = name.removesuffix(".statistics").lstrip("."), ("bias", "weight")
        if name.endswith(".statistics"):
            kinds = ("running_mean", "running_var")
        expected = torch.cat([state[f"{layer}.{kind}"].flatten() for kind in kinds if f"{layer}.{kind}" in state])
        torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-10)
        assert (ours - before[name]).abs().max() > 1e-6, name  # every layer was trained


Fault = Callable[[SumOfPaths], None]


def swap_two_expansions(block: SumOfPaths) -> None:
    first, second = block.paths[0], block.paths[1]
    first.conv3, second.conv3 = second.conv3, first.conv3


def scale_one_gradient_by_a_millionth(block: SumOfPaths) -> None:
    block.bn3.weight.register_hook(lambda gradient: gradient * (1 + 1e-6))


def unequal_with(fault: Fault) -> dict[str, list[str]]:
    """The places that are not equal, by pair, when the last block of stage 1 has `fault` in form A."""
    in_c = random_network(TINY, seed=4)
    forms = {form: network_in_form(in_c, form) for form in (Form.A, Form.B)}
    block = forms[Form.A].get_submodule("layer1")[1]  # type: ignore[index]  # a stage is a Sequential
    assert isinstance(block, SumOfPaths)
    fault(block)
    images = batch_of(TINY, torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(5)))
    rows = list(compare_networks(in_c, forms, images, torch.zeros(len(images), dtype=torch.long), Dtype.FLOAT64, 1))
    return {pair: [f"{row.place}, {row.mode}" for row in rows if row.forms == pair and not row.equal] for pair in PAIRS}


def test_a_broken_form_is_found_where_it_breaks() -> None:
    unequal = unequal_with(swap_two_expansions)
    assert unequal["A-C"] == [
        "stage 1, eval",
        "stage 2, eval",
        "logits, eval",
        "stage 1, train",
        "stage 2, train",
        "logits, train",
        "gradients, train",
        "weights after 1 step, train",
    ]
    assert unequal["B-C"] == []


def test_a_gradient_wrong_by_a_millionth_is_found() -> None:
    unequal = unequal_with(scale_one_gradient_by_a_millionth)
    assert unequal == {"A-C": ["gradients, train", "weights after 1 step, train"], "B-C": []}


def test_where_rounding_alone_decides_nothing_is_decided() -> None:
    """One pixel, eight times the same: batch norm divides by next to nothing, and training takes off."""
    rows = list(check_network(TINY, image_size=1, steps=3, dtypes=["float32"]))
    last = [row for row in rows if row.place == "weights after 3 steps"]
    assert [row.equal for row in last] == [None, None]
    assert NetworkRow("stem", Dtype.FLOAT64, Mode.EVAL, "A-C", 1.0, 1.0, 1e-16, 0).equal is False
    infinite = NetworkRow("stem", Dtype.FLOAT64, Mode.EVAL, "A-C", math.inf, math.inf, math.inf, 0)
    assert infinite.equal is None
    assert infinite.to_dict()["max_rel"] is None


def test_a_nudge_is_one_machine_epsilon_of_everything() -> None:
    network = random_network(TINY, seed=0).float()
    moved = nudged(network, seed=1).state_dict()
    for name, value in network.state_dict().items():
        if value.is_floating_point():
            ratio = moved[name].double() / value.double()
            assert ((ratio - 1).abs() > 0.4 * 2**-23).all()
            assert ((ratio - 1).abs() < 1.6 * 2**-23).all()


def test_only_rounding_is_guided_to_the_other_side() -> None:
    with ReluGuide([torch.tensor([1.0, 1e-9, -1e-9, 0.5])], [1.0], 1e-6) as guide:
        out = torch.relu(torch.tensor([1.0, -1e-9, 1e-9, -0.5]))
    assert guide.kinks == 2
    assert out.tolist() == pytest.approx([1.0, -1e-9, 0.0, 0.0], abs=1e-15)


def test_a_pool_takes_the_agreed_place_where_two_values_are_equal_up_to_rounding() -> None:
    pool = nn.MaxPool2d(3, 2, 1)
    reference = torch.zeros(1, 1, 4, 4)
    reference[0, 0, 0, 0], reference[0, 0, 1, 1], reference[0, 0, 3, 3] = 1.0, 1 + 1e-7, 2.0
    with PoolGuide() as record:
        out = pool(reference)
    assert torch.equal(out, pool(reference))
    ours = reference.clone()
    ours[0, 0, 1, 1], ours[0, 0, 3, 3], ours[0, 0, 3, 1] = 1 - 1e-7, 0.0, 3.0
    ours.requires_grad_()
    with PoolGuide(record.places, 1e-6) as guide:
        pool(ours).sum().backward()
    taken = [tuple(place[2:].tolist()) for place in ours.grad.nonzero()]
    assert (1, 1) in taken  # as the reference, though its own largest is at (0, 0)
    assert (0, 0) not in taken
    assert (3, 1) in taken  # a real difference stays
    assert guide.parted >= 1


def test_rows_come_as_they_are_asked_for_and_nobody_waits_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks: list[str] = []
    forward = Residual.forward

    def counted(self: Residual, x: Tensor) -> Tensor:
        blocks.append(self.block.main[0].name)
        return forward(self, x)

    def free() -> None:
        assert not device._SETTINGS.locked()

    monkeypatch.setattr(Residual, "forward", counted)
    rows = check_network(TINY, image_size=8, between=free)
    assert [row.place for row in islice(rows, 2)] == ["stem", "stage 1"]
    assert len(blocks) == 3 + 3 + 2  # form C, form C moved, and stage 1 of form A
    free()


def test_a_run_ends_between_two_parts() -> None:
    asked: Iterator[int] = iter(range(5))

    def enough() -> None:
        if next(asked, None) is None:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(check_network(TINY, image_size=8, between=enough))


def test_the_batch_is_the_image_turned_and_mirrored() -> None:
    image = torch.arange(3 * 4 * 4.0).reshape(3, 4, 4)
    batch = batch_of(TINY, image)
    assert batch.shape == (4, 3, 4, 4)  # a last map of 2×2: 16 values for each channel
    assert torch.equal(batch[0], image.double())
    assert torch.equal(batch[1], image.flip(2).double())
    assert len({tuple(each.flatten().tolist()) for each in batch}) == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"spec": ResNeXtSpec((1,), block=BlockKind.BASIC, expansion=1)}, "only bottlenecks have three forms"),
        ({"spec": TINY.with_options(num_classes=1)}, "num_classes is 1"),
        ({"dtypes": ["bfloat16"]}, "dtype is 'bfloat16'; for a whole network on 'cpu' use float64 or float32"),
        ({"steps": 21}, "steps is 21; use a whole number from 0 to 20"),
        ({"image": torch.zeros(1, 8, 8)}, "image is 1×8×8; this network takes 3×S×S"),
        ({"device": "tpu"}, "device is 'tpu'"),
    ],
)
def test_nonsense_is_refused_in_words_at_once(options: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_network(**{"spec": TINY, "device": "cpu", "image_size": 8, **options})  # type: ignore[arg-type]
