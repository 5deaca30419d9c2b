"""Numbers as people bring them: pasted lines, units of 1024, memory, other classes, other places' networks and tables.

Values come from torchvision's and Keras' documentation, the tables named beside them, and algebra.
"""

import pytest

from resnext_viz.explanations import Explanation, explain_number
from resnext_viz.explanations.stated import Fit


def first(number: str, network: str | None = None) -> Explanation:
    answer = explain_number(number, network)
    assert answer.matches, answer.verdict
    found = answer.matches[0]
    assert sum(term.value for term in found.terms) == found.value
    return found


def told(found: Explanation) -> tuple[str, list[str], str]:
    return found.title, [mistake.key for mistake in found.candidate.mistakes], found.candidate.convention.key


# torchvision's params over 2²⁰; its multiply-adds over 2³⁰. The first is asked in BangguWu/ECANet 35.
@pytest.mark.parametrize(("number", "value", "title"), [
    ("24.37M params", 25_557_032, "ResNet-50"),
    ("23.87M params", 25_028_904, "ResNeXt-50 (32×4d)"),
    ("42.49M", 44_549_160, "ResNet-101"),
    ("57.40M parameters", 60_192_808, "ResNet-152"),
    ("3.808 GFLOPs", 4_089_184_256, "ResNet-50"),
    ("24.37 Mi params", 25_557_032, "ResNet-50"),
])  # fmt: skip
def test_counts_too_are_printed_in_units_of_1024(number: str, value: int, title: str) -> None:
    found = first(number)
    assert (found.value, found.title, found.mistakes) == (value, title, ())
    assert "× 2" in found.verdict


# With K classes for 1,000: 2,049·(1,000 − K) fewer.
@pytest.mark.parametrize(("network", "params", "title"), [
    ("resnext50_32x4d", 25_028_904, "ResNeXt-50 (32×4d)"),
    ("resnet50", 25_557_032, "ResNet-50"),
    ("resnext101_32x8d", 88_791_336, "ResNeXt-101 (32×8d)"),
    ("resnet152", 60_192_808, "ResNet-152"),
])  # fmt: skip
@pytest.mark.parametrize("classes", [1, 7, 37, 196, 555])
def test_any_number_of_classes_is_solved_for(network: str, params: int, title: str, classes: int) -> None:
    number = params - 2_049 * (1_000 - classes)
    for found in (first(f"{number:,} params"), first(f"{number}", network)):
        assert (found.value, found.title) == (number, title)
        assert found.mistakes == (f"{classes} class{'es' * (classes > 1)}, not 1,000",)


def test_classes_are_solved_for_beside_keras_way_of_counting() -> None:
    # 25,636,712 of Keras' ResNet-50, with 37 classes.
    found = first(f"{25_636_712 - 2_049 * 963:,} params")
    assert told(found)[:2] == ("ResNet-50", ["bias", "buffers", "classes"])
    assert "37 classes" in found.subject


def test_a_way_that_is_found_twice_is_told_once() -> None:
    # ResNet-18 of kuangliu's pytorch-cifar: 10 classes are both looked up and solved for.
    found = first("11,173,962")
    assert found.subject == "ResNet-18 with a 3×3 stem without pool, as for CIFAR; 10 classes, not 1,000"


def test_a_number_of_classes_is_no_free_choice() -> None:
    # 17 for each class but a rest; and few digits bear none.
    assert not explain_number(f"{25_028_904 - 2_049 * 500 + 17:,} params", "resnext50_32x4d").found
    assert not explain_number("22.9942 M params", "resnext50_32x4d").found
    # Each class puts out one element: some number of classes would fit any number of acts.
    assert not explain_number("11,114,500 acts", "resnet50").found


