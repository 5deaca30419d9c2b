"""Charts of the paper's errors: points as published, nothing invented for what is dialled, labels apart."""

from itertools import combinations
from math import log10
from typing import Any

import pytest

from resnext_viz import complexity, parse
from resnext_viz.figures.kit.label_places import Offset, Rectangle, box_at
from resnext_viz.figures.kit.palette import PALETTE, Theme, colour
from resnext_viz.figures.kit.svg import text_width
from resnext_viz.figures.paper.cifar_chart import LEGEND as CIFAR_LEGEND
from resnext_viz.figures.paper.cifar_chart import cifar_chart, cifar_text
from resnext_viz.figures.paper.error_charts import (
    ERRORS,
    HEIGHT,
    MACS,
    MARGIN,
    NOMINAL_WIDTH,
    PARAMS,
    RECIPE,
    CostAxis,
    Current,
    error_chart,
    error_chart_text,
)
from resnext_viz.figures.paper.paper_charts import table3_chart, table3_text, table4_chart, table4_text
from resnext_viz.names import title_of
from resnext_viz.paper_tables.points import (
    cifar_points,
    cifar_sizes_without_errors,
    paper_points,
    torchvision_points,
)

NAMES = ("resnext50_32x4d", "resnet101", "resnext101_8x14d", "resnext101_64x4d", "resnext50_3x30d", "resnet18",
         "resnext29_8x64d_cifar10", "resnext101_1024x1024d", "resnext50_32x4d_features")  # fmt: skip


def current(name: str, size: int = 224) -> Current:
    spec = parse(name)
    counts = complexity(spec, size)
    return Current(spec, title_of(spec), counts.params, counts.macs, size == 224)


def errors(name: str = "resnext50_32x4d", measure: CostAxis = MACS, size: int = 224, theme: Theme = "light") -> Any:
    return error_chart(paper_points(), torchvision_points(), current(name, size), measure, theme)


def trace(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: Any) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_the_papers_and_torchvisions_points_are_apart() -> None:
    figure = errors()
    papers = trace(figure, "the paper")
    assert len(papers.x) == 13  # fourteen, of which one is dialled
    assert (4.089184256, 23.9) in list(zip(papers.x, papers.y, strict=True))  # ResNet-50, Table 3
    others = trace(figure, RECIPE)
    assert (15.46027008, 16.754) in list(zip(others.x, others.y, strict=True))  # 100 − 83.246
    assert (papers.marker.symbol, others.marker.symbol) == (None, "diamond-open")
    assert any(RECIPE in text for text in texts(figure))


def test_a_dialled_network_of_the_paper_is_filled() -> None:
    this = trace(errors(), "this network")
    assert (list(this.x), list(this.y)) == ([4.230479872], [22.2])
    assert this.marker.color == colour("ink", "light")
    assert "<b>ResNeXt-50</b>" in texts(errors())


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resnext50_3x30d", 224),
        ("resnext50_32x4d", 320),
        ("resnet152", 224),
        ("resnext101_32x8d", 224),
        ("resnext50_32x4d_stride1x1", 224),
    ],
)
def test_an_error_that_nobody_published_is_not_drawn(name: str, size: int) -> None:
    figure = errors(name, size=size)
    assert len(trace(figure, "this network").y) == 0
    assert len(trace(figure, "the paper").x) == 14
    line = trace(figure, "cost of this network")
    assert list(line.y) == list(ERRORS)  # from edge to edge
    assert set(line.x) == {complexity(parse(name), size).macs / 1e9}
    assert "its error is not known" in error_chart_text(paper_points(), current(name, size), MACS)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet18", "<b>← this network, 1.81 G MACs</b>"),  # torchvision: 1.814 GFLOPS
        ("resnext101_1024x1024d", " G MACs →</b>"),
        ("resnext50_32x4d", "<b>this network, 4.23 G MACs</b>"),
    ],
)
def test_what_lies_outside_the_axis_is_told_at_its_edge(name: str, words: str) -> None:
    figure = errors(name)
    assert any(words in text for text in texts(figure))
    assert bool(trace(figure, "cost of this network").x) == ("→" not in words and "←" not in words)


def circles(figure: Any) -> list[Rectangle]:
    """What the points and the dialled network's line cover, at the nominal width."""
    width, height = NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"], HEIGHT - MARGIN["t"] - MARGIN["b"]
    (low, high), (least, most) = figure.layout.xaxis.range, figure.layout.yaxis.range
    points = [
        point
        for name in ("the paper", RECIPE)
        for point in zip(trace(figure, name).x, trace(figure, name).y, strict=True)
    ]
    places = [((log10(x) - low) / (high - low) * width, (most - y) / (most - least) * height) for x, y in points]
    upright = [(log10(x) - low) / (high - low) * width for x in trace(figure, "cost of this network").x]
    return [
        *(Rectangle(x - 4, y - 4, x + 4, y + 4) for x, y in places),
        *(Rectangle(x - 1, 0, x + 1, height) for x in upright),
    ]


