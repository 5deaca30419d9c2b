"""The three forms: true counts and shapes, one path followed at one place, well-formed for any block."""

import re
import xml.etree.ElementTree as ET
from math import prod
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz import ResNeXtSpec, complexity, parse
from resnext_viz.block_forms.terms import FormLetter
from resnext_viz.figures.block_forms.form_block import FormBlock, convolutions
from resnext_viz.figures.block_forms.form_diagrams import BOX, _words
from resnext_viz.figures.block_forms.forms_drawing import forms_drawing
from resnext_viz.figures.block_forms.weight_tensors import SIDE, THINNEST, slices_per_mark, tensor_shapes
from resnext_viz.figures.kit.svg import text_width
from resnext_viz.layers import Layer, walk
from resnext_viz.spec import BlockKind
from tests.support.specs import specs

FORMS = get_args(FormLetter)
BOTTLENECKS = specs().filter(lambda spec: spec.block is BlockKind.BOTTLENECK)


def drawn(name: str, stage: int = 1, block: int = 2, path: int = 3) -> ET.Element:
    return ET.fromstring(forms_drawing(complexity(parse(name)), stage, block, path))


def words(element: ET.Element) -> str:
    return " ".join(element.itertext())


def figure(root: ET.Element, form: str) -> ET.Element:
    found = next(element for element in root.iter("figure") if f"rx-f-form-{form}" in element.get("class", ""))
    assert found is not None
    return found


def with_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def shown(spec: ResNeXtSpec, stage: int = 0, block: int = 0, path: int = 1) -> FormBlock:
    stage_walk = walk(spec).stages[stage]
    return FormBlock(stage_walk.blocks[block], path)


def test_equation_4_gives_the_weights_of_the_papers_block() -> None:
    c, d = 32, 4
    weights = c * (256 * d + 3 * 3 * d * d + d * 256)
    assert f"The same {weights:,} weights" in words(drawn("resnext50_32x4d"))


def test_figure_3_has_3c_2c_plus_1_and_3_convolutions() -> None:
    root = drawn("resnext50_32x4d")
    assert "96 convolutions" in words(figure(root, "a"))
    assert "65 convolutions" in words(figure(root, "b"))
    assert " 3 convolutions" in words(figure(root, "c"))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("a", ("32 of 4×256", "32 of 4×4×3×3", "32 of 256×4")),
        ("b", ("32 of 4×256", "32 of 4×4×3×3", "1 of 256×128")),
        ("c", ("1 of 128×256", "1 of 128×4×3×3", "1 of 256×128")),
    ],
)
def test_the_tensors_of_32x4d_have_their_shapes(form: str, expected: tuple[str, ...]) -> None:
    said = words(figure(drawn("resnext50_32x4d"), form))
    assert all(shape in said for shape in expected)


@given(BOTTLENECKS, st.sampled_from(FORMS))
def test_every_form_has_the_weights_of_the_walk(spec: ResNeXtSpec, form: FormLetter) -> None:
    block = shown(spec)
    shapes = tensor_shapes(form, block)
    assert sum(count * prod(shape) for count, shape in shapes) == sum(layer.weights for layer in block.block.main)
    assert sum(count for count, _ in shapes) == convolutions(form, spec.cardinality)


@given(BOTTLENECKS, st.data())
@settings(max_examples=40)
def test_any_block_is_well_formed_and_only_path_i_is_followed(spec: ResNeXtSpec, data: st.DataObject) -> None:
    network = complexity(spec)
    stage = data.draw(st.integers(1, len(spec.depths)))
    block = data.draw(st.integers(1, spec.depths[stage - 1]))
    path = data.draw(st.integers(1, spec.cardinality))
    root = ET.fromstring(forms_drawing(network, stage, block, path))
    followed = with_class(root, "rx-followed")
    assert {element.get("data-path") for element in followed} == {str(path)}
    assert f"Stage {stage}, block {block} of" in words(root)


@given(st.integers(1, 1024), st.data())
def test_drawn_and_elided_paths_are_all_paths(cardinality: int, data: st.DataObject) -> None:
    path = data.draw(st.integers(1, cardinality))
    block = shown(ResNeXtSpec(cardinality=cardinality, base_width=1), path=path)
    drawn_paths = [slot.path for slot in block.slots]
    assert path in drawn_paths
    assert len(set(drawn_paths)) == len(drawn_paths)
    assert len(drawn_paths) + block.elided == cardinality
    assert not set(drawn_paths) & {number for number, _ in block.hairs}
    assert slices_per_mark(cardinality) == 1 or slices_per_mark(cardinality) * SIDE / cardinality >= THINNEST


