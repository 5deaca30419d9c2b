"""The code for each library, run: counts, names, shapes and outputs against our network and the libraries' lists."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import timm
import torch
import torchvision
from hypothesis import HealthCheck, given, settings
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz.complexity import complexity
from resnext_viz.names import name_of, parse
from resnext_viz.nn.code_check import run_code
from resnext_viz.nn.seeded import build_seeded, randomise_norms
from resnext_viz.source_code import NoCodeError, Source, Target, source_code
from resnext_viz.spec import ResNeXtSpec
from tests.nn.test_network import TORCHVISION
from tests.support.specs import specs

SMALL = specs().map(
    lambda spec: spec.with_options(
        depths=[min(depth, 2) for depth in spec.depths],
        cardinality=min(spec.cardinality, 4),
        base_width=min(spec.base_width, 64 if spec.block == "basic" else 16),
        num_classes=min(spec.num_classes, 20),
    )
)
# Every option, alone or with others, and the shapes that the libraries have by name.
NETWORKS = (
    "resnet18", "resnext50_32x4d", "resnet14_b1-1-1-1_stride1x1_k7", "resnext29_2x4d_cifar10",
    "resnext20_4x16d_cifarpool10_x2", "resnext29_4x4d_cifar10_x2_bias", "resnext14_2x64d_b1-1-1-1_out2cd",
    "resnext14_16x2d_b1-1-1-1_out2cd", "resnext14_4x4d_b1-1-1-1_noshortcut", "resnet10_b1-1-1-1_basic_in4_features",
    "resnet10_b1-1-1-1_basic_k3_in1", "resnet10_b1-1-1-1_basic_x2", "resnext8_4x4d_b2", "resnext11_4x4d_b1-2_features",
)  # fmt: skip
EXTREME = ResNeXtSpec((200,) * 4, cardinality=1024, base_width=1024, num_classes=100_000, in_channels=1024)


def named_shapes(module: nn.Module) -> list[tuple[str, torch.Size]]:
    return [(name, value.shape) for name, value in module.state_dict().items()]


def assert_is_ours(source: Source, side: int) -> None:
    """Counts by torch's own counter, names, shapes, and bits of the outputs, with random statistics in eval mode."""
    spec = source.spec
    theirs, ours = run_code(source), build_seeded(spec)
    randomise_norms(ours)
    assert named_shapes(theirs) == named_shapes(ours)
    counts = complexity(spec, side)
    assert sum(parameter.numel() for parameter in theirs.parameters()) == counts.params
    image = torch.empty(1, spec.in_channels, side, side, device="meta")
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        theirs(image)
    assert counter.get_total_flops() == 2 * counts.macs
    theirs.load_state_dict(ours.state_dict(), assign=True)
    images = torch.randn(2, spec.in_channels, side, side, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        expected = ours(images)
        assert expected.abs().max() > 0
        assert (theirs(images) - expected).abs().max() <= 1e-6 * expected.abs().max()  # pooling may sum differently
        if source.target is Target.TORCH:
            assert torch.equal(theirs(images), expected)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("target", [Target.TORCHVISION, Target.TIMM, Target.TORCH])  # ours: random networks, below
def test_the_code_builds_our_network(name: str, target: Target) -> None:
    try:
        source = source_code(parse(name), target)
    except NoCodeError:
        assert target in {Target.TORCHVISION, Target.TIMM}
        return
    assert_is_ours(source, 32)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(SMALL)
def test_the_code_of_any_spec_builds_our_network(spec: ResNeXtSpec) -> None:
    for target in Target:
        try:
            source = source_code(spec, target, 17)
        except NoCodeError:
            assert target in {Target.TORCHVISION, Target.TIMM}
            continue
        assert_is_ours(source, 17)


def test_torchvisions_networks_are_asked_for_by_torchvisions_names() -> None:
    theirs = {name for name in torchvision.models.list_models() if re.fullmatch(r"(wide_)?resne(t|xt)\d+_?\w*", name)}
    assert theirs == set(TORCHVISION)
    for name, spec in TORCHVISION.items():
        for target, call in (("torchvision", f"torchvision.models.{name}()"), ("timm", f'timm.create_model("{name}")')):
            assert f"model = {call}\n" in source_code(spec, target).code


@pytest.mark.parametrize("name", ["resnet26", "resnet200", *(f"resnext101_32x{width}d" for width in (4, 16, 32))])
def test_what_timm_alone_has_by_name_is_asked_for_by_it(name: str) -> None:
    assert timm.is_model(name)
    source = source_code(parse(name), "timm")
    assert f'timm.create_model("{name}")' in source.code
    made = run_code(source)
    assert sum(parameter.numel() for parameter in made.parameters()) == complexity(parse(name)).params


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("resnext50_32x4d_noshortcut", "torchvision", "always add a shortcut"),
        ("resnext50_32x4d_noshortcut", "timm", "always add a shortcut"),
        ("resnet18_1x32d", "torchvision", "d = 64 only, and this has d = 32"),
        ("resnet18_1x32d", "timm", "d = 64 only, and this has d = 32"),
        ("resnet18_x2", "torchvision", "expansion 1 only, and this has 2"),
        ("resnext50_3x5d_out2cd", "torchvision", "these put out 30"),
        ("resnext50_32x1d_out2cd", "timm", "only where the shape changes"),
    ],
)
def test_what_a_library_cannot_build_is_refused_with_the_reason(name: str, target: str, words: str) -> None:
    with pytest.raises(NoCodeError, match=words):
        source_code(parse(name), target)


