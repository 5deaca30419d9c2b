"""What a batch of photos shows as a whole: how sure the answers are, which classes are mixed up, how many are right.

Classes and folders have names from strangers: `tag` escapes them. A cell's ink is the share of its row, its truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, document, group, line, markup, rect, tag, text, text_width, variants
from resnext_viz.figures.predict.predictions import MISSING, UNSURE_BELOW, probability_bar
from resnext_viz.kit.intervals import wilson_interval
from resnext_viz.kit.number_format import exact, percent

WIDE, NARROW = 1040.0, 736.0
BINS = 10
PLOT_HEIGHT = 150.0  # of the highest bar
MATRIX_CLASSES = 40  # more are told as a list
LISTED_PAIRS = 20
_CELL_WIDTH, _CELL_HEIGHT = (8.0, 72.0), (17.0, 32.0)  # at least and at most
_NAME_WIDTH = 170.0  # px of a class's name beside its row, at most
_ACCURACY_AFTER = 12.0  # px from a row's cells to its accuracy
_TOTAL_AFTER = 58.0  # px from a row's accuracy to the number of its pictures
_ACCURACY_WIDTH = 132.0
_COUNTED = 14.0  # px of a cell that has its count inside: in smaller ones 1 and 1 would read as 11
_HEAD = 46.0  # px above the first row
_TRUTH = "true class"


class ConfusedPair(NamedTuple):
    """Photos of one class that were taken for another."""

    truth: str
    answer: str
    photos: int
    total: int  # of the true class

    @property
    def words(self) -> str:
        return f"{self.truth} taken for {self.answer}, {exact(self.photos)} of {exact(self.total)}"


def confidence_histogram(probabilities: Sequence[float], right: Sequence[bool] = ()) -> str:
    """Photos by the probability of their first answer, in ten steps, and a sentence with the share of unsure ones.

    Args:
        probabilities: of each photo's first answer, 0 to 1.
        right: whether that answer is the right class, where it is known: wrong ones are drawn hollow.
    """
    if not probabilities:
        return tag("p", "No photo was answered.", class_="rx-c-title")
    finding = confidence_finding(probabilities)
    counts, wrong = [0] * BINS, [0] * BINS
    for place, probability in enumerate(probabilities):
        step = min(int(max(probability, 0.0) * BINS), BINS - 1)
        counts[step] += 1
        wrong[step] += bool(right) and not right[place]
    drawings = [_histogram(counts, wrong, bool(right), finding, width) for width in (WIDE, NARROW)]
    return tag("div", tag("p", finding, class_="rx-c-title"), variants(*drawings), class_="rx-c-histogram")


def confidence_finding(probabilities: Sequence[float]) -> str:
    """How sure the answers are, and how many are unsure."""
    unsure, total = sum(probability < UNSURE_BELOW for probability in probabilities), len(probabilities)
    said = f"{exact(unsure)} of {_photos(total)} ({percent(unsure / total)})" if unsure else f"None of {_photos(total)}"
    verb = "is" if unsure <= 1 else "are"
    return (
        f"{said} {verb} unsure, with a first answer below {percent(UNSURE_BELOW, 0)}; "
        f"the median first answer has {percent(median(probabilities))}."
    )


def _photos(count: int) -> str:
    return "1 photo" if count == 1 else f"{exact(count)} photos"


def _histogram(counts: Sequence[int], wrong: Sequence[int], judged: bool, finding: str, width: float) -> Markup:
    top, floor = 22.0, 22.0 + PLOT_HEIGHT
    step = (width - 40) / BINS
    scale = PLOT_HEIGHT / max(counts)
    marks = [line(20, floor, width - 20, floor, class_="rx-c-axis")]
    for place, (count, bad) in enumerate(zip(counts, wrong, strict=True)):
        left, low, high = 20 + place * step, place * 100 // BINS, (place + 1) * 100 // BINS
        if count:
            told = f"|{exact(count - bad)} right, {exact(bad)} wrong" if judged else ""
            marks.append(
                group(
                    rect(left + 3, floor - (count - bad) * scale, step - 6, (count - bad) * scale, class_="rx-c-bar"),
                    rect(left + 4, floor - count * scale, step - 8, bad * scale, class_="rx-c-wrong")
                    if bad
                    else markup(),
                    text(left + step / 2, floor - count * scale - 6, exact(count), "rx-s", "middle"),
                    data_tip=f"{low} to {high} %|{_photos(count)}{told}",
                )
            )
        marks.append(text(left, floor + 18, f"{low}", "rx-m rx-s", "middle"))
    marks.append(text(width - 20, floor + 18, "100", "rx-m rx-s", "middle"))
    edge = 20 + UNSURE_BELOW * BINS * step
    marks += [
        line(edge, top - 10, edge, floor + 4, class_="rx-c-edge"),
        text(edge - 8, top - 2, "unsure", "rx-m rx-s", "end"),
        text(width / 2, floor + 40, "Probability of the first answer, %", "rx-m rx-s", "middle"),
    ]
    if judged:
        marks += [
            rect(20, floor + 30, 12, 12, class_="rx-c-bar"),
            text(38, floor + 40, "right", "rx-s"),
            rect(84.5, floor + 30.5, 11, 11, class_="rx-c-wrong"),
            text(102, floor + 40, "wrong", "rx-s"),
        ]
    return document(width, floor + 50, "How sure the answers are", finding, marks)


def accuracy_line(right: int, total: int) -> str:
    """The accuracy on these photos, and in words how far it can be trusted."""
    if not total:
        return tag("p", "No photo of a known class was answered.", class_="rx-c-accuracy")
    low, high = wilson_interval(right, total)
    return tag(
        "p",
        tag("b", f"{percent(right / total)} right"),
        f", {exact(right)} of {exact(total)}. If these are a fair "
        f"sample, the network is right on between {percent(low)} and {percent(high)} of such photos "
        "(95 % confidence, Wilson).",
        class_="rx-c-accuracy",
    )


def confusion_matrix(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Which classes are taken for which: a matrix of those that occur, or a list of pairs where they are many.

    Args:
        classes: names, in the order of rows and columns.
        counts: photos, by true class (row) and by the network's first answer (column).
    """
    total = sum(map(sum, counts))
    if not total:
        return tag("p", "No photo of a known class was answered.", class_="rx-c-title")
    answered = [sum(column) for column in zip(*counts, strict=True)]
    used = [place for place, row in enumerate(counts) if answered[place] or any(row)]
    names = [classes[place] for place in used]
    table = [[counts[row][column] for column in used] for row in used]
    pairs = most_confused(names, table)
    finding = _confusion_finding(sum(table[place][place] for place in range(len(used))), total, pairs)
    if len(used) > MATRIX_CLASSES:
        return tag("div", tag("p", finding, class_="rx-c-title"), _pair_list(pairs), class_="rx-c-confusion")
    reading = (
        "Rows are the true classes, columns the network’s answers; the ink of a cell is its share of the row, "
        "framed where the answer is right."
    )
    drawings = [_matrix(names, table, finding, width) for width in (WIDE, NARROW)]
    return tag(
        "div",
        tag("p", finding, class_="rx-c-title"),
        variants(*drawings),
        tag("p", reading, class_="rx-caption"),
        class_="rx-c-confusion",
    )


