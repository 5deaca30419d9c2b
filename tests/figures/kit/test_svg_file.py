from xml.etree import ElementTree as ET

import pytest

from resnext_viz.complexity import complexity
from resnext_viz.figures.anatomy.block_drawing import block_drawing
from resnext_viz.figures.anatomy.network_drawing import network_drawing
from resnext_viz.figures.kit.palette import PALETTE, Theme, mixed, tinted
from resnext_viz.figures.kit.svg_file import svg_file
from resnext_viz.spec import ResNeXtSpec
from tests.figures.drawings import SVG, words

RESNEXT_50 = complexity(ResNeXtSpec(cardinality=32, base_width=4))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("drawing", [network_drawing(RESNEXT_50, (1, 2)), block_drawing(RESNEXT_50, (2, 1))])
def test_a_file_needs_no_page_around_it(drawing: str, theme: Theme) -> None:
    file = svg_file(drawing, theme)
    svg = ET.fromstring(file)
    assert svg.tag == f"{SVG}svg"
    assert svg.find(f"{SVG}title").text
    for left in ("var(", "color-mix(", "light-dark(", "data-", "<div"):
        assert left not in file
    ground = svg.find(f"{SVG}rect")
    assert ground.attrib["fill"] == PALETTE["bg"][theme == "dark"]
    assert [ground.attrib[side] for side in ("x", "y", "width", "height")] == svg.attrib["viewBox"].split()


def test_the_wide_layout_is_taken() -> None:
    assert "3 × 224²" in words(ET.fromstring(svg_file(network_drawing(RESNEXT_50, (1, 2)), "light")))


def test_a_text_without_a_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="no SVG"):
        svg_file("<p>nothing</p>", "light")


def test_colours_are_mixed_as_css_does() -> None:
    assert mixed("#FFFFFF", "#000000", 0.5) == "#808080"
    assert mixed("#2B57A3", "#FFFFFF", 0.12) == "#E6EBF4"  # 0.12·0x2B + 0.88·255 = 229.6, and so on
    assert tinted("reduce", "light") == "#E6EBF4"
