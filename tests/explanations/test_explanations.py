"""Known numbers are traced to their causes; what has none is not explained away.

Expectations: the threads in which people asked, the paper, torchvision's own metadata, and algebra.
"""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz import PRESETS, complexity, preset
from resnext_viz.conventions import TOOLS, tool_counts
from resnext_viz.errors import UserError
from resnext_viz.explanations import Explanation, explain_number


def first(number: str, network: str | None = None) -> Explanation:
    answer = explain_number(number, network)
    assert answer.matches, answer.verdict
    return answer.matches[0]


def told(explanation: Explanation) -> tuple[str, list[str], str]:
    mistakes = [mistake.key for mistake in explanation.candidate.mistakes]
    return explanation.title, mistakes, explanation.candidate.convention.key


# Asked in public: facebookresearch/ResNeXt 5, titu1994/Keras-ResNeXt 6 and 15, sovrasov/flops-counter.pytorch 76;
# kuangliu's pytorch-cifar prints three of them.
@pytest.mark.parametrize(("number", "network", "value", "why"), [
    ("22.84", None, 22_838_641_664, ("ResNeXt-50 (32×4d)", ["groups"], "calflops")),
    ("22.84 GFLOPs", "resnext50_32x4d", 22_838_641_664, ("ResNeXt-50 (32×4d)", ["groups"], "calflops")),
    ("89,700,288", None, 89_700_288, ("ResNeXt-29 (8×64d), CIFAR", ["output", "buffers", "fc-bias"], "learned")),
    ("320,956,352 params", None, 320_956_352,
     ("ResNeXt-29 (16×64d), CIFAR", ["output", "buffers", "fc-bias"], "learned")),
    ("89,598,282", None, 89_598_282, ("ResNeXt-29 (8×64d), CIFAR", ["output", "stem1x1"], "learned")),
    ("9,128,778", None, 9_128_778, ("ResNeXt-29 (2×64d), CIFAR", ["stem1x1"], "learned")),
    ("4,774,218 params", None, 4_774_218, ("ResNeXt-29 (32×4d), CIFAR", ["stem1x1"], "learned")),
    ("3.86 G", None, 3_857_973_248, ("ResNet-50", ["stride"], "paper")),
    ("4.12 GMac", None, 4_121_924_096, ("ResNet-50", [], "mmcv")),
    ("4.12 GMac", "resnet50", 4_121_924_096, ("ResNet-50", [], "mmcv")),
    ("4,12", "resnext50_2x40d", 4_124_508_160, ("ResNeXt-50 (2×40d)", [], "paper")),
    ("25.0M", None, 25_028_904, ("ResNeXt-50 (32×4d)", [], "learned")),
    ("4.2", "resnext50_32x4d", 4_230_479_872, ("ResNeXt-50 (32×4d)", [], "paper")),
    ("68.1M params", None, 68_155_210, ("ResNeXt-29 (16×64d), CIFAR", [], "learned")),
    ("68.9", None, 68_883_240, ("ResNeXt-50 (32×4d)", ["groups"], "learned")),  # not 2 bytes × 34,426,698 of 8×64d
    ("131.8 MB", None, 138_223_288, ("ResNet-50 (1×128d)", [], "stated")),  # Wide ResNet-50-2, in float16
    ("126.89", None, 126_886_696, ("ResNeXt-101 (32×4d)", ["groups"], "learned")),
    ("68.9 M params", None, 68_883_240, ("ResNeXt-50 (32×4d)", ["groups"], "learned")),
    ("11.398 G", "resnet50_1x128d", 11_398_021_120, ("ResNet-50 (1×128d)", [], "paper")),
    ("4.26 GMACs", "resnext50_32x4d", 4_259_381_248, ("ResNeXt-50 (32×4d)", [], "fvcore")),
    ("11.1 M acts", None, 11_114_984, ("ResNet-50", [], "acts")),
    ("50.1 MB", "resnext50_32x4d", 50_057_808, ("ResNeXt-50 (32×4d)", [], "float16")),
    ("5.34 G", "resnet50", 5_340_348_416, ("ResNet-50", ["image"], "paper")),  # 256²: all but the fc grows by (8/7)²
])  # fmt: skip
def test_a_known_number_is_traced_to_its_cause(
    number: str, network: str | None, value: int, why: tuple[str, list[str], str]
) -> None:
    explanation = first(number, network)
    assert (explanation.value, told(explanation)) == (value, why)
    assert sum(term.value for term in explanation.terms) == value