def boxes(figure: Any) -> list[tuple[str, Rectangle]]:
    """Where the labels of points stand at the nominal width."""
    width, height = NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"], HEIGHT - MARGIN["t"] - MARGIN["b"]
    (low, high), (least, most) = figure.layout.xaxis.range, figure.layout.yaxis.range
    found = []
    for each in figure.layout.annotations:
        if each.xref == "x":
            across = (each.x - low) / (high - low) * width + each.xshift
            down = (most - each.y) / (most - least) * height - each.yshift
            grows = Offset(
                0,
                0,
                {"left": 1, "right": -1, "center": 0}[each.xanchor],
                {"top": 1, "bottom": -1, "middle": 0}[each.yanchor],
            )
            words = each.text.replace("<b>", "").replace("</b>", "")
            found.append((each.text, box_at(across, down, (text_width(words, 12.5), 16), grows)))
    return found


@pytest.mark.parametrize("measure", [MACS, PARAMS], ids=["macs", "params"])
@pytest.mark.parametrize("name", NAMES)
def test_labels_overlap_neither_each_other_nor_points_nor_an_edge(name: str, measure: CostAxis) -> None:
    figure = errors(name, measure)
    placed = boxes(figure)
    assert len(placed) > 6
    for (one, box), (other, another) in combinations(placed, 2):
        if not {one[:3], other[:3]} & {"<b>"}:  # this network's label is placed whatever it covers
            assert box.overlap(another) == 0, (one, other)
    for words, box in placed:
        assert words.startswith("<b>") or not any(box.overlap(circle) for circle in circles(figure)), words
        assert box.left >= 0
        assert box.right <= NOMINAL_WIDTH - MARGIN["l"] - MARGIN["r"] + 1


def test_the_accent_is_nowhere_and_the_themes_differ() -> None:
    for theme in ("light", "dark"):
        figures = (
            errors(theme=theme),
            table3_chart(None, theme),
            table4_chart(None, theme),
            cifar_chart(cifar_points(10), cifar_sizes_without_errors(10), 10, None, theme),
        )
        for figure in figures:
            assert not any(accent in figure.to_json() for accent in PALETTE["accent"])
            assert figure.layout.template.layout.font.color == colour("ink", theme)  # type: ignore[arg-type]


def test_table_3_as_a_chart() -> None:
    figure = table3_chart((101, 8, 14), "light")
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [list(line.y) for line in lines] == [[23.9, 23.0, 22.6, 22.3, 22.2], [22.0, 21.7, 21.4, 21.3, 21.2]]
    assert [list(line.x) for line in lines] == [[0, 1, 2, 3, 5]] * 2  # log2 of C
    filled = [trace for trace in figure.data if trace.name == "this network" and trace.y]
    assert [list(trace.y) for trace in filled] == [[21.3]]
    assert "<b>21.3</b>" in texts(figure)
    assert "from 23.9 to 22.2 % with 50 layers; from 22.0 to 21.2 % with 101 layers" in table3_text()


def test_table_4_as_a_chart() -> None:
    figure = table4_chart((101, 64, 4), "light")
    said = texts(figure)
    # Differences to ResNet-101's 22.0 %.
    for words in (
        "21.2 (−0.8)",
        "21.7 (−0.3)",
        "21.3 (−0.7)",
        "20.7 (−1.3)",
        "<b>20.4 (−1.6)</b>",
        "22.0",
        "2×   deeper: ResNet-200",
        "2×   wider: 1×100d",
        "2×   more paths: 2×64d",
        "2×   <b>more paths: 64×4d</b>",
        "1×   ResNeXt-101, 32×4d",
    ):
        assert words in said
    assert "more paths: 64×4d 20.4 %" in table4_text()


@pytest.mark.parametrize("classes", [10, 100])
def test_cifar_has_points_with_errors_and_ticks_without(classes: int) -> None:
    points = cifar_points(classes)
    figure = cifar_chart(points, cifar_sizes_without_errors(classes), classes, None, "light")
    drawn = trace(figure, "the paper")
    assert len(drawn.y) == 3
    ticks = trace(figure, "sizes without errors")
    assert len(ticks.x) == 6
    assert len(set(ticks.y)) == 1  # all at the foot: no error
    assert {"1×64d", "2×64d", "4×64d", "1×128d", "1×192d", "1×256d"} <= set(texts(figure))
    assert CIFAR_LEGEND in texts(figure)
    assert f"CIFAR-{classes}" in cifar_text(points, classes)


def test_a_dialled_cifar_network_is_a_line_and_the_papers_is_filled() -> None:
    spec = parse("resnext29_8x64d_cifar10")
    figure = cifar_chart(cifar_points(10), (), 10, ("", complexity(spec).params), "light")
    assert list(trace(figure, "this network").y) == [3.65]
    assert "<b>this network, 34.43 M params</b>" in texts(figure)
    small = cifar_chart(cifar_points(10), (), 10, ("", 4_774_218), "light")
    assert len(trace(small, "this network").y) == 0
    assert "<b>this network, 4.77 M params</b>" in texts(small)
