"""A neuron as split, transform, aggregate (the paper's Fig. 2), with the numbers of a real place.

Drawn from what `inner-product --json` prints. Numbers on screen have three decimals; the sums are made before rounding.
Source: arXiv 1611.05431, section 3.2, Fig. 2, Eq. 1 and 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from resnext_viz.figures.kit.svg import Markup, circle, document, group, path, rect, tag, text, variants
from resnext_viz.kit.number_format import MINUS, difference_text, exact

Row = Mapping[str, Any]
HEIGHT, BOX_HEIGHT = 282, 34
INPUT, PRODUCT, SUM = 28, 112, 214  # y of the boxes' tops, and of the sum's middle
RADIUS = 15
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class _Frame(NamedTuple):
    """One of the two widths; the names of the rows stand left of the boxes."""

    width: int
    box: int
    left: int


class _Column(NamedTuple):
    """A term of the sum; without value and weight where several terms, or the bias, stand together."""

    name: str
    value: str
    weight: str
    product: str


WIDE, NARROW = _Frame(1040, 92, 76), _Frame(736, 66, 66)


def neuron_drawing(product: Row) -> str:
    """HTML of one output channel of a 1×1 at one place, with a way to the next of both.

    Args:
        product: `InnerProduct.to_dict()`.
    """
    columns = _columns(product)
    drawings = variants(*(_drawing(columns, product, frame) for frame in (WIDE, NARROW)))
    return tag("div", _pickers(product), drawings, _words(product), class_="rx-neuron")


def _columns(product: Row) -> list[_Column]:
    columns = [
        _Column(
            str(term["channel"]).translate(_SUBSCRIPT),
            _decimal(term["value"]),
            _decimal(term["weight"]),
            _decimal(term["product"]),
        )
        for term in product["terms"]
    ]
    if product["hidden"]:
        columns.append(_Column(f"{exact(product['hidden'])} more", "", "", _decimal(product["hidden_sum"])))
    if product["bias"]:
        columns.append(_Column("bias", "", "", _decimal(product["bias"])))
    return columns


def _drawing(columns: list[_Column], product: Row, frame: _Frame) -> Markup:
    pitch, middle = (frame.width - frame.left) / len(columns), (frame.width + frame.left) / 2
    rows = (("split", INPUT + 22), ("transform", PRODUCT + 22), ("aggregate", SUM + 5))
    marks = [text(0, y, words, "rx-m rx-s") for words, y in rows]
    for index, column in enumerate(columns):
        x = frame.left + (index + 0.5) * pitch
        marks.append(
            path(
                "M",
                x,
                PRODUCT + BOX_HEIGHT,
                "C",
                x,
                SUM - 24,
                middle,
                SUM - 60,
                middle,
                SUM - RADIUS,
                class_="rx-n-flow",
            )
        )
        marks.append(_term(column, x, frame.box) if column.value else _rest(column, x, frame.box))
    marks += [
        circle(middle, SUM, RADIUS, class_="rx-n-node"),
        text(middle, SUM + 6, "Σ", "rx-n-sign", "middle"),
        path("M", middle, SUM + RADIUS, "V", SUM + RADIUS + 12, class_="rx-n-flow"),
        text(middle, HEIGHT - 22, _decimal(product["total"]), "rx-b rx-l", "middle"),
        text(middle, HEIGHT - 5, "the neuron’s output", "rx-m rx-s", "middle"),
    ]
    finding = f"{len(columns)} products add up to {_decimal(product['total'])}."
    return document(frame.width, HEIGHT, "A neuron, product by product", finding, marks)


def _term(column: _Column, x: float, box: float) -> Markup:
    return group(
        text(x, INPUT - 9, f"x{column.name}", "rx-n-symbol", "middle"),
        path("M", x, INPUT + BOX_HEIGHT, "V", PRODUCT, class_="rx-n-flow"),
        rect(x - box / 2, INPUT, box, BOX_HEIGHT, rx=4, class_="rx-n-value"),
        text(x, INPUT + 22, column.value, "rx-n", "middle"),
        rect(x - box / 2 + 4, INPUT + 48, box - 8, 22, class_="rx-n-clear"),
        text(x, INPUT + 64, f"× {column.weight}", "rx-m rx-n", "middle"),
        rect(x - box / 2, PRODUCT, box, BOX_HEIGHT, rx=4, class_="rx-n-product"),
        text(x, PRODUCT + 22, column.product, "rx-b rx-n", "middle"),
        data_tip=f"w{column.name}·x{column.name}|{column.weight} × {column.value} = {column.product}",
    )


def _rest(column: _Column, x: float, box: float) -> Markup:
    return group(
        text(x, PRODUCT - 12, column.name, "rx-m rx-n", "middle"),
        rect(x - box / 2, PRODUCT, box, BOX_HEIGHT, rx=4, class_="rx-n-product rx-n-rest"),
        text(x, PRODUCT + 22, column.product, "rx-b rx-n", "middle"),
    )


def _pickers(product: Row) -> Markup:
    """Steppers for the output channel and the place; what is chosen is "channel,place"."""
    channel, side = product["channel"], product["side"]
    place = (product["row"] - 1) * side + product["column"]
    return tag(
        "div",
        _stepper(
            "output channel",
            f"{exact(channel)} of {exact(product['channels'])}",
            {"previous": (channel - 1, place), "next": (channel + 1, place)},
            channel,
            product["channels"],
        ),
        _stepper(
            "place",
            f"row {product['row']}, column {product['column']} of {side}×{side}",
            {"previous": (channel, place - 1), "next": (channel, place + 1)},
            place,
            side**2,
        ),
        class_="rx-picks rx-n-picks",
    )


def _stepper(name: str, shown: str, targets: Mapping[str, tuple[int, int]], at: int, most: int) -> Markup:
    def button(sign: str, word: str, reachable: bool) -> Markup:
        channel, place = targets[word]
        key = f"{word}-{name.replace(' ', '-')}"
        return tag(
            "button",
            sign,
            type="button",
            aria_label=f"{word.capitalize()} {name}",
            disabled=not reachable,
            data_choose=f"{key}={channel},{place}" if reachable else None,
        )

    return tag(
        "div",
        name.capitalize(),
        button(MINUS, "previous", at > 1),
        tag("output", shown),
        button("+", "next", at < most),
        class_="rx-pick",
        role="group",
        aria_label=name.capitalize(),
    )


def _words(product: Row) -> Markup:
    """What the sum is, and the step from it to the paper's block."""
    number = exact(len(product["terms"]) + product["hidden"])
    where = (
        f"Output channel {exact(product['channel'])} of {product['layer']} at row {product['row']}, column "
        f"{product['column']}, before its BN: random weights and input, float64. The convolution itself gives "
        f"{_decimal(product['computed'])}, {_agreement(product)}."
    )
    return tag(
        "p",
        where,
        tag("br"),
        tag("b", "Replace each wᵢxᵢ by a transformation Tᵢ(x)"),
        f", a whole path instead of one product, and Σ wᵢxᵢ over {number} channels becomes the block: ",
        tag("b", "F(x) = Σ Tᵢ(x), i = 1 to C"),
        " (Eq. 2).",
        class_="rx-n-words",
    )


def _agreement(product: Row) -> str:
    """How far the sum is from what the convolution computed."""
    off = abs(product["total"] - product["computed"])
    return "the same, bit for bit" if off == 0 else f"the same up to {difference_text(off)}"


def _decimal(value: float) -> str:
    """`−0.204`."""
    return f"{value:.3f}".replace("-", MINUS)