def test_the_sum_behind_22_84_is_told_term_by_term() -> None:
    explanation = first("22.84 GFLOPs")
    lines = [(term.amount, term.times) for term in explanation.terms]
    assert lines == [
        (4_230_479_872, 2),  # the network meant
        (11_398_021_120 - 4_230_479_872, 2),  # Wide ResNet-50-2, as torchvision documents it, less the network meant
        (14_400_512, 2), (12_895_232, 1), (64 * 112 * 112, 1), (2048 * 49, 1),
    ]  # fmt: skip
    assert "Wide ResNet-50-2" in explanation.sentence


def test_the_sum_behind_keras_89_700_288_is_told_term_by_term() -> None:
    assert [term.value for term in first("89,700,288").terms] == [34_426_698, 55_173_120, 2 * 50_240, -10]


def test_resnet_50s_4_12_is_told_against_the_3_8_of_its_paper() -> None:
    sentence = first("4.12 GMac", "resnet50").sentence
    assert "3,857,973,248" in sentence
    assert f"{4_089_184_256 - 3_857_973_248:,} more" in sentence
    assert f"the other {4_121_924_096 - 4_089_184_256:,}" in sentence


@pytest.mark.parametrize(("number", "network", "remark"), [
    ("22.6 M", "resnet50", "misprint"),
    ("22.6 M params", "resnet50", "misprint"),
    ("7.8 G", "resnext101_32x4d", "7.97 G"),
    ("3.8 G", "resnet50", "3,857,973,248"),
    ("12,345,678 params", None, ""),
    ("22.6 M params", None, ""),
])  # fmt: skip
def test_what_nothing_gives_is_no_match(number: str, network: str | None, remark: str) -> None:
    answer = explain_number(number, network)
    assert not answer.found
    assert answer.verdict.startswith("No match")
    assert remark in answer.remark
    assert len(answer.nearest) == 3
    assert network is None or {each.candidate.meant.spec for each in answer.nearest} == {PRESETS[network]}


def test_a_number_that_leads_astray_is_remarked_on_though_something_gives_it() -> None:
    answer = explain_number("15.6 G", "resnext101_64x4d")
    assert told(answer.matches[0])[1:] in [([], "thop"), ([], "ptflops-pytorch")]  # 15.585 and 15.584
    assert "15.46 G" in answer.remark


def test_the_nearest_to_pycls_misprint_say_how_far_they_are() -> None:
    nearest = explain_number("22.6 M params", "resnet50").nearest
    assert nearest[-1].value == 25_557_032
    assert [each.distance for each in nearest] == ["0.8 % more than", "4.1 % more than", "13 % more than"]
    assert nearest[-1].off == pytest.approx(25_557_032 / 22.6e6 - 1)


def test_another_network_that_has_the_number_is_named() -> None:
    elsewhere = explain_number("7.8 G", "resnext101_32x4d").elsewhere
    assert (elsewhere[0].title, elsewhere[0].value) == ("ResNet-101", 7_801_405_440)


def test_conventions_that_give_one_number_are_told_together() -> None:
    # Without a linear layer to skip, mmpretrain's counter is mmengine's, which counts as fvcore.
    counts = {count.tool.key: count.total for count in tool_counts(preset("resnext50_32x4d_features"))}
    assert counts["fvcore"] == counts["mmpretrain-flops"]
    explanation = first(f"{counts['fvcore']:,} FLOPs", "resnext50_32x4d_features")
    assert told(explanation)[1:] == ([], "fvcore")
    assert "mmpretrain-flops" in [convention.key for convention in explanation.also]
    assert "and by" in explanation.subject


