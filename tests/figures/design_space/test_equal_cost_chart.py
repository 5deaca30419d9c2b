"""The charts of the design space: traces are the input, labels have units and never overlap."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz import ResNeXtSpec
from resnext_viz.design_space import Quantity, solve_base_width, total_polynomial
from resnext_viz.figures.design_space.equal_cost_chart import (
    CostPoint,
    Crosses,
    design_space_caption,
    equal_cost_chart,
    equal_cost_text,
)
from resnext_viz.figures.design_space.small_charts import LinePoint, small_charts, small_charts_text
from resnext_viz.figures.kit.chart_template import chart_template
from resnext_viz.figures.kit.label_places import BESIDE, Board, box_at
from resnext_viz.figures.kit.palette import Theme, colour

POLYNOMIAL = total_polynomial(ResNeXtSpec(), Quantity.BLOCK_PARAMS)
BUDGET = 256 * 64 + 9 * 64 * 64 + 64 * 256  # the ResNet block, section 3.4
PAPER = ((1, 64), (2, 40), (4, 24), (8, 14), (32, 4))
# reference counts: torchvision's ResNet-50, the paper's Table 3
LINE = (
    LinePoint(1, 64, 25_557_032, 4_089_184_256, 23.9, is_current=False),
    LinePoint(2, 40, 25_425_000, 4_124_508_160, 23.0, is_current=False),
    LinePoint(32, 4, 25_028_904, 4_230_479_872, 22.2, is_current=True),
)


def exact_width(cardinality: float) -> float:
    width = solve_base_width(POLYNOMIAL, BUDGET, cardinality)  # type: ignore[arg-type]
    assert width is not None
    return width


CURVE = [(float(2**power), exact_width(2**power)) for power in range(7)]


def point(cardinality: int, base_width: int) -> CostPoint:
    return CostPoint(cardinality, base_width, POLYNOMIAL.at(cardinality, base_width) / BUDGET - 1)


CROSSES = Crosses(exact_width(16), (point(16, 8), point(16, 7)))


def chart(current: tuple[int, int] = (32, 4), theme: Theme = "light") -> Any:
    papers = [point(*pair) for pair in PAPER]
    return equal_cost_chart(CURVE, papers, point(*current), "the budget: 69,632 params", CROSSES, theme)


def trace(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: Any) -> str:
    return " ".join(annotation.text for annotation in figure.layout.annotations)


def test_the_line_is_the_curve_and_the_points_are_the_input() -> None:
    figure = chart()
    line = trace(figure, "equal cost")
    assert list(zip(line.x, line.y, strict=True)) == CURVE
    paper = trace(figure, "paper")
    assert list(zip(paper.x, paper.y, strict=True)) == list(PAPER[:-1])
    assert [list(pair) for pair in paper.customdata] == [list(pair) for pair in PAPER[:-1]]
    assert [list(pair) for pair in trace(figure, "this network").customdata] == [[32, 4]]
    assert [list(pair) for pair in trace(figure, "nearest integer").customdata] == [[16, 8], [16, 7]]


def test_the_sections_percentages_are_on_the_chart() -> None:
    said = texts(chart())
    assert "exact d is 7.51; 8 costs +7.4 %, 7 −7.5 %" in said
    assert "the budget: 69,632 params" in said
    assert "this network, +0.7 %" in said
    for title in ("Width of one path d (log scale)", "Cardinality C (log scale)"):
        assert title in said


def test_this_network_is_filled_and_the_papers_are_open() -> None:
    figure = chart((3, 30))
    assert trace(figure, "this network").marker.color == colour("ink", "light")
    assert trace(figure, "paper").marker.color == colour("bg", "light")
    assert len(trace(figure, "paper").x) == len(PAPER)


def test_both_axes_are_logarithmic_with_powers_of_two() -> None:
    figure = chart()
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert list(figure.layout.xaxis.tickvals) == [1, 2, 4, 8, 16, 32, 64]
    assert list(figure.layout.yaxis.tickvals) == [2, 4, 8, 16, 32, 64]


@given(st.integers(1, 1024), st.integers(1, 1024))
@settings(max_examples=25, deadline=None)
def test_any_network_lies_inside_the_axes_and_has_its_label(cardinality: int, base_width: int) -> None:
    figure = chart((cardinality, base_width))
    for axis, value in ((figure.layout.xaxis, cardinality), (figure.layout.yaxis, base_width)):
        low, high = (10**end for end in axis.range)
        assert low < value < high
    assert f"<b>{cardinality}×{base_width}d</b>" in texts(figure)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 400), st.integers(10, 150)), max_size=12))
def test_placed_labels_never_overlap(points: list[tuple[int, int, int]]) -> None:
    board = Board(552, 416)
    boxes = []
    for x, y, width in points:
        offset = board.place(x, y, (width, 19), BESIDE)
        if offset is not None:
            boxes.append(box_at(x, y, (width, 19), offset))
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes, 2))
    assert all(box.left >= 0 and box.top >= 0 and box.right <= 552 and box.bottom <= 416 for box in boxes)


def test_a_needed_label_is_placed_even_without_room() -> None:
    board = Board(10, 10)
    assert board.place(5, 5, (100, 20)) is None
    assert board.place(5, 5, (100, 20), needed=True) is not None


def test_without_a_solution_the_points_are_still_there() -> None:
    figure = equal_cost_chart([], [point(1, 64)], point(2, 40), "the budget: 1 params", None, "dark")
    assert [trace.name for trace in figure.data] == ["paper", "this network"]


def test_the_themes_differ_and_grounds_are_transparent() -> None:
    assert chart(theme="dark").layout.template != chart(theme="light").layout.template
    assert chart_template("dark").layout.font.color == colour("ink", "dark")
    assert chart_template("light").layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_the_small_charts_show_the_counts_in_their_units() -> None:
    figure = small_charts(LINE, 50, "light")
    params = [trace for trace in figure.data if trace.name == "Params, 50 layers"]
    assert [list(trace.y) for trace in params] == [[25.557032, 25.425], [25.028904]]
    assert [list(map(list, trace.customdata)) for trace in params] == [[[1, 64], [2, 40]], [[32, 4]]]
    errors = [trace for trace in figure.data if trace.name == "Top-1 error, paper Table 3"]
    assert [list(trace.y) for trace in errors] == [[23.9, 23.0], [22.2]]
    said = texts(figure)
    for words in (
        "25.56",
        "25.43",
        "<b>25.03</b>",
        "4.09",
        "<b>4.23</b>",
        "23.9",
        "M params",
        "G MACs",
        "%, ImageNet val",
    ):
        assert words in said


def test_the_dotted_line_is_the_resnet() -> None:
    dotted = [trace for trace in small_charts(LINE, 50, "light").data if trace.name == "dotted"]
    assert [set(trace.y) for trace in dotted] == [{25.557032}, {4.089184256}, {23.9}]


def test_the_line_joins_only_the_papers_networks() -> None:
    odd = LinePoint(3, 30, 26_000_000, 4_200_000_000, None, is_current=True)
    figure = small_charts((*LINE[:2], odd), 50, "light")
    joined = next(trace for trace in figure.data if trace.name == "Params, 50 layers, line")
    assert len(joined.x) == 2


def test_an_error_that_the_paper_does_not_report_is_not_drawn() -> None:
    points = [point._replace(top1_error=None) for point in LINE]
    figure = small_charts(points, 152, "light")
    assert not any(trace.y for trace in figure.data if trace.name == "Top-1 error, paper Table 3")
    assert "The paper reports none" in texts(figure)
    assert "Top-1" not in small_charts_text(points, 152)


def test_the_caption_says_where_the_small_charts_start() -> None:
    assert "Small charts do not start at zero." in design_space_caption("ResNet-50", CROSSES)
    assert "nearest integers at C = 16" in design_space_caption("ResNet-50", CROSSES)
    assert "Crosses" not in design_space_caption("ResNet-50", None)


def test_the_text_alternative_has_the_finding() -> None:
    assert "32×4d, is +0.7 % off the budget" in equal_cost_text(point(32, 4), "69,632 params")
    assert "32×4d 25.03 M params and 4.23 G MACs" in small_charts_text(LINE, 50)


@pytest.mark.parametrize("current", [(1, 64), (2, 41), (16, 7), (1024, 1), (1, 1024), (64, 64)])
def test_a_network_of_the_paper_is_not_drawn_twice(current: tuple[int, int]) -> None:
    xs = trace(chart(current), "paper").x
    assert len(xs) == len(PAPER) - (current in PAPER)
