"""Every tool's rule against the tool itself, against what is printed elsewhere, and against algebra."""

import sys

import pytest
import torch
import torchvision
from hypothesis import given, settings

from resnext_viz.bench.tool_check import CountedNetwork, check_tools, random_networks, verdict_of
from resnext_viz.bench.tools import COUNTING_TOOLS, CountingTool, ToolReading, is_plain, quiet
from resnext_viz.complexity import complexity
from resnext_viz.conventions import SUMMARY_SIZES, TOOLS, WORDS, ToolCount, tallies, tool_counts
from resnext_viz.layers import walk
from resnext_viz.names import parse
from resnext_viz.nn.module_style import in_modules
from resnext_viz.nn.network import build
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem
from tests.support.ci import under_ci
from tests.support.one_thread import one_thread
from tests.support.specs import image_sizes, specs

__all__ = ["one_thread"]
TOOL = {tool.name: tool for tool in COUNTING_TOOLS}
NETWORKS = random_networks(60)
PRESETS = [
    CountedNetwork(parse("resnext50_32x4d"), 64),
    CountedNetwork(parse("resnet18"), 65),
    CountedNetwork(parse("resnext29_2x64d_cifar10"), 32),
    CountedNetwork(parse("resnext50_32x4d_features"), 33),
]
NAMES = ("resnet50", "resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d")
# Measured with the tools, one row for each, on the five networks at 224 px.
MEASURED = {
    "paper": (4_089_184_256, 4_230_479_872, 7_969_996_800, 16_414_015_488, 15_460_270_080),
    "ptflops-aten": (4_089_185_256, 4_230_480_872, 7_969_997_800, 16_414_016_488, 15_460_271_080),
    "torchinfo": (4_089_238_376, 4_230_549_096, 7_970_135_656, 16_414_219_368, 15_460_473_960),
    "fvcore": (4_111_512_576, 4_259_381_248, 8_012_546_048, 16_476_534_784, 15_522_789_376),
    "ptflops-pytorch": (4_132_436_968, 4_286_878_696, 8_053_691_368, 16_537_650_152, 15_583_904_744),
    "thop": (4_133_742_592, 4_288_184_320, 8_054_996_992, 16_538_955_776, 15_585_210_368),
    "calflops": (8_211_108_352, 8_503_559_168, 16_003_064_832, 32_921_057_280, 31_013_566_464),
    "torch": (8_178_368_512, 8_460_959_744, 15_939_993_600, 32_828_030_976, 30_920_540_160),
}
# The metafiles of mmpretrain 1.2.0, in 10⁹ with two decimals.
MODEL_ZOO = {
    "resnet18": 1.82, "resnet34": 3.68, "resnet50": 4.12, "resnet101": 7.85, "resnet152": 11.58,
    "resnext50_32x4d": 4.27, "resnext101_32x4d": 8.03, "resnext101_32x8d": 16.50, "resnext152_32x4d": 11.80,
}  # fmt: skip
MODEL_ZOO_CIFAR = {"resnet18": 0.56, "resnet34": 1.16, "resnet50": 1.31, "resnet101": 2.52, "resnet152": 3.74}


def counted(spec: ResNeXtSpec, image_size: int | None = None) -> dict[str, ToolCount]:
    return {count.tool.key: count for count in tool_counts(spec, image_size)}


@pytest.mark.parametrize("tool", COUNTING_TOOLS, ids=lambda tool: tool.name)
def test_the_rule_is_what_the_installed_tool_counts(tool: CountingTool) -> None:
    if tool.version is None:
        if under_ci() and tool.package != "deepspeed":
            pytest.fail(f"{tool.package} is not installed")
        pytest.skip(f"{tool.package} is not installed")
    # All of them by one tool or another; fvcore and mmengine trace each network twice, which takes its time.
    step = {"fvcore": 8, "mmengine": 8, "timm": 2}.get(tool.package, 4)
    chosen = NETWORKS[COUNTING_TOOLS.index(tool) % step :: step]
    (match,) = check_tools([*PRESETS, *chosen], [tool])
    assert match.compared >= 8
    assert match.holds, f"{match.tool} {match.version}: {match.first_mismatch}"