def test_few_digits_bear_few_mistakes() -> None:
    assert "One digit says too little" in explain_number("4").remark
    assert not explain_number("4").found
    assert not explain_number("11 G", "resnext50_32x4d").found  # 11.398 G with the groups forgotten
    assert told(first("11.4 G", "resnext50_32x4d"))[1] == ["groups"]
    doubled = 2 * 3_768_058_368  # ResNeXt-50 with the stride on the 1×1
    assert not explain_number(f"{doubled / 1e9:.2f} G mult-adds", "resnext50_32x4d").matches[0].mistakes[1:]


def test_a_given_image_size_is_no_mistake() -> None:
    answer = explain_number("5.340 GMACs", "resnet50", 256)
    assert told(answer.matches[0]) == ("ResNet-50", [], "paper")
    assert "256×256" in answer.matches[0].sentence


def test_torchvisions_own_metadata_is_explained_without_a_mistake() -> None:
    import torchvision

    names = {"ResNet18": "resnet18", "ResNet50": "resnet50", "ResNet101": "resnet101", "ResNet152": "resnet152",
             "ResNeXt50_32X4D": "resnext50_32x4d", "ResNeXt101_32X8D": "resnext101_32x8d",
             "ResNeXt101_64X4D": "resnext101_64x4d", "Wide_ResNet50_2": "resnet50_1x128d"}  # fmt: skip
    for title, name in names.items():
        for weights in getattr(torchvision.models, f"{title}_Weights"):
            meta = weights.meta
            for number, convention in (
                (f"{meta['_ops']} GFLOPS", "paper"),
                (f"{meta['num_params']} params", "learned"),
                (f"{meta['_file_size']} MB", "stated"),
            ):
                explanation = first(number, name)
                assert told(explanation)[1:] == ([], convention)
                assert min(term.value for term in explanation.terms) > 0


@settings(max_examples=60)
@given(st.sampled_from(sorted(PRESETS)), st.integers(0, len(TOOLS) - 1), st.integers(4, 8))
def test_every_tools_number_of_every_preset_is_explained_with_that_tool(name: str, which: int, digits: int) -> None:
    count = tool_counts(preset(name))[which]
    if count.tool.key == "paddleclas" and not count.tallies.grouped_macs:
        return  # nothing is left out: its number is torch's
    written = f"{Decimal(count.total):.{digits - 1}e}"  # so many significant digits
    answer = explain_number(f"{written} {'MACs' if which % 2 else 'FLOPs'}", name, None, 100)
    unmistaken = [each for each in answer.matches if not each.mistakes]
    assert count.tool.key in {c.key for each in unmistaken for c in (each.candidate.convention, *each.also)}
    for each in answer.matches:
        assert sum(term.value for term in each.terms) == each.value


@settings(max_examples=30)
@given(st.sampled_from(sorted(PRESETS)))
def test_the_exact_counts_of_every_preset_come_first(name: str) -> None:
    counts = complexity(preset(name))
    for count, unit in ((counts.params, "params"), (counts.macs, "MACs"), (counts.acts, "acts")):
        explanation = first(f"{count:,} {unit}", name)
        assert (explanation.value, explanation.mistakes) == (count, ())


def test_the_answer_as_json_has_all_that_is_told() -> None:
    document = explain_number("22.84 GFLOPs").to_dict()
    assert (document["number"], document["unit"], document["nearest"]) == ("22.84", "GFLOPs", [])
    match = document["matches"][0]
    assert {"value", "network", "convention", "mistakes", "terms", "sentence"} <= match.keys()
    assert match["network"] == "resnext50_32x4d"
    assert sum(term["count"] * term["times"] for term in match["terms"]) == match["value"]
    assert all(term["count"] * term["times"] == term["value"] for term in match["terms"])


@pytest.mark.parametrize(("number", "network", "size", "most"), [
    ("five", None, None, 8), ("4.1 G", "vgg16", None, 8), ("4.1 G", "resnet50", 0, 8), ("4.1 G", "resnet50", None, 0),
])  # fmt: skip
def test_a_mistake_of_the_users_is_told_in_words(number: str, network: str | None, size: int | None, most: int) -> None:
    with pytest.raises(UserError):
        explain_number(number, network, size, most)
