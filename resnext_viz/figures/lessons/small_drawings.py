"""A small drawing for each lesson, 190 by 96: its question in the marks of its page, a "?" in the answer's place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resnext_viz.figures.kit.svg import Markup, circle, document, group, line, rect, text
from resnext_viz.lessons import DialledNetwork
from resnext_viz.names import title_of

WIDTH, HEIGHT = 190, 96
_ALT = "Drawing"
_MOST_PATHS = 4


def small_drawing(key: str, dialled: DialledNetwork) -> str:
    """The drawing of the lesson of that key; for a teacher's own a question mark alone."""
    draw = _DRAWINGS.get(key, _own)
    finding, marks = draw(dialled)
    return document(WIDTH, HEIGHT, _ALT, finding, marks)


Drawn = tuple[str, list[Markup]]


def _unknown(x: float, y: float) -> Markup:
    return text(x, y, "?", class_="rx-lesson-unknown", anchor="middle")


def _box(kind: str, x: float, y: float, width: float, height: float, radius: float = 3) -> Markup:
    return rect(x, y, width, height, rx=radius, class_=f"rx-lesson-box rx-lesson-{kind}")


def _axes(x: float, y: float, right: float) -> Markup:
    return group(line(x, 6, x, y, class_="rx-lesson-axis"), line(x, y, right, y, class_="rx-lesson-axis"))


def _block_cost(_: DialledNetwork) -> Drawn:
    marks = []
    for place, (kind, name) in enumerate((("reduce", "1×1"), ("transform", "3×3"), ("expand", "1×1"))):
        x = 23 + 50 * place
        marks += [_box(kind, x, 12, 44, 36), text(x + 22, 35, name, anchor="middle"), _unknown(x + 22, 78)]
        marks.append(line(x, 56, x + 44, 56, class_=f"rx-lesson-under rx-lesson-{kind}"))
    return "Three layers of a block, and a question mark under each.", marks


def _equal_cost(dialled: DialledNetwork) -> Drawn:
    return "An axis of C: the ResNet block at C = 1, and a question mark at the dialled C.", [
        _axes(16, 76, 186),
        circle(34, 18, 6, class_="rx-lesson-dot"),
        text(46, 22, "1×64d", class_="rx-b"),
        line(140, 8, 140, 76, class_="rx-lesson-dotted"),
        _unknown(152, 52),
        text(34, 92, "1", anchor="middle"),
        text(140, 92, f"C = {dialled.spec.cardinality}", anchor="middle"),
    ]


def _forms(_: DialledNetwork) -> Drawn:
    marks = []
    for place, name in enumerate("abc"):
        x = 8 + 64 * place
        for row, kind in enumerate(("reduce", "transform", "expand")):
            y = 10 + 21 * row
            is_whole = name == "c" or (name == "b" and kind == "expand")
            if is_whole:
                marks.append(_box(kind, x, y, 46, 14))
                if kind == "transform":
                    marks += [
                        line(x + 11.5 * cut, y, x + 11.5 * cut, y + 14, class_="rx-lesson-cut") for cut in (1, 2, 3)
                    ]
            else:
                marks += [_box(kind, x + 12 * path, y, 10, 14) for path in range(_MOST_PATHS)]
        marks.append(text(x + 23, 91, f"({name})", class_="rx-m", anchor="middle"))
    return "Forms (a), (b) and (c) of one block, and a question mark between them.", [
        *marks, _unknown(63, 43), _unknown(127, 43)
    ]  # fmt: skip


def _time(_: DialledNetwork) -> Drawn:
    return "Two bars of nearly equal MACs, and a question mark in place of the time.", [
        text(0, 27, "MACs"),
        rect(46, 14, 104, 8, class_="rx-lesson-filled"),
        rect(46.5, 26.5, 100, 7, class_="rx-lesson-open"),
        text(0, 72, "time"),
        line(46, 56, 46, 80, class_="rx-lesson-axis"),
        line(46, 60, 150, 60, class_="rx-lesson-dotted"),
        line(46, 76, 150, 76, class_="rx-lesson-dotted"),
        _unknown(164, 74),
    ]


def _path(_: DialledNetwork) -> Drawn:
    marks = []
    for path in range(_MOST_PATHS):
        x = 4 + 47 * path
        is_off = path == 1
        marks.append(rect(x, 12, 40, 40, class_="rx-lesson-tile off" if is_off else "rx-lesson-tile"))
        for cell in range(16):
            size = 2 + (cell * 7 + path * 5) % 5
            cx, cy = x + 6.5 + 9 * (cell % 4), 18.5 + 9 * (cell // 4)
            marks.append(rect(cx - size / 2, cy - size / 2, size, size, class_="rx-lesson-cell"))
        if is_off:
            marks.append(line(x, 52, x + 40, 12, class_="rx-lesson-off"))
    marks += [text(71, 72, "off", class_="rx-lesson-accent", anchor="middle"), _unknown(164, 80)]
    return "Four paths of a block, one of them off, and a question mark.", marks


def _evidence(_: DialledNetwork) -> Drawn:
    return "The error of few paths with its interval, and a question mark for many.", [
        _axes(30, 76, 186),
        text(0, 44, "error", class_="rx-m"),
        line(72, 20, 72, 56, class_="rx-lesson-whisker"),
        line(66, 20, 78, 20, class_="rx-lesson-whisker"),
        line(66, 56, 78, 56, class_="rx-lesson-whisker"),
        circle(72, 38, 5, class_="rx-lesson-ring"),
        _unknown(140, 46),
        text(72, 92, "few paths", anchor="middle"),
        text(140, 92, "many", anchor="middle"),
    ]


def _own(dialled: DialledNetwork) -> Drawn:
    return f"{title_of(dialled.spec)}, and a question mark.", [
        rect(30, 14, 130, 62, rx=4, class_="rx-lesson-tile"),
        _unknown(95, 53),
    ]


_DRAWINGS: Mapping[str, Callable[[DialledNetwork], Drawn]] = {
    "block_cost": _block_cost,
    "equal_cost": _equal_cost,
    "forms": _forms,
    "time": _time,
    "path": _path,
    "evidence": _evidence,
}