def test_the_random_networks_have_every_option() -> None:
    for field in ("block", "stem", "stride_on", "shortcut", "conv_bias", "output_rule", "head"):
        assert len({getattr(network.spec, field) for network in NETWORKS}) == len({*_values(field)})
    assert {len(network.spec.depths) for network in NETWORKS} == {1, 2, 3, 4}
    assert {network.image_size % 2 for network in NETWORKS} == {0, 1}
    assert min(network.image_size for network in NETWORKS) == 1


def _values(field: str) -> list[object]:
    kind = type(getattr(ResNeXtSpec(), field))
    return [True, False] if kind is bool else list(kind)


@pytest.mark.parametrize("key", MEASURED)
def test_all_cells_of_the_measured_table(key: str) -> None:
    assert tuple(counted(parse(name))[key].total for name in NAMES) == MEASURED[key]


@pytest.mark.parametrize("name", MODEL_ZOO)
def test_mmpretrains_model_zoo_prints_this(name: str) -> None:
    assert round(counted(parse(name))["mmpretrain"].total / 1e9, 2) == MODEL_ZOO[name]


@pytest.mark.parametrize("name", MODEL_ZOO_CIFAR)
def test_mmpretrains_model_zoo_prints_this_for_cifar(name: str) -> None:
    spec = parse(name).with_options(stem=Stem.CIFAR, num_classes=10)
    assert round(counted(spec)["mmpretrain"].total / 1e9, 2) == MODEL_ZOO_CIFAR[name]


@pytest.mark.parametrize(
    "name",
    [
        "resnet18",
        "resnet34",
        "resnet50",
        "resnet101",
        "resnet152",
        "wide_resnet50_2",
        "resnext50_32x4d",
        "resnext101_32x8d",
        "resnext101_64x4d",
    ],
)
def test_torchvisions_documentation_prints_this(name: str) -> None:
    for weights in torchvision.models.get_model_weights(name):
        size = weights.transforms().crop_size[0]
        assert round(counted(parse(name), size)["paper"].total / 1e9, 3) == weights.meta["_ops"]


@settings(max_examples=50, deadline=None)
@given(specs(), image_sizes())
def test_terms_add_up(spec: ResNeXtSpec, image_size: int) -> None:
    counts = counted(spec, image_size)
    ours = complexity(spec, image_size).macs
    for count in counts.values():
        assert sum(term.value for term in count.terms) == count.total
        assert count.difference == count.total - ours
        assert sum(term.value for term in count.beyond) == count.total - count.tool.per_mac * ours
        assert {skipped.what for skipped in count.skipped}.isdisjoint(term.words for term in count.terms)
    # From ptflops to calflops: ReLU and pools once, not twice; a multiply-add twice; no bias of the linear layer.
    ptflops, calflops = counts["ptflops-pytorch"], counts["calflops"]
    here = ptflops.tallies
    once = here.relu_elements + here.max_pool_in + here.avg_pool_in
    assert calflops.total - ours == ptflops.total - once - here.linear_bias


def test_what_is_skipped_is_told() -> None:
    skipped = {left.what: left for left in counted(parse("resnext50_32x4d"))["fvcore"].skipped}
    assert list(skipped) == ["bias of the linear layer", "ReLU", "max pool", "additions"]
    # 3·256·56² + 4·512·28² + 6·1024·14² + 3·2048·7²
    assert (skipped["additions"].elements, skipped["additions"].times) == (5_519_360, 16)
    assert skipped["max pool"].elements == 64 * 112 * 112


def test_a_tool_that_changes_its_rule_is_named() -> None:
    honest = TOOL["torch FlopCounterMode"]

    def off_by_one(spec: ResNeXtSpec, image_size: int) -> ToolReading | None:
        reading = honest.read(spec, image_size)
        return reading and reading._replace(total=reading.total + (not spec.head))

    (match,) = check_tools(NETWORKS[:20], [honest._replace(name="changed", read=off_by_one)])
    assert (match.tool, match.version, match.compared) == ("changed", torch.__version__.partition("+")[0], 20)
    assert 0 < match.equal < 20
    assert not match.holds
    assert "_features" in match.first_mismatch