# Keras' documentation: applications, with and without include_top.
@pytest.mark.parametrize(("number", "title", "mistakes"), [
    ("42,658,176 params", "ResNet-101", {"head", "bias", "buffers"}),
    ("23,587,712", "ResNet-50", {"head", "bias", "buffers"}),
    ("58,370,944 params", "ResNet-152", {"head", "bias", "buffers"}),
    ("25,636,712 params", "ResNet-50", {"bias", "buffers"}),
    ("44,707,176 params", "ResNet-101", {"bias", "buffers"}),
    ("23,048,128 params", "ResNeXt-50 (32×4d)", {"head", "buffers"}),
])  # fmt: skip
def test_several_mistakes_are_combined_for_every_network(number: str, title: str, mistakes: set[str]) -> None:
    found = first(number)
    assert (found.title, {mistake.key for mistake in found.candidate.mistakes}) == (title, mistakes)
    assert found.fit is Fit.EXACT
    assert "Keras" in found.note


@pytest.mark.parametrize(("number", "value", "title"), [
    ("59.95M params", 59_951_400, "ResNeXt-152 (32×4d)"),
    ("194.03M params", 194_026_792, "ResNeXt-101 (32×16d)"),
    ("468,530,472", 468_530_472, "ResNeXt-101 (32×32d)"),
    ("828.4 M params", 828_411_176, "ResNeXt-101 (32×48d)"),
    ("36.16 GMACs", 36_163_289_088, "ResNeXt-101 (32×16d)"),
])  # fmt: skip
def test_published_networks_that_are_no_presets_are_found(number: str, value: int, title: str) -> None:
    found = first(number)
    assert (found.value, found.title, found.mistakes) == (value, title, ())


# darknet's table of ImageNet classifiers.
@pytest.mark.parametrize(("number", "title", "rule"), [
    ("9.74 BFLOPs", "ResNet-50", "darknet"),
    ("4.69 Bn", "ResNet-18", "darknet"),
    ("9.52 BFLOPs", "ResNet-34", "darknet"),
    ("10.11 BFLOPs", "ResNeXt-50 (32×4d)", "darknet"),
    ("19.70 BFLOPs", "ResNet-101", "darknet-map"),
    ("29.39 BFLOPs", "ResNet-152", "darknet-map"),
    ("Total: 9.741 BFLOPS", "ResNet-50", "darknet"),
])  # fmt: skip
def test_darknets_billions_are_its_own(number: str, title: str, rule: str) -> None:
    assert told(first(number)) == (title, ["image"], rule)


# 8·(2·14,400,512 + 1,000) bytes; with 8 for each element of ReLU, pools and blocks more; Keras' params, of 4 bytes.
@pytest.mark.parametrize(("number", "value", "title", "rule"), [
    ("230.42 MB", 230_416_192, "ResNeXt-50 (32×4d)", "torchinfo-pass"),
    ("Forward/backward pass size (MB): 230.42", 230_416_192, "ResNeXt-50 (32×4d)", "torchinfo-pass"),
    ("Forward/backward pass size (MB): 177.83", 8 * (2 * 11_113_984 + 1_000), "ResNet-50", "torchinfo-pass"),
    ("Estimated Total Size (MB): 331.13", 331_133_920, "ResNeXt-50 (32×4d)", "torchinfo-total"),
    ("361.78 MB", 379_354_944, "ResNeXt-50 (32×4d)", "torchsummary-pass"),
    ("Forward/backward pass size (MB): 286.56", None, "ResNet-50", "torchsummary-pass"),
    ("Estimated Total Size (MB): 457.83", None, "ResNeXt-50 (32×4d)", "torchsummary-total"),
    ("95.74 MB", 4 * 25_097_128, "ResNeXt-50 (32×4d)", "keras"),
    ("Params size (MB): 95.48", 4 * 25_028_904, "ResNeXt-50 (32×4d)", "float32"),
    ("Non-trainable params: 68,224 (266.50 KB)", 68_224, "ResNeXt-50 (32×4d)", "statistics"),
])  # fmt: skip
def test_what_summary_tools_print_is_a_convention(number: str, value: int | None, title: str, rule: str) -> None:
    found = first(number)
    assert told(found) == (title, [], rule)
    assert value in {None, found.value}


