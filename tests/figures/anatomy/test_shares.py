import pytest
from hypothesis import given, settings

from resnext_viz.complexity import Complexity, complexity
from resnext_viz.figures.anatomy.shares import segments, share_bars, share_finding
from resnext_viz.spec import BlockKind, ResNeXtSpec
from tests.figures.drawings import check_svg, integer, layouts, words
from tests.support.specs import image_sizes, specs

RESNET_50 = complexity(ResNeXtSpec())
RESNEXT_50 = complexity(ResNeXtSpec(cardinality=32, base_width=4))


def bars(network: Complexity, baseline: Complexity) -> list[dict[str, float]]:
    """Pixels by unit ("MACs", "params") and part for the network, then for its baseline; wide layout."""
    wide, _ = layouts(share_bars(network, baseline, "Base"))
    sums: list[dict[str, float]] = [{}, {}]
    for mark in wide.iter():
        if "data-part" in mark.attrib:
            lines = mark.attrib["data-tip"].split("|")
            pixels = sums[lines[0] == "Base"]
            for key in (lines[-2].split()[-1], f"{lines[-2].split()[-1]} {mark.attrib['data-part']}"):
                pixels[key] = pixels.get(key, 0.0) + float(mark.attrib["width"])
    return sums


def test_one_scale_for_a_quantity_of_both_networks() -> None:
    ours, theirs = bars(RESNEXT_50, RESNET_50)
    assert ours["MACs"] == pytest.approx(1040 - 86, abs=0.2)
    assert theirs["MACs"] / ours["MACs"] == pytest.approx(4_089_184_256 / 4_230_479_872, rel=1e-3)
    assert theirs["params"] == pytest.approx(1040 - 86, abs=0.2)
    assert ours["params"] / theirs["params"] == pytest.approx(25_028_904 / 25_557_032, rel=1e-3)


def test_a_part_takes_its_share_of_the_bar() -> None:
    ours, _ = bars(RESNEXT_50, RESNET_50)
    # A stage has C·9·d²·56² in each block after the first, whatever the stage; the first of stages 2 to 4 has as much.
    grouped = 32 * 9 * 4 * 4 * 56**2 * 16
    assert ours["MACs transform"] / ours["MACs"] == pytest.approx(grouped / 4_230_479_872, rel=1e-2)
    assert ours["params head"] / ours["params"] == pytest.approx((2048 * 1000 + 1000) / 25_028_904, rel=1e-3)


def test_stages_are_labelled_where_there_is_room() -> None:
    wide, narrow = layouts(share_bars(RESNEXT_50, RESNET_50, "ResNet-50"))
    assert {"stage 1 · 15.0 %", "stage 3 · 36.1 %", "stage 4 · 58.1 %", "head · 8.2 %"} <= set(words(wide))
    assert "stage 1 · 0.8 %" not in words(wide)
    assert "stage 2 · 4.8 %" not in words(narrow)


def test_a_baseline_title_that_does_not_fit_is_read_out_instead() -> None:
    title = "ResNeXt-101 (64×4d) <with all options>"
    wide, _ = layouts(share_bars(RESNEXT_50, RESNET_50, title))
    assert words(wide).count("baseline") == 2
    assert [f"baseline|{title}"] * 2 == [
        mark.attrib["data-tip"] for mark in wide.iter() if mark.get("data-tip", "").startswith("baseline|")
    ]


def test_the_finding_is_the_papers_story() -> None:
    # MACs of all 1×1 of the main paths, from Table 1: each of 16 blocks, its maps and widths.
    depths, pair = (3, 4, 6, 3), 0
    for stage, depth in enumerate(depths):
        width, c_out, size = 128 * 2**stage, 256 * 2**stage, 56 // 2**stage
        first_in, first_size = (64, size) if stage == 0 else (c_out // 2, 2 * size)
        pair += first_in * width * first_size**2 + width * c_out * size**2
        pair += (depth - 1) * 2 * width * c_out * size**2
    assert f"{100 * pair / 4_230_479_872:.1f}" == "83.2"
    assert share_finding(RESNEXT_50, RESNET_50, "ResNet-50") == (
        "Reduce and expand, the 1×1 pair, do 83.2 % of the MACs; the grouped 3×3, only 5.5 %. "
        "In ResNet-50 the plain 3×3 does 45.2 %."
    )


def test_the_finding_does_not_compare_a_network_with_itself() -> None:
    assert "In " not in share_finding(RESNET_50, RESNET_50, "ResNet-50")


def test_a_basic_block_has_no_pair_to_speak_of() -> None:
    basic = complexity(ResNeXtSpec(block=BlockKind.BASIC, base_width=64, expansion=1))
    assert share_finding(basic, RESNET_50, "ResNet-50").startswith("Of the MACs, the plain 3×3 does 9")


@given(specs(), specs(), image_sizes())
@settings(max_examples=40)
def test_bars_add_up_to_the_counts(spec: ResNeXtSpec, other: ResNeXtSpec, size: int) -> None:
    network, baseline = complexity(spec, size), complexity(other)
    assert sum(segment.cost.params for segment in segments(network)) == network.params
    assert sum(segment.cost.macs for segment in segments(network)) == network.macs
    for svg in layouts(share_bars(network, baseline, "a < b & c")):
        check_svg(svg)
        counts = [integer(mark.attrib["data-tip"].split("|")[-2]) for mark in svg.iter() if "data-part" in mark.attrib]
        assert sum(counts) == network.macs + network.params + baseline.macs + baseline.params
