"""Inside one block: its paths, its sums term by term (Eq. 4), and its 3×3 as one matrix.

Source: arXiv 1611.05431, Fig. 3 and Eq. 4, `C·(256·d + 3·3·d·d + d·256)`, here with the block's own channels.
"""

from __future__ import annotations

from itertools import pairwise

from resnext_viz.complexity import Complexity
from resnext_viz.figures.anatomy.block_paths import (
    NARROW,
    WIDE,
    BlockLayout,
    Paths,
    arrange_paths,
    first_fitting,
    path_channels,
    paths_drawing,
    shortcut_words,
)
from resnext_viz.figures.anatomy.matrix import SIDE, matrix_drawing, matrix_words
from resnext_viz.figures.kit.choice import Hidden, block_at, folded, within
from resnext_viz.figures.kit.svg import Markup, document, line, markup, rect, tag, text, variants
from resnext_viz.kit.number_format import exact, short
from resnext_viz.layers import Block, Layer, Part, Walk

RULE, WEIGHTS, TERM, MACS, MORE = 402.0, 429.0, 447.0, 474.0, 491.0  # y of the sums
HEIGHT = 495.0
MATRIX = (783.0, 84.0)


def block_drawing(complexity: Complexity, chosen: tuple[int, int], path: int = 3) -> str:
    """Heading with pickers, and the block in two layouts; `chosen` is (stage, block), `path` is i, all from 1."""
    network = complexity.walk
    chosen = within(network, chosen)
    block = block_at(network, chosen)
    paths = arrange_paths(_transform(block).groups, path)
    finding = block_finding(block, paths.total)
    label = f"Block {chosen[1]} of stage {chosen[0]}"
    wide = document(
        1040,
        HEIGHT,
        label,
        finding,
        [*paths_drawing(block, paths, WIDE), *_sums(block, paths, WIDE), *_matrix_beside(block, paths)],
        interactive=True,
    )
    narrow = document(
        736,
        HEIGHT + 44 + 292,
        label,
        finding,
        [*paths_drawing(block, paths, NARROW), *_sums(block, paths, NARROW), *_matrix_under(block, paths)],
        interactive=True,
    )
    return markup(_heading(network, chosen), variants(wide, narrow))


def block_finding(block: Block, paths: int) -> str:
    """One sentence: channels, paths, shortcut and counts of the block."""
    before, after = block.main[0], block.main[-1]
    inner = _transform(block)
    middle = f"{exact(inner.c_in)} inside"
    if paths > 1:
        middle = f"{exact(paths)} paths of width {inner.c_out // paths}, summed"
    weights, macs = _totals(block)
    return (
        f"{exact(before.c_in)} channels in, {middle}, {exact(after.c_out)} channels out; {shortcut_words(block)}; "
        f"{exact(weights)} weights and {exact(macs)} MACs in the paths."
    )


def _transform(block: Block) -> Layer:
    """The 3×3 that is drawn as a matrix; of two, the second."""
    return [layer for layer in block.main if layer.part is Part.TRANSFORM][-1]


def _totals(block: Block) -> tuple[int, int]:
    return sum(layer.weights for layer in block.main), sum(layer.macs for layer in block.main)


def _heading(network: Walk, chosen: tuple[int, int]) -> Markup:
    stage, block = chosen
    stages = [
        (number, f"{number}.{min(block, network.stages[number - 1].depth)}")
        for number in range(1, len(network.stages) + 1)
    ]
    around = (block - 1, block, block + 1)
    blocks = [
        item if isinstance(item, Hidden) else (item, f"{stage}.{item}")
        for item in folded(network.stages[stage - 1].depth, around)
    ]
    pickers = tag("div", _picker("Stage", stages, stage), _picker("Block", blocks, block), class_="rx-picks")
    where = tag("p", f"Stage {stage}, block {block}")
    return tag("div", tag("h2", "Inside one block"), where, pickers, class_="rx-head")


def _picker(name: str, items: list[tuple[int, str]] | list[tuple[int, str] | Hidden], chosen: int) -> Markup:
    buttons: list[Markup] = []
    for item in items:
        if isinstance(item, Hidden):
            buttons.append(tag("span", "…", title=f"{item.blocks} more"))
            continue
        number, value = item
        buttons.append(
            tag(
                "button",
                str(number),
                type="button",
                role="radio",
                data_choose=value,
                aria_checked=str(number == chosen).lower(),
                aria_label=f"{name} {number}",
            )
        )
    return tag(
        "div",
        tag("span", name),
        *buttons,
        class_="rx-pick",
        role="radiogroup",
        aria_label=name,
        data_group=f"{name.lower()}s",
    )


def _term(layer: Layer, paths: int) -> str:
    """One term of Eq. 4 with numbers: `32·3·3·4·4`."""
    before, after = path_channels(layer, paths)
    factors = [exact(paths)] if paths > 1 else []
    factors += ["3", "3"] if layer.kernel == 3 else []
    return "·".join((*factors, exact(before), exact(after)))


# Stands for a term whose numbers do not fit; they are in its readout.
_SYMBOLS = {Part.REDUCE: "C·c_in·d", Part.TRANSFORM: "C·3·3·d·d", Part.EXPAND: "C·d·c_out"}


