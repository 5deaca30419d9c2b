import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz.complexity import complexity
from resnext_viz.figures.anatomy.network_drawing import network_drawing, network_finding
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.figures.drawings import check_svg, choices, integer, layouts, marks, tips, words
from tests.support.specs import image_sizes, specs

RESNEXT_50 = complexity(ResNeXtSpec(cardinality=32, base_width=4))


def test_every_block_is_a_plate_that_can_be_chosen() -> None:
    for svg in layouts(network_drawing(RESNEXT_50, (1, 2))):
        assert choices(svg) == [
            f"{stage}.{block}" for stage, depth in enumerate((3, 4, 6, 3), 1) for block in range(1, depth + 1)
        ]


def test_what_the_plates_read_adds_up_to_the_network() -> None:
    wide, _ = layouts(network_drawing(RESNEXT_50, (1, 2)))
    readouts = [tip for tip in tips(wide) if tip[0] != "image"]
    assert sum(integer(tip[1]) for tip in readouts) == 25_028_904
    assert sum(integer(tip[2]) for tip in readouts) == 4_230_479_872
    assert sum(integer(tip[3]) for tip in readouts) == 14_401_512


def test_counts_stand_under_each_part() -> None:
    wide, narrow = layouts(network_drawing(RESNEXT_50, (1, 2)))
    assert {
        "3 × 224²",
        "64 × 112²",
        "256 × 56²",
        "2,048 × 7²",
        "1,000 classes",
        "0.118 G MACs",
        "1.525 G MACs",
        "14.54 M params",
        "2.05 M MACs",
    } <= set(words(wide))
    # The image's label is the first that a narrow page leaves out.
    assert set(words(wide)) - set(words(narrow)) == {"3 × 224²"}


def test_the_first_block_of_each_stage_projects_and_the_others_do_not() -> None:
    wide, _ = layouts(network_drawing(RESNEXT_50, (1, 2)))
    assert len(marks(wide, "rx-projection")) == 4
    assert len(marks(wide, "rx-identity")) == 16 - 4
    without, _ = layouts(network_drawing(complexity(ResNeXtSpec(shortcut=False)), (1, 1)))
    assert not marks(without, "rx-arc")


def test_heights_and_widths_are_square_roots() -> None:
    wide, _ = layouts(network_drawing(RESNEXT_50, (1, 2)))
    plates = {plate.attrib["data-choose"]: plate for plate in marks(wide, "rx-plate") if "data-choose" in plate.attrib}
    first, last = plates["1.1"], plates["4.1"]
    assert float(first.attrib["height"]) / float(last.attrib["height"]) == pytest.approx(math.sqrt(56 / 7), rel=1e-3)
    assert float(last.attrib["width"]) / float(first.attrib["width"]) == pytest.approx(math.sqrt(2048 / 256), rel=1e-3)


def test_strength_follows_the_macs_of_the_block() -> None:
    wide, _ = layouts(network_drawing(RESNEXT_50, (1, 2)))
    strength = {
        tip.attrib["data-tip"].split("|")[0]: int(re.search(r"\) (\d+)%", tip.attrib["style"])[1])
        for tip in marks(wide, "rx-plate")
        if "%" in tip.attrib["style"]
    }
    assert strength["stage 2, block 1"] == 78
    assert strength["stage 1, block 2"] == round(8 + 70 * 219_971_584 / 425_492_480)
    assert strength["head"] == 8


@given(st.tuples(*[st.integers(1, 200)] * 3), st.integers(1, 3), st.integers(1, 200), st.booleans())
@settings(max_examples=25)
def test_long_stages_fold_and_their_count_stays_true(
    depths: tuple[int, ...], stage: int, block: int, cifar: bool
) -> None:
    spec = ResNeXtSpec(depths, 8, 4, stem=Stem.CIFAR if cifar else Stem.IMAGENET)
    for svg in layouts(network_drawing(complexity(spec), (stage, block))):
        check_svg(svg)
        hidden = sum(int(line[2:]) for line in words(svg) if re.fullmatch(r"\+ \d+", line))
        assert len(choices(svg)) + hidden == sum(depths)
        assert all(sum(value.startswith(f"{number}.") for value in choices(svg)) <= 12 for number in (1, 2, 3))
        assert f"{stage}.{min(block, depths[stage - 1])}" in choices(svg)
        assert len(marks(svg, "rx-chosen")) == 1


@given(specs(), image_sizes(), st.integers(0, 9), st.integers(0, 9))
@settings(max_examples=40)
def test_any_network_is_drawn_inside_its_canvas(spec: ResNeXtSpec, size: int, stage: int, block: int) -> None:
    for svg in layouts(network_drawing(complexity(spec, size), (stage, block))):
        check_svg(svg)


@pytest.mark.parametrize(
    "spec",
    [
        ResNeXtSpec((200, 200, 200, 200), 1024, 1024, expansion=64, num_classes=100_000, in_channels=1024),
        ResNeXtSpec((12, 12, 12, 12), 1024, 1024, output_rule="width", stem="cifar"),
        ResNeXtSpec((1,), 1, 1, head=False),
    ],
)
@pytest.mark.parametrize("size", [1, 4096])
def test_the_largest_and_the_smallest_network_fit_too(spec: ResNeXtSpec, size: int) -> None:
    for svg in layouts(network_drawing(complexity(spec, size), (4, 150))):
        check_svg(svg)


def test_the_finding_names_the_largest_shares() -> None:
    assert network_finding(RESNEXT_50) == (
        "Of all parts stage 3 does the most MACs, 36.1 %; stage 4 holds the most params, 58.1 %."
    )