def most_confused(names: Sequence[str], table: Sequence[Sequence[int]]) -> list[ConfusedPair]:
    """At most `LISTED_PAIRS` pairs of classes, most photos first; among equals, the larger share of its class."""
    pairs = [
        ConfusedPair(names[row], names[column], count, sum(table[row]))
        for row in range(len(names))
        for column, count in enumerate(table[row])
        if count and row != column
    ]
    return sorted(pairs, key=lambda pair: (-pair.photos, pair.total))[:LISTED_PAIRS]


def _confusion_finding(right: int, total: int, pairs: Sequence[ConfusedPair]) -> str:
    said = f"{exact(right)} of {_photos(total)} answered right"
    if not pairs:
        return f"{said}; no class was taken for another."
    return f"{said}; mixed up most often: {'; '.join(pair.words for pair in pairs[:3])}."


def _pair_list(pairs: Sequence[ConfusedPair]) -> Markup:
    head = tag("tr", *(tag("th", name, scope="col") for name in ("True class", "Taken for", "Photos", "Of its class")))
    rows = [
        tag(
            "tr",
            tag("td", pair.truth),
            tag("td", tag("b", pair.answer)),
            tag("td", exact(pair.photos)),
            tag("td", probability_bar(pair.photos / pair.total, "rx-c-share"), percent(pair.photos / pair.total)),
        )
        for pair in pairs
    ]
    caption = tag("caption", f"The {exact(len(pairs))} pairs of classes that were mixed up most often")
    return tag("table", caption, tag("thead", head), tag("tbody", *rows), class_="rx-c-pairs")