def _sums(block: Block, paths: Paths, frame: BlockLayout) -> list[Markup]:
    """The sums under the boxes, and what the block adds beside them."""
    columns = frame.columns(len(block.main))
    marks = [
        line(0, RULE, frame.out + 12, RULE, class_="rx-rule"),
        text(0, WEIGHTS, "weights", "rx-m"),
        text(0, MACS, "MACs", "rx-m"),
    ]
    for layer, x in zip(block.main, columns, strict=True):
        marks += _column_sums(layer, paths.total, x, frame)
    gaps = [(left + right) / 2 for left, right in pairwise(columns)]
    signs = [*((x, "+") for x in gaps), (frame.total - 22, "=")]
    marks += [text(x, WEIGHTS, sign, "rx-m", "middle") for x, sign in signs]
    return [*marks, *_total_sums(block, frame)]


def _column_sums(layer: Layer, paths: int, x: float, frame: BlockLayout) -> list[Markup]:
    room = frame.pitch - 8
    term = _term(layer, paths)
    weights = first_fitting(room - 24, 15, exact(layer.weights), short(layer.weights), bold=True)
    times = f"× {layer.size_out.product}"
    macs = first_fitting(room, 13, f"{times} = {exact(layer.macs)}", f"{times} = {short(layer.macs)}")
    tip = f"{term} = {exact(layer.weights)} weights|{times} places = {exact(layer.macs)} MACs"
    return [
        rect(x - frame.box / 2, RULE + 6, frame.box, 3, class_=f"rx-fill-{layer.part}"),
        text(x, WEIGHTS, weights, "rx-b rx-l", "middle", data_tip=tip),
        text(x, TERM, first_fitting(room, 13, term, _SYMBOLS[layer.part]), "rx-m rx-s", "middle", data_tip=tip),
        text(x, MACS, macs, "rx-m rx-s", "middle", data_tip=tip),
    ]


def _total_sums(block: Block, frame: BlockLayout) -> list[Markup]:
    weights, macs = _totals(block)
    room = frame.right - frame.total
    norms = sum(layer.params - layer.weights for layer in block.main)
    tip = f"{exact(weights)} weights|{exact(norms)} more params in batch norm and biases|{exact(macs)} MACs"
    all_weights = first_fitting(room, 15, f"{exact(weights)} weights", f"{short(weights)} weights", bold=True)
    all_macs = first_fitting(room, 13, f"{exact(macs)} MACs", f"{short(macs)} MACs", bold=True)
    marks = [
        text(frame.total, WEIGHTS, all_weights, "rx-b rx-l", data_tip=tip),
        text(frame.total, MACS, all_macs, "rx-b", data_tip=tip),
    ]
    extra = block.projection
    if extra:
        for y, count, unit in ((TERM, extra.weights, "weights"), (MORE, extra.macs, "MACs")):
            words = first_fitting(room, 13, f"+ {exact(count)} shortcut", f"+ {short(count)} shortcut")
            marks.append(text(frame.total, y, words, "rx-m rx-s", data_tip=f"shortcut|{exact(count)} {unit}"))
    return marks


def _matrix_beside(block: Block, paths: Paths) -> list[Markup]:
    layer, (x, y) = _transform(block), MATRIX
    title, caption = _matrix_title(block)
    strip = rect(x, RULE + 6, WIDE.box, 3, class_="rx-fill-transform")
    return [
        text(x, y - 34, title, "rx-b rx-t"),
        text(x, y - 17, caption, "rx-m rx-s"),
        matrix_drawing(layer, paths.followed, x, y),
        text(x, y + SIDE + 24, _kept(layer), "rx-m"),
        line(x, RULE, x + SIDE, RULE, class_="rx-rule"),
        strip,
        *_matrix_sums(layer, x, WEIGHTS, SIDE),
    ]


def _matrix_under(block: Block, paths: Paths) -> list[Markup]:
    layer, top = _transform(block), HEIGHT + 44
    title, caption = _matrix_title(block)
    beside = SIDE + 40
    return [
        text(0, top, title, "rx-b rx-t"),
        text(0, top + 17, caption, "rx-m rx-s"),
        matrix_drawing(layer, paths.followed, 0.5, top + 34),
        *_matrix_sums(layer, beside, top + 118, 736 - beside),
        text(beside, top + 162, _kept(layer), "rx-m"),
    ]


def _matrix_title(block: Block) -> tuple[str, str]:
    title, caption = matrix_words(_transform(block))
    return (title.replace("The 3×3", "The second 3×3") if len(block.main) == 2 else title), caption


def _kept(layer: Layer) -> str:
    return f"1/{exact(layer.groups)} of the plain 3×3" if layer.groups > 1 else "one group: a plain 3×3, no blank"


def _matrix_sums(layer: Layer, x: float, y: float, room: float) -> list[Markup]:
    plain = layer.weights * layer.groups
    kept = first_fitting(room, 15, f"{exact(layer.weights)} weights", f"{short(layer.weights)} weights", bold=True)
    marks = [text(x, y, kept, "rx-b rx-l", data_tip=f"{exact(layer.weights)} weights")]
    factors = f"{exact(layer.c_out)}·{exact(layer.c_in)}·3·3"
    if layer.groups > 1:
        words = first_fitting(
            room,
            13,
            f"instead of {factors} = {exact(plain)}",
            f"instead of {exact(plain)}",
            f"instead of {short(plain)}",
        )
    else:
        words = first_fitting(room, 13, factors, "")
    return [*marks, text(x, y + 18, words, "rx-m rx-s", data_tip=f"plain 3×3|{factors} = {exact(plain)} weights")]