def test_a_tool_that_fails_is_a_finding() -> None:
    def raising(_spec: ResNeXtSpec, _image_size: int) -> ToolReading | None:
        raise RuntimeError("no such operator")

    verdict = verdict_of(TOOL["thop"]._replace(read=raising), NETWORKS[0])
    assert verdict
    assert verdict.endswith("RuntimeError: no such operator")


def test_a_tool_that_is_not_installed_is_told() -> None:
    (match,) = check_tools(NETWORKS[:1], [TOOL["thop"]._replace(package="no-such-package")])
    assert (match.version, match.compared, match.holds) == (None, 0, True)


@torch.no_grad()
def test_the_counted_module_is_the_network() -> None:
    torch.manual_seed(0)
    for network in [network for network in NETWORKS if network.image_size > 2][:12]:
        ours = build(network.spec).eval()
        before = {key: value.clone() for key, value in ours.state_dict().items()}
        image = torch.randn(2, network.spec.in_channels, network.image_size, network.image_size)
        expected = ours(image)
        assert torch.equal(in_modules(ours)(image), expected) or torch.allclose(in_modules(ours)(image), expected)
        assert all(torch.equal(value, before[key]) for key, value in ours.state_dict().items())


@pytest.mark.parametrize(
    "name", ["fvcore", "ptflops (aten)", "ptflops (pytorch)", "thop", "torchinfo", "calflops", "mmcv"]
)
def test_the_counted_module_gets_torchvisions_number(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

    from resnext_viz.bench import tools

    if TOOL[name].version is None and not under_ci():
        pytest.skip(f"{name} is not installed")

    def torchvisions(spec: ResNeXtSpec, linear: bool) -> torch.nn.Module:
        assert linear
        block = BasicBlock if spec.block is BlockKind.BASIC else Bottleneck
        return ResNet(
            block, list(spec.depths), spec.num_classes, groups=spec.cardinality, width_per_group=spec.base_width
        ).eval()

    plain = [network for network in NETWORKS if is_plain(network.spec) and network.spec.in_channels == 3][:3]
    assert plain
    for network in plain:
        with quiet():
            ours = TOOL[name].read(*network)
            with monkeypatch.context() as patch:
                patch.setattr(tools, "counted_module", torchvisions)
                theirs = TOOL[name].read(*network)
        assert ours == theirs


def test_every_tool_has_a_rule_and_every_rule_a_tool_or_a_source() -> None:
    followed = {tool.rule for tool in COUNTING_TOOLS}
    assert followed | {tool.key for tool in TOOLS if tool.source} == {tool.key for tool in TOOLS}
    assert {name for tool in TOOLS for name in tool.weights} <= set(WORDS)


@pytest.mark.skipif(TOOL["calflops"].version is None, reason="calflops is not installed")
def test_what_stands_in_for_transformers_leaves_again() -> None:
    with quiet():
        TOOL["calflops"].read(*NETWORKS[0])
    assert getattr(sys.modules.get("transformers"), "AutoTokenizer", "gone") is not None


@pytest.mark.parametrize(("name", "size"), [("resnext50_32x4d", 64), ("resnet18", 65), ("resnet50", 33)])
def test_torchsummarys_sizes_are_what_every_module_puts_out(name: str, size: int) -> None:
    # As its source has it: every call of every module but containers, each element twice in float32; Keras' params
    # have running mean and variance among them.
    model = torchvision.models.get_model(name).eval()
    put_out: list[int] = []
    for module in model.modules():
        if not isinstance(module, torch.nn.Sequential) and module is not model:
            module.register_forward_hook(lambda _module, _given, out: put_out.append(out.numel()))
    image = torch.zeros(1, 3, size, size)
    with torch.no_grad():
        model(image)
    sizes = {tool.key: ToolCount(tool, tallies(walk(parse(name), size))).total for tool in SUMMARY_SIZES}
    params = sum(param.nbytes for param in model.parameters())
    assert sizes["torchsummary-pass"] == 8 * sum(put_out)
    assert sizes["torchsummary-total"] == 8 * sum(put_out) + params + image.nbytes
    assert sizes["keras"] == params + sum(buffer.nbytes for key, buffer in model.named_buffers() if "running" in key)