def test_a_tool_has_one_megabyte() -> None:
    rules = {each.candidate.convention.key for each in explain_number("219.74 MB", "resnext50_32x4d").matches}
    assert "torchinfo-pass" not in rules  # 230,416,192 bytes are 219.74 MiB, and torchinfo's MB are 10⁶


# PaddleClas' table: exact for 64×4d, up to 0.03 M off for 32×4d.
@pytest.mark.parametrize(("number", "value", "title"), [
    ("42.36 M params", 42_362_176, "ResNeXt-50 (64×4d)"),
    ("78.12M params", 78_118_208, "ResNeXt-101 (64×4d)"),
    ("107.57M params", 107_570_496, "ResNeXt-152 (64×4d)"),
])  # fmt: skip
def test_paddleclas_leaves_grouped_convolutions_out(number: str, value: int, title: str) -> None:
    found = first(number)
    assert (found.value, told(found)) == (value, (title, [], "paddleclas"))


@pytest.mark.parametrize(("number", "words"), [
    ("193M", "194.03 M"), ("466M params", "468.53 M"), ("829M", "828.41 M"), ("193 million parameters", "194.03 M"),
    ("8.02 GFLOPs", "7.999 G"), ("23.64 M params", "23.613 M"), ("41.54M", "41.509 M"), ("22.01 G", "21.974 G"),
    ("56.28M params", "What else it counts is not known"),
])  # fmt: skip
def test_known_misprints_and_rests_are_said(number: str, words: str) -> None:
    assert words in explain_number(number).remark


@pytest.mark.parametrize("number", ["193M", "466M", "829M", "23.64 M params", "56.28M params"])
def test_a_misprint_is_explained_by_nothing(number: str) -> None:
    assert not explain_number(number).found


@pytest.mark.parametrize(("line", "value", "rule"), [
    ("Total params: 25,028,904", 25_028_904, "learned"),
    ("Computational complexity: 4.29 GMac", 4_286_878_696, "ptflops-pytorch"),
    ("Total mult-adds (G): 4.23", 4_230_549_096, "torchinfo"),
    ("Total params: 25,097,128 (95.74 MB)", 25_097_128, "learned"),
    ("25,028,904 trainable parameters", 25_028_904, "learned"),
    ("flops=4.26G", 4_259_381_248, "fvcore"),
    ("Number of parameters:           25.03 M", 25_028_904, "learned"),
    ("MACs: 4288184320.0, Params: 25028904.0", 4_288_184_320, "thop"),
    ("fwd FLOPs:                                                      8.5036 GFLOPS", 8_503_559_168, "calflops"),
    ("25.0 M    Trainable params", 25_028_904, "learned"),
])  # fmt: skip
def test_a_line_pasted_whole_is_explained(line: str, value: int, rule: str) -> None:
    answer = explain_number(line)
    assert (first(line).value, told(first(line))[0], told(first(line))[2]) == (value, "ResNeXt-50 (32×4d)", rule)
    assert ("Left out of that line" in answer.remark) == ("Params: 25028904.0" in line)


def test_an_everyday_cause_goes_before_a_rare_one() -> None:
    assert told(first("3.86 G")) == ("ResNet-50", ["stride"], "paper")
    assert told(first("25.56M")) == ("ResNet-50", [], "learned")
    assert told(first("22.84 GFLOPs"))[1] == ["groups"]


@pytest.mark.parametrize(
    ("number", "is_said"),
    [
        ("4.1 GFLOPs", True),
        ("FLOPs: 4.1G", True),
        ("4.1e9 FLOPS", True),
        ("4.13 Gflops", True),  # as thop counts
        ("4.1 GMac", False),
        ("4.1 G", False),
        ("8.2 GFLOPs", False),  # as torch counts: two of a multiply-add
        ("25.6 M params", False),
    ],
)
def test_a_flop_that_is_a_multiply_add_is_said_to_be_one(number: str, is_said: bool) -> None:
    assert ("A FLOP is one multiply-add here" in explain_number(number, "resnet50").remark) == is_said