def _matrix(names: Sequence[str], table: Sequence[Sequence[int]], finding: str, width: float) -> Markup:
    left = min(_NAME_WIDTH, 34 + max(text_width(name, 13) for name in (*names, _TRUTH)))
    totals = max(text_width(_total(row), 13) for row in table)
    beside = max(_ACCURACY_WIDTH, _ACCURACY_AFTER + _TOTAL_AFTER + totals + 2)
    cell = min(_CELL_WIDTH[1], max(_CELL_WIDTH[0], (width - left - beside) / len(names)))
    height = max(_CELL_HEIGHT[0], min(_CELL_HEIGHT[1], cell))
    numbered = any(text_width(name, 13) > cell - 6 for name in names)
    marks = [
        text(left, 14, "answered", "rx-m rx-s"),
        text(left - 10, _HEAD - 8, _TRUTH, "rx-m rx-s", "end"),
        text(left + len(names) * cell + _ACCURACY_AFTER, _HEAD - 8, "right", "rx-m rx-s"),
    ]
    for place, name in enumerate(names):
        head = f"{place + 1}" if numbered else name
        if not numbered or _number_shown(place, cell):
            marks.append(text(left + (place + 0.5) * cell, _HEAD - 8, head, "rx-s", "middle"))
        marks.append(_row_of(names, table[place], place, left, cell, height, numbered))
    return document(width, _HEAD + len(names) * height + 2, "Which classes are taken for which", finding, marks)


def _number_shown(place: int, cell: float) -> bool:
    """Every column's number where there is room, else every fifth."""
    return cell >= 20 or place == 0 or (place + 1) % 5 == 0


def _row_of(
    names: Sequence[str], row: Sequence[int], place: int, left: float, cell: float, height: float, numbered: bool
) -> Markup:
    top, total = _HEAD + place * height, sum(row)
    middle = top + height / 2 + 4.5
    name = f"{place + 1} {names[place]}" if numbered else names[place]
    marks = [text(left - 10, middle, _shortened(name, left - 14), "rx-s", "end", data_tip=names[place])]
    for column, count in enumerate(row):
        is_right = column == place
        ink = cell_ink(count / total) if count else 0.0
        edge = 0.7 if is_right else 0.0  # so that the frame is not covered by its neighbours
        mark = [
            rect(
                left + column * cell + edge,
                top + edge,
                cell - 2 * edge,
                height - 2 * edge,
                class_="rx-c-right" if is_right else "rx-c-cell",
                fill_opacity=ink,
            )
        ]
        if count and cell >= _COUNTED and text_width(exact(count), 13) <= cell - 3:
            class_ = "rx-s rx-c-on-ink" if ink > 0.5 else "rx-s"
            mark.append(text(left + (column + 0.5) * cell, middle, exact(count), class_, "middle"))
        verb = "answered right" if is_right else f"taken for {names[column]}"
        tip = f"{names[place]} {verb}|{exact(count)} of {exact(total)}, {percent(count / total)}" if count else None
        marks.append(group(*mark, data_tip=tip))
    right, after = row[place], left + len(names) * cell + _ACCURACY_AFTER
    marks.append(text(after, middle, percent(right / total) if total else MISSING, "rx-s rx-b"))
    if total:
        marks.append(text(after + _TOTAL_AFTER, middle, _total(row), "rx-m rx-s"))
    return group(*marks)


def _total(row: Sequence[int]) -> str:
    return f"of {exact(sum(row))}"


def cell_ink(share: float) -> float:
    """The ink of a cell with this share of its row; it leaps at one half, over greys on which no text is legible."""
    return 0.06 + 0.68 * share if share < 0.5 else 0.62 + 0.6 * (share - 0.5)


def _shortened(name: str, width: float) -> str:
    """`name`, cut where it is too long for `width` pixels."""
    if text_width(name, 13) <= width:
        return name
    kept = name
    while kept and text_width(f"{kept}…", 13) > width:
        kept = kept[:-1]
    return f"{kept}…"
