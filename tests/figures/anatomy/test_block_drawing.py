import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz.complexity import complexity
from resnext_viz.figures.anatomy.block_drawing import block_drawing
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn
from tests.figures.drawings import check_svg, layouts, marks, parsed, tips, words
from tests.support.specs import image_sizes, specs

RESNEXT_50 = complexity(ResNeXtSpec(cardinality=32, base_width=4))


def drawn_paths(tree: object) -> set[int]:
    """Numbers of the paths that have a row or a hairline."""
    return {int(mark.attrib["data-path"]) for name in ("rx-path", "rx-hair") for mark in marks(tree, name)}


def test_the_sums_are_equation_4_term_by_term() -> None:
    assert 32 * (256 * 4 + 3 * 3 * 4 * 4 + 4 * 256) == 70_144
    for svg in layouts(block_drawing(RESNEXT_50, (1, 2))):
        assert {
            "32,768",
            "32·256·4",
            "4,608",
            "32·3·3·4·4",
            "32·4·256",
            "70,144 weights",
            f"{70_144 * 56**2:,} MACs",
            "shortcut: identity, 0 params",
        } <= set(words(svg))


def test_the_terms_of_a_strided_block_stand_on_their_own_maps() -> None:
    """The first block of stage 2 reduces on 56² before its 3×3 halves the map."""
    reduce, transform, expand = 256 * 256 * 56**2, 32 * 9 * 8 * 8 * 28**2, 256 * 512 * 28**2
    projection = expand
    wide, _ = layouts(block_drawing(RESNEXT_50, (2, 1)))
    assert {
        f"× 56² = {reduce:,}",
        f"× 28² = {transform:,}",
        f"× 28² = {expand:,}",
        f"{reduce + transform + expand:,} MACs",
        f"+ {projection:,} shortcut",
        "shortcut: 1×1 projection, stride 2, 132,096 params",
        "256-d in",
        "56×56",
        "512-d out",
        "28×28",
    } <= set(words(wide))


def test_with_the_stride_on_the_1x1_every_term_stands_on_the_small_map() -> None:
    spec = ResNeXtSpec(cardinality=32, base_width=4, stride_on=StrideOn.CONV1X1)
    wide, _ = layouts(block_drawing(complexity(spec), (2, 1)))
    assert not [line for line in words(wide) if line.startswith("× 56²")]


@pytest.mark.parametrize("cardinality", [2, 3, 4, 5, 6])
def test_up_to_six_paths_are_all_drawn_with_boxes(cardinality: int) -> None:
    wide, _ = layouts(block_drawing(complexity(ResNeXtSpec(cardinality=cardinality, base_width=4)), (1, 2)))
    assert len(marks(wide, "rx-path")) == cardinality
    assert len(marks(wide, "rx-box")) == 3 * cardinality
    assert not marks(wide, "rx-hair")


@pytest.mark.parametrize(("cardinality", "hairs"), [(7, 2), (32, 27), (65, 60), (66, 31), (1024, 60)])
def test_above_six_the_rest_are_hairlines_and_their_count_is_true(cardinality: int, hairs: int) -> None:
    wide, _ = layouts(block_drawing(complexity(ResNeXtSpec(cardinality=cardinality, base_width=1)), (1, 2)))
    assert len(marks(wide, "rx-path")) == 5
    assert len(marks(wide, "rx-hair")) == hairs
    assert f"{cardinality - 5:,} more paths" in words(wide)


@pytest.mark.parametrize(
    ("path", "rows"),
    [
        (3, {1, 2, 3, 4, 32}),
        (4, {1, 2, 3, 4, 32}),
        (17, {1, 2, 17, 4, 32}),
        (32, {1, 2, 3, 4, 32}),
        (99, {1, 2, 3, 4, 32}),
    ],
)
def test_the_followed_path_has_a_row(path: int, rows: set[int]) -> None:
    wide, _ = layouts(block_drawing(RESNEXT_50, (1, 2), path))
    assert {int(mark.attrib["data-path"]) for mark in marks(wide, "rx-path")} == rows
    assert drawn_paths(wide) == set(range(1, 33))
    followed = {mark.attrib["data-path"] for mark in marks(wide, "rx-followed")}
    assert followed == {str(min(path, 32))}
    assert all("data-kept" in mark.attrib for mark in marks(wide, "rx-followed"))