def test_the_elided_count_is_on_the_drawing() -> None:
    for name, count in (("resnext50_32x4d", "+ 28"), ("resnext50_1024x1d", "+ 1,020"), ("resnext50_8x14d", "+ 4")):
        assert count in words(figure(drawn(name), "a"))
        assert count in words(figure(drawn(name), "b"))
    assert not [text for text in figure(drawn("resnext50_4x24d"), "a").itertext() if text.startswith("+ ")]


@pytest.mark.parametrize("path", [1, 2, 3, 17, 32])
def test_path_i_stands_at_the_same_x_in_all_forms(path: int) -> None:
    root = drawn("resnext50_32x4d", path=path)
    starts = set()
    for form in FORMS:
        groups = [group for group in with_class(figure(root, form), "rx-f-path") if group.get("data-path") == str(path)]
        lines = [line for group in groups for line in with_class(group, "rx-f-line")]
        assert len(lines) == 1
        starts.add(re.match(r"M ([\d.]+)", lines[0].get("d", ""))[1])  # type: ignore[index]
    assert len(starts) == 1


def test_a_first_block_projects_and_a_later_one_does_not() -> None:
    first, later = drawn("resnext50_32x4d", 2, 1), drawn("resnext50_32x4d", 2, 2)
    assert not with_class(first, "rx-f-identity")
    assert "1×1, 512, stride 2, BN" in words(first)
    assert "512-d out, 28×28, after ReLU" in words(first)
    assert len(with_class(later, "rx-f-identity")) == len(FORMS)
    assert "stride 2" not in words(later)


def test_without_shortcuts_nothing_is_added() -> None:
    root = drawn("resnext50_32x4d_noshortcut")
    assert not with_class(root, "rx-f-shortcut")
    assert "sum, then BN, ReLU" in words(figure(root, "a"))


def test_footnote_6_puts_batch_norm_behind_the_sum_in_form_a() -> None:
    root = drawn("resnext50_32x4d")
    assert "sum, then BN" in words(figure(root, "a"))
    assert "sum, then BN" not in words(figure(root, "b")) + words(figure(root, "c"))


@pytest.mark.parametrize(
    ("path", "targets"),
    [(1, [None, "path:2"]), (3, ["path:2", "path:4"]), (32, ["path:31", None]), (999, ["path:31", None])],
)
def test_the_stepper_ends_at_the_first_and_last_path(path: int, targets: list[str | None]) -> None:
    buttons = list(drawn("resnext50_32x4d", path=path).iter("button"))
    assert [button.get("data-choose") for button in buttons] == targets
    assert [button.get("disabled") is not None for button in buttons] == [target is None for target in targets]


def test_a_basic_block_gets_the_papers_reason_instead() -> None:
    said = words(drawn("resnet34"))
    assert "only one form" in said
    assert "section 3.3" in said
    assert "convolutions" not in said


def test_with_one_path_the_forms_are_said_to_be_the_same() -> None:
    assert "the three forms are one and the same" in words(drawn("resnet50"))


@given(st.integers(1, 8192), st.sampled_from([1, 2]), st.sampled_from([1, 3]))
def test_the_label_of_a_narrow_box_fits_into_it(channels: int, stride: int, kernel: int) -> None:
    layer: Layer = walk(ResNeXtSpec()).stages[0].first.main[0]._replace(stride=stride, kernel=kernel)
    lines = _words(layer, channels)
    assert all(text_width(line, 12) <= BOX for line in lines)
    assert f"{channels:,}" in " ".join(lines)


@pytest.mark.parametrize("name", ["resnext50_32x4d", "resnext101_64x4d", "resnext50_128x2d"])
def test_every_path_that_a_slice_names_can_be_followed_through_all_three_wirings(name: str) -> None:
    root = drawn(name)
    for form in FORMS:
        diagram, tensors = figure(root, form).iter("{http://www.w3.org/2000/svg}svg")
        wired, sliced = (
            {mark.attrib["data-path"] for mark in part.iter() if "data-path" in mark.attrib}
            for part in (diagram, tensors)
        )
        assert sliced <= wired
        assert len(wired) == parse(name).cardinality