def test_a_basic_block_of_another_width_is_refused_by_the_libraries_themselves() -> None:
    with pytest.raises(ValueError, match="base_width"):
        torchvision.models.resnet.ResNet(torchvision.models.resnet.BasicBlock, [1, 1, 1, 1], width_per_group=32)
    with pytest.raises(AssertionError, match="base width"):
        timm.models.resnet.ResNet(timm.models.resnet.BasicBlock, (1, 1, 1, 1), base_width=32)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_plain_file_is_short_clean_and_imports_torch_alone(name: str, tmp_path: Path) -> None:
    source = source_code(parse(name))
    assert 55 <= len(source.code.splitlines()) <= 90
    nodes = list(ast.walk(ast.parse(source.code)))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert imported | {node.module for node in nodes if isinstance(node, ast.ImportFrom)} == {"torch"}
    path = tmp_path / source.file_name
    path.write_text(source.code, encoding="ascii")
    assert path.stem.isidentifier()
    for how in (["format", "--check"], ["check", "--select", "E,F,I,W,B,N,UP,ANN,ARG,RUF,SIM"]):
        command = [sys.executable, "-m", "ruff", *how, "--isolated", "--no-cache", "--line-length", "100", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_plain_file_run_alone_prints_its_params(tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    path.write_text(source_code(parse("resnext50_32x4d")).code, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=True)
    assert done.stdout == "25,028,904 params\n"  # torchvision's num_params


@pytest.mark.parametrize("target", Target)
def test_the_largest_network_of_all_has_code_too(target: Target) -> None:
    source = source_code(EXTREME, target, 4096)
    compile(source.code, source.file_name, "exec")
    assert f"{complexity(EXTREME, 4096).params:,} params" in source.code


@settings(max_examples=60)
@given(specs())
def test_the_code_is_ascii_and_names_what_it_makes(spec: ResNeXtSpec) -> None:
    for target in Target:
        try:
            source = source_code(spec, target)
        except NoCodeError:
            continue
        assert source.code.isascii()
        assert re.search(rf"^(class {source.entry}\(|{source.entry} = )", source.code, re.MULTILINE)
        assert source.file_name.removesuffix(".py").isidentifier()


def test_our_own_code_leaves_the_spec_behind() -> None:
    for name in NETWORKS:
        space: dict[str, object] = {"build": nn.Identity}
        exec(source_code(parse(name), "resnext_viz").code.replace("build(spec)", "spec"), space)
        assert name_of(space["spec"]) == name_of(parse(name))  # type: ignore[arg-type]