def test_the_matrix_has_a_block_for_each_path_to_scale() -> None:
    for svg in layouts(block_drawing(RESNEXT_50, (1, 2), 3)):
        cells = marks(svg, "rx-cell")
        assert len(cells) == 32
        area = sum(float(cell.attrib["width"]) * float(cell.attrib["height"]) for cell in cells)
        assert area / 256**2 == pytest.approx(1 / 32)
        assert {
            "128 channels out (rows) × 128 in (columns)",
            "path 3: 4×4×3×3 weights",
            "groups = 32",
            "blank: no weight",
            "1/32 of the plain 3×3",
            "instead of 128·128·3·3 = 147,456",
        } <= set(words(svg))


@given(st.integers(2, 1024), st.data())
@settings(max_examples=40)
def test_the_followed_block_is_named_beside_the_matrix(cardinality: int, data: st.DataObject) -> None:
    path = data.draw(st.integers(1, cardinality))
    spec = ResNeXtSpec((1,), cardinality, 4)
    for svg in layouts(block_drawing(complexity(spec), (1, 1), path)):
        check_svg(svg)
        (leader,) = marks(svg, "rx-leader")
        assert words(leader)[0].startswith(f"path {path:,}")


def test_small_blocks_merge_into_one_band() -> None:
    wide, _ = layouts(block_drawing(complexity(ResNeXtSpec(cardinality=1024, base_width=1)), (1, 2), 500))
    assert len(marks(wide, "rx-cell")) == 1
    assert "1/1,024 of the plain 3×3" in words(wide)


def test_a_basic_block_is_two_plain_3x3() -> None:
    basic = complexity(ResNeXtSpec(block=BlockKind.BASIC, base_width=64, expansion=1))
    wide, _ = layouts(block_drawing(basic, (3, 1)))
    assert {
        "first 3×3",
        "second 3×3",
        f"{9 * 128 * 256:,}",
        f"{9 * 256 * 256:,}",
        "128 → 256, stride 2",
        "The second 3×3 as one matrix",
    } <= set(words(wide))
    assert not {"reduce 1×1", "expand 1×1", "Σ"} & set(words(wide))
    assert not marks(wide, "rx-followed")


def test_without_a_shortcut_nothing_is_added() -> None:
    spec = ResNeXtSpec(cardinality=32, base_width=4, shortcut=False)
    wide, _ = layouts(block_drawing(complexity(spec), (1, 2)))
    assert "no shortcut" in words(wide)
    assert [symbol.text for symbol in marks(wide, "rx-symbol")] == ["Σ"]
    assert not marks(wide, "rx-skip")


def test_the_pickers_offer_every_stage_and_a_way_to_every_block() -> None:
    deep = complexity(ResNeXtSpec((3, 4, 60, 3), 32, 4))
    tree = parsed(block_drawing(deep, (3, 20)))
    groups = {
        group.attrib["data-group"]: [button.attrib["data-choose"] for button in group.iter("button")]
        for group in tree.iter("div")
        if "data-group" in group.attrib
    }
    assert groups["stages"] == ["1.3", "2.4", "3.20", "4.3"]
    assert groups["blocks"] == [f"3.{block}" for block in (1, 2, 3, 4, 5, 6, 19, 20, 21, 59, 60)]
    checked = [
        button.attrib["data-choose"] for button in tree.iter("button") if button.attrib["aria-checked"] == "true"
    ]
    assert checked == ["3.20", "3.20"]


@given(specs(), image_sizes(), st.integers(0, 5), st.integers(0, 5), st.integers(-1, 70))
@settings(max_examples=60)
def test_any_block_is_drawn_inside_its_canvas(spec: ResNeXtSpec, size: int, stage: int, block: int, path: int) -> None:
    for svg in layouts(block_drawing(complexity(spec, size), (stage, block), path)):
        check_svg(svg)


@pytest.mark.parametrize(
    "spec",
    [
        ResNeXtSpec((2,) * 4, 1024, 1024, output_rule="width"),
        ResNeXtSpec((2,) * 4, 1024, 1024, expansion=64),
        ResNeXtSpec((2,) * 4, 2, 1024, expansion=64),
        ResNeXtSpec((2,) * 4, 1, 1024, block="basic", expansion=64),
    ],
)
def test_the_largest_numbers_fit_and_stay_in_reach(spec: ResNeXtSpec) -> None:
    network = complexity(spec, 4096)
    for svg in layouts(block_drawing(network, (4, 1), 1000)):
        check_svg(svg)
        weights = [layer.weights for layer in network.walk.stages[3].first.main]
        readouts = [line for tip in tips(svg) for line in tip]
        assert all(any(f"{count:,} weights" in line for line in readouts) for count in weights)
