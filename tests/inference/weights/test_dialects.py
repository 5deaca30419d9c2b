"""Networks under other people's names of tensors give the logits that those people's own modules give.

The modules below are written for this test after the public layouts: same names, strides and order, nothing of ours.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import torchvision
from torch import Tensor, nn

from resnext_viz.errors import UserError
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights.checkpoint import Checkpoint, load_checkpoint
from resnext_viz.nn import build
from resnext_viz.spec import BlockKind, ResNeXtSpec
from tests.support.read_shapes import recognise

State = dict[str, Tensor]
NORM = ("weight", "bias", "running_mean", "running_var")


def conv(c_in: int, c_out: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False)


class Wired(nn.Module):
    """A residual block whose parts have the names it is given."""

    def __init__(self, main: dict[str, nn.Module], shortcut: nn.Module, shortcut_name: str = "shortcut") -> None:
        super().__init__()
        self.main_names, self.shortcut_name = list(main), shortcut_name
        for name, part in {**main, shortcut_name: shortcut}.items():
            self.add_module(name, part)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for number, name in enumerate(self.main_names):
            y = getattr(self, name)(y)
            if len(self.main_names) > 1 and number % 2 and name != self.main_names[-1]:
                y = y.relu()
        return (y + getattr(self, self.shortcut_name)(x)).relu()


def bottleneck_parts(c_in: int, width: int, c_out: int, stride: int, groups: int) -> list[nn.Module]:
    return [
        conv(c_in, width, 1), nn.BatchNorm2d(width),
        conv(width, width, 3, stride, groups), nn.BatchNorm2d(width),
        conv(width, c_out, 1), nn.BatchNorm2d(c_out),
    ]  # fmt: skip


def projection(c_in: int, c_out: int, stride: int, names: tuple[str, str] = ("0", "1")) -> nn.Sequential:
    if stride == 1 and c_in == c_out:
        return nn.Sequential()
    parts = conv(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out)
    return nn.Sequential(OrderedDict(zip(names, parts, strict=True)))


class Prlz77(nn.Module):
    """CIFAR ResNeXt of three stages, its block C of the paper's Fig. 3."""

    def __init__(self, cardinality: int, base_width: int, depth: int, classes: int, widen: int) -> None:
        super().__init__()
        self.conv_1_3x3 = conv(3, 64, 3)
        self.bn_1 = nn.BatchNorm2d(64)
        c_in = 64
        for stage in (1, 2, 3):
            c_out, width = 64 * widen * 2 ** (stage - 1), cardinality * base_width * 2 ** (stage - 1)
            blocks = nn.Sequential()
            for number in range(depth):
                stride = 2 if stage > 1 and number == 0 else 1
                names = ("conv_reduce", "bn_reduce", "conv_conv", "bn", "conv_expand", "bn_expand")
                main = dict(zip(names, bottleneck_parts(c_in, width, c_out, stride, cardinality), strict=True))
                shortcut = projection(c_in, c_out, stride, ("shortcut_conv", "shortcut_bn"))
                blocks.add_module(f"stage_{stage}_bottleneck_{number}", Wired(main, shortcut))
                c_in = c_out
            self.add_module(f"stage_{stage}", blocks)
        self.classifier = nn.Linear(c_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn_1(self.conv_1_3x3(x)).relu()
        for stage in (self.stage_1, self.stage_2, self.stage_3):
            x = stage(x)
        return self.classifier(nn.functional.avg_pool2d(x, x.shape[-1]).flatten(1))


class Kuangliu(nn.Module):
    """CIFAR ResNeXt with a 1×1 stem and outputs of twice the width; or, basic, its ResNet with a 3×3 stem."""

    def __init__(self, cardinality: int, width: int, depths: tuple[int, ...], classes: int, basic: bool) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(3, 64, 3 if basic else 1), nn.BatchNorm2d(64)
        c_in = 64
        for stage, depth in enumerate(depths):
            blocks = []
            for number in range(depth):
                stride = 2 if stage and number == 0 else 1
                inner = width * 2**stage if basic else cardinality * width * 2**stage
                c_out = inner if basic else 2 * inner
                parts: list[nn.Module] = (
                    [conv(c_in, inner, 3, stride), nn.BatchNorm2d(inner), conv(inner, inner, 3), nn.BatchNorm2d(inner)]
                    if basic
                    else bottleneck_parts(c_in, inner, c_out, stride, cardinality)
                )
                names = ("conv1", "bn1", "conv2", "bn2", "conv3", "bn3")[: len(parts)]
                blocks.append(Wired(dict(zip(names, parts, strict=True)), projection(c_in, c_out, stride)))
                c_in = c_out
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.stages = len(depths)
        self.linear = nn.Linear(c_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn1(self.conv1(x)).relu()
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.linear(nn.functional.avg_pool2d(x, x.shape[-1]).flatten(1))


class Weiaicunzai(nn.Module):
    """CIFAR-100 ResNet of four stages with each block's main path in one Sequential."""

    def __init__(self, depths: tuple[int, ...], classes: int, bottleneck: bool) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(conv(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU())
        c_in = 64
        for stage, depth in enumerate(depths):
            planes, blocks = 64 * 2**stage, []
            for number in range(depth):
                stride = 2 if stage and number == 0 else 1
                c_out = 4 * planes if bottleneck else planes
                first = [conv(c_in, planes, 1), nn.BatchNorm2d(planes), nn.ReLU()] if bottleneck else []
                middle = [conv(planes if bottleneck else c_in, planes, 3, stride), nn.BatchNorm2d(planes), nn.ReLU()]
                last = [conv(planes, c_out, 1 if bottleneck else 3), nn.BatchNorm2d(c_out)]
                main = {"residual_function": nn.Sequential(*first, *middle, *last)}
                blocks.append(Wired(main, projection(c_in, c_out, stride)))
                c_in = c_out
            self.add_module(f"conv{stage + 2}_x", nn.Sequential(*blocks))
        self.stages = len(depths)
        self.fc = nn.Linear(c_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        for stage in range(self.stages):
            x = getattr(self, f"conv{stage + 2}_x")(x)
        return self.fc(x.mean((2, 3)))


def torchvision_net(**options: Any) -> nn.Module:
    return torchvision.models.ResNet(torchvision.models.resnet.Bottleneck, [1, 2, 1, 1], num_classes=4, **options)


class Mmpretrain(nn.Module):
    """torchvision's backbone under one name and its head under another, as there."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = torchvision_net(groups=4, width_per_group=8)
        self.head = nn.Module()
        self.head.fc, self.backbone.fc = self.backbone.fc, nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.head.fc(self.backbone(x))


def transformers_names(state: State) -> State:
    """The tensors of torchvision's ResNet under the names of `ResNetForImageClassification`."""
    renamed = {}
    for key, value in state.items():
        parts = key.split(".")
        kind = {"conv": "convolution", "bn": "normalization"}.get(parts[-2].rstrip("0123456789"), "")
        if parts[0] in ("conv1", "bn1"):
            name = f"resnet.embedder.embedder.{kind}"
        elif parts[0] == "fc":
            name = "classifier.1"
        else:
            name = f"resnet.encoder.stages.{int(parts[0][-1]) - 1}.layers.{parts[1]}."
            if parts[2] == "downsample":
                name += f"shortcut.{('convolution', 'normalization')[int(parts[3])]}"
            else:
                name += f"layer.{int(parts[2][-1]) - 1}.{kind}"
        renamed[f"{name}.{parts[-1]}"] = value
    return renamed


def with_statistics(model: nn.Module) -> nn.Module:
    """`model` with batch norms that no default would give, in eval mode."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    return model.eval()


def saved(path: Path, state: State) -> Path:
    safetensors.torch.save_file({key: value.contiguous() for key, value in state.items()}, path)
    return path


def assert_same_logits(loaded: Checkpoint, theirs: nn.Module, side: int) -> None:
    ours = build(loaded.spec).eval()
    problems = ours.load_state_dict(loaded.state_dict, strict=False)
    assert not problems.unexpected_keys
    assert all(key.endswith("num_batches_tracked") for key in problems.missing_keys)
    image = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        expected = theirs(image)
        assert expected.std() > 0.01, "logits that differ from class to class"
        torch.testing.assert_close(ours(image), expected, rtol=1e-4, atol=1e-4)


FOREIGN = {
    "prlz77 8x4d": ("prlz77/ResNeXt.pytorch", lambda: Prlz77(8, 4, 2, 5, widen=4)),
    "prlz77 3x8d widened twice": ("prlz77/ResNeXt.pytorch", lambda: Prlz77(3, 8, 1, 5, widen=2)),
    "prlz77 not widened": ("prlz77/ResNeXt.pytorch", lambda: Prlz77(2, 8, 1, 5, widen=1)),
    "kuangliu 4x8d": ("kuangliu/pytorch-cifar", lambda: Kuangliu(4, 8, (2, 1, 1), 5, basic=False)),
    "kuangliu 3x10d": ("kuangliu/pytorch-cifar", lambda: Kuangliu(3, 10, (1, 1), 5, basic=False)),
    "kuangliu ResNet": ("kuangliu/pytorch-cifar", lambda: Kuangliu(1, 64, (2, 1, 1, 1), 5, basic=True)),
    "weiaicunzai bottleneck": ("weiaicunzai/pytorch-cifar100", lambda: Weiaicunzai((1, 2, 1, 1), 5, bottleneck=True)),
    "weiaicunzai basic": ("weiaicunzai/pytorch-cifar100", lambda: Weiaicunzai((1, 2, 1, 1), 5, bottleneck=False)),
    "mmpretrain": ("mmpretrain", Mmpretrain),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_foreign_names_give_their_own_logits(name: str, prefix: str, tmp_path: Path) -> None:
    torch.manual_seed(len(name))
    whose, make = FOREIGN[name]
    theirs = with_statistics(make())
    state = {prefix + key: value for key, value in theirs.state_dict().items()}
    loaded = load_checkpoint(saved(tmp_path / "theirs.safetensors", state))
    assert loaded.notes[0] == f"Its tensors are named as in {whose}."
    assert_same_logits(loaded, theirs, 64 if name == "mmpretrain" else 32)


def test_the_specs_are_what_the_layouts_say(tmp_path: Path) -> None:
    prlz77 = load_checkpoint(saved(tmp_path / "1.safetensors", Prlz77(8, 64, 3, 10, widen=4).state_dict())).spec
    assert (prlz77.depths, prlz77.cardinality, prlz77.base_width, prlz77.layer_count) == ((3, 3, 3), 8, 64, 29)
    kuangliu = load_checkpoint(saved(tmp_path / "2.safetensors", Kuangliu(32, 4, (3, 3, 3), 10, False).state_dict()))
    assert (kuangliu.spec.depths, kuangliu.spec.cardinality, kuangliu.spec.base_width) == ((3, 3, 3), 32, 4)
    assert "1×1 stem is run as a 3×3" in kuangliu.notes[1]
    basic = load_checkpoint(saved(tmp_path / "3.safetensors", Kuangliu(1, 64, (2, 2), 10, True).state_dict())).spec
    assert (basic.block, basic.depths) == (BlockKind.BASIC, (2, 2))


def test_the_names_of_transformers(tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs = with_statistics(torchvision_net())
    loaded = load_checkpoint(saved(tmp_path / "x.safetensors", transformers_names(theirs.state_dict())))
    assert loaded.notes[0] == "Its tensors are named as in transformers."
    assert_same_logits(loaded, theirs, 64)


@pytest.mark.parametrize(
    "prefix",
    ["module.", "model.", "backbone.", "_orig_mod.", "net.", "state_dict.", "module._orig_mod.", "_orig_mod.module."],
)
def test_prefixes_of_training_tools_are_taken_off(prefix: str, tmp_path: Path) -> None:
    theirs = torchvision_net(groups=2, width_per_group=8)
    state = {prefix + key: value for key, value in theirs.state_dict().items()}
    loaded = load_checkpoint(saved(tmp_path / "x.safetensors", state))
    assert torch.equal(loaded.state_dict["layer2.1.conv2.weight"], theirs.state_dict()["layer2.1.conv2.weight"])
    assert loaded.spec == load_checkpoint(saved(tmp_path / "plain.safetensors", theirs.state_dict())).spec


def test_a_name_of_nothing_but_prefixes_ends() -> None:
    with pytest.raises(UserError, match="no convolution"):
        recognise({"module." * 100_000 + name: (1,) for name in "ab"})


def test_of_two_heads_the_last_is_run_and_that_is_said(tmp_path: Path) -> None:
    theirs = Kuangliu(2, 4, (1,), 3, False)
    state = {**theirs.state_dict(), "other.weight": torch.zeros(7, 16), "other.bias": torch.zeros(7)}
    loaded = load_checkpoint(saved(tmp_path / "x.safetensors", state))
    assert "Of 2 linear layers outside the blocks, other is read as the head." in loaded.notes
    assert "Left over, and not run: linear.weight, linear.bias." in loaded.notes


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"stage_2.stage_2_bottleneck_0.shortcut.shortcut_conv.weight": None},
            r"layer2\.0\.downsample\.0\.weight 512×256×1×1 is missing",
        ),
        (
            {"stage_1.stage_1_bottleneck_0.bn.weight": torch.zeros(3)},
            r"stage_1\.stage_1_bottleneck_0\.bn\.weight has the shape 3, where 8",
        ),
    ],
)
def test_a_refusal_names_what_does_not_fit(change: dict[str, Tensor | None], words: str, tmp_path: Path) -> None:
    state: dict[str, Any] = {**Prlz77(2, 4, 1, 3, 4).state_dict(), **change}
    path = saved(tmp_path / "x.safetensors", {key: value for key, value in state.items() if value is not None})
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(path)


def timm_shapes() -> dict[str, dict[str, tuple[int, ...]]]:
    """Names and shapes recorded from timm 1.0.31; `….batch_norm` stands for the four vectors of one."""
    recorded = json.loads((Path(__file__).parent / "timm_shapes.json").read_text(encoding="utf-8"))
    return {name: dict(_spread(shapes)) for name, shapes in recorded.items()}


def _spread(shapes: dict[str, list[int]]) -> Any:
    for key, shape in shapes.items():
        module, _, leaf = key.rpartition(".")
        yield from ((f"{module}.{part}", tuple(shape)) for part in (NORM if leaf == "batch_norm" else (leaf,)))


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("resnext50_32x4d", ResNeXtSpec(cardinality=32, base_width=4)),
        ("resnext101_32x8d", ResNeXtSpec(depths=(3, 4, 23, 3), cardinality=32, base_width=8)),
        ("resnet50", ResNeXtSpec()),
        ("resnet18", ResNeXtSpec(depths=(2, 2, 2, 2), block=BlockKind.BASIC, expansion=1)),
    ],
)
def test_timms_plain_networks(name: str, spec: ResNeXtSpec) -> None:
    assert recognise(timm_shapes()[name])[0] == spec


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet50d", r"a stem of several convolutions \(conv1\.0, conv1\.3, conv1\.6\)"),
        ("seresnext50_32x4d", r"attention in its blocks \(layer1\.0\.se\.fc1, .* and 29 more\)"),
        ("skresnext50_32x4d", r"an SKNet \(selective kernels\), a relative of ResNeXt"),
        ("resnetv2_50", "norms before the convolutions"),
        ("resnet50_gn", r"norms that are no batch norm \(layer1\.0\.bn1, "),
    ],
)
def test_timms_relatives_are_refused_with_what_does_not_fit(name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        recognise(timm_shapes()[name])
