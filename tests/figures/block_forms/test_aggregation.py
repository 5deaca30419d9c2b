"""Fig. 2 and Fig. 4: the numbers and the counts that the drawings show."""

from typing import Any

import pytest

from resnext_viz.figures.block_forms.aggregation.collapse_drawing import collapse_drawing, collapse_table
from resnext_viz.figures.block_forms.aggregation.neuron_drawing import neuron_drawing
from tests.figures.drawings import SVG, check_svg, choices, layouts, marks, parsed, words


def product(*products: tuple[float, float], **changes: Any) -> dict[str, Any]:
    terms = [{"channel": i, "weight": w, "value": x, "product": w * x} for i, (w, x) in enumerate(products, start=1)]
    return {
        "layer": "layer1.1.conv1",
        "channel": 2,
        "channels": 128,
        "row": 2,
        "column": 7,
        "side": 7,
        "terms": terms,
        "hidden": 0,
        "hidden_sum": 0.0,
        "bias": 0.0,
        "total": 1.25,
        "computed": 1.25,
        **changes,
    }


FIGURE_2 = product((0.5, 3.0), (-0.25, 2.0), hidden=62, hidden_sum=0.25)


def test_a_neuron_shows_inputs_weights_products_and_their_sum() -> None:
    drawing = neuron_drawing(FIGURE_2)
    wide, narrow = (svg for svg in parsed(drawing).iter(f"{SVG}svg"))
    for svg in (wide, narrow):
        check_svg(svg)
        shown = words(svg)
        for number in ("x₁", "3.000", "× 0.500", "1.500", "× −0.250", "−0.500", "62 more", "0.250", "1.250"):
            assert number in shown
    assert "the same, bit for bit" in drawing
    assert "over 64 channels" in drawing
    unlike = neuron_drawing({**FIGURE_2, "bias": 0.125, "computed": 1.25 + 2**-52})
    assert ">bias<" in unlike
    assert "the same up to 2.2·10⁻¹⁶" in unlike


def test_steppers_lead_to_the_neighbours_and_end_at_the_ends() -> None:
    tree = parsed(neuron_drawing(FIGURE_2))
    assert choices(tree) == [
        "previous-output-channel=1,14",
        "next-output-channel=3,14",
        "previous-place=2,13",
        "next-place=2,15",
    ]
    last = parsed(neuron_drawing(product((1.0, 1.25), channel=128, row=1, column=1)))
    assert choices(last) == ["previous-output-channel=127,1", "next-place=128,2"]
    assert [button.get("disabled") for button in last.iter("button")] == [None, "disabled", "disabled", None]


@pytest.mark.parametrize(("cardinality", "width", "followed"), [(2, 4, 1), (5, 100, 5), (32, 4, 3), (512, 1, 77)])
def test_the_collapse_draws_c_paths_and_one_block(cardinality: int, width: int, followed: int) -> None:
    drawing = collapse_drawing(cardinality, width, followed)
    figures = list(parsed(drawing).iter(f"{SVG}svg"))
    assert len(figures) == 3
    for svg in figures:
        check_svg(svg)
    paths, wide, dense = (words(svg) for svg in figures)
    assert f"i = {followed}" in paths
    shown = sum(word == "3×3, 64" for word in paths)
    hidden = [int(word[2:].replace(",", "")) for word in paths if word.startswith("+ ")]
    assert shown + sum(hidden) == cardinality
    assert f"3×3, {cardinality * width}" in wide
    assert "100 %" in dense
    assert f"{100 / cardinality:.1f} %" in dense
    assert f"{2 * cardinality:,} convolutions" in drawing


def test_the_measured_collapse_is_a_row_for_each_dtype_and_mode() -> None:
    rows = [
        {"dtype": "float64", "mode": mode, "what": what, "max_rel": rel, "equal": equal}
        for mode, rel, equal in (("train", 0.0, True), ("eval", 0.5, False))
        for what in ("output", "gradient")
    ]
    body = [["".join(cell.itertext()) for cell in row] for row in parsed(collapse_table(rows)).iter("tr")][1:]
    assert body == [
        ["float64", "train", "0, bit for bit", "0, bit for bit", "equal"],
        ["float64", "eval", "0.5", "0.5", "not equal"],
    ]


def test_words_are_escaped() -> None:
    assert "<script>" not in neuron_drawing(product((1.0, 1.25), layer="<script>"))
    assert len(marks(layouts(neuron_drawing(FIGURE_2))[0], "rx-n-product")) == 3
