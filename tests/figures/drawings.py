"""Reading drawings back: parsed marks with their place on the canvas, and what must hold for any drawing."""

import math
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from resnext_viz.figures.kit.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"
_SIZES = {"rx-l": 15.0, "rx-t": 14.0, "rx-n": 13.5, "rx-s": 12.5, "rx-symbol": 17.0}


def parsed(drawing: str) -> ET.Element:
    """The whole string as one tree; it must be well-formed."""
    return ET.fromstring(f"<div>{drawing}</div>")


def layouts(drawing: str) -> tuple[ET.Element, ET.Element]:
    """The wide and the narrow SVG."""
    wide, narrow = parsed(drawing).iter(f"{SVG}svg")
    return wide, narrow


def marks(tree: ET.Element, class_: str) -> list[ET.Element]:
    """Every element with a class."""
    return [element for element in tree.iter() if class_ in element.get("class", "").split()]


def words(tree: ET.Element) -> list[str]:
    """Every line of text."""
    return ["".join(element.itertext()) for element in tree.iter(f"{SVG}text")]


def choices(tree: ET.Element) -> list[str]:
    """Every value that can be chosen, in order."""
    return [element.attrib["data-choose"] for element in tree.iter() if "data-choose" in element.attrib]


def tips(tree: ET.Element) -> list[list[str]]:
    """Every readout, by line."""
    return [element.attrib["data-tip"].split("|") for element in tree.iter() if "data-tip" in element.attrib]


def integer(line: str) -> int:
    """The exact count that a line begins with."""
    return int(re.match(r"[\d,]+", line)[0].replace(",", ""))


def check_svg(svg: ET.Element) -> None:
    """A name, choices that differ, and every mark and word inside the canvas."""
    width, height = (float(side) for side in svg.attrib["viewBox"].split()[2:])
    assert (float(svg.attrib["width"]), float(svg.attrib["height"])) == (width, height)
    assert svg.attrib["role"] in {"img", "group"}
    assert re.fullmatch(r".+\. .+\.", svg.attrib["aria-label"])
    assert len(choices(svg)) == len(set(choices(svg)))
    for element, left, top, right, bottom in _boxes(svg, 0.0, 0.0):
        assert all(map(math.isfinite, (left, top, right, bottom))), ET.tostring(element)
        inside = left >= -0.01 and top >= -0.01 and right <= width + 0.01 and bottom <= height + 0.01
        assert inside, (ET.tostring(element), (left, top, right, bottom), (width, height))


def _boxes(element: ET.Element, x: float, y: float) -> Iterator[tuple[ET.Element, float, float, float, float]]:
    moved = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    box = _box(element)
    if box:
        yield element, box[0] + x, box[1] + y, box[2] + x, box[3] + y
    for child in element:
        yield from _boxes(child, x, y)


def _box(element: ET.Element) -> tuple[float, float, float, float] | None:
    at = {key: float(value) for key, value in element.attrib.items() if key in _LENGTHS}
    match element.tag.removeprefix(SVG):
        case "rect":
            assert at["width"] >= 0 <= at["height"]
            return at["x"], at["y"], at["x"] + at["width"], at["y"] + at["height"]
        case "line":
            return min(at["x1"], at["x2"]), min(at["y1"], at["y2"]), max(at["x1"], at["x2"]), max(at["y1"], at["y2"])
        case "circle":
            return at["cx"] - at["r"], at["cy"] - at["r"], at["cx"] + at["r"], at["cy"] + at["r"]
        case "path":
            numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", element.attrib["d"])]
            assert not re.search("nan|inf", element.attrib["d"])
            return min(numbers), 0.0, max(numbers), 0.0
        case "text":
            classes = element.get("class", "").split()
            size = next((_SIZES[name] for name in classes if name in _SIZES), 13.0)
            width = text_width("".join(element.itertext()), size, bold="rx-b" in classes)
            left = at["x"] - {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")] * width
            return left, at["y"] - 0.75 * size, left + width, at["y"] + 0.25 * size
    return None


_LENGTHS = {"x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy", "r"}
