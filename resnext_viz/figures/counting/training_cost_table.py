"""What a training step costs, as HTML: headline figures, its memory as a bar, its MACs, and torch's own counter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from resnext_viz.figures.kit.choice import PART_NAMES
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import byte_size, exact, share, short
from resnext_viz.training_cost import Memory, Optimizer, Precision, StepMacs, TrainingCost

OPTIMIZER_NAMES = {
    Optimizer.SGD: "SGD",
    Optimizer.MOMENTUM: "SGD with momentum",
    Optimizer.ADAM: "Adam or AdamW",
}
PRECISION_NAMES = {
    Precision.FLOAT32: "float32",
    Precision.MIXED_BFLOAT16: "bfloat16, mixed",
    Precision.MIXED_FLOAT16: "float16, mixed",
    Precision.BFLOAT16: "bfloat16 alone",
}
# Field of `Memory` -> its name, and what it is, in words.
MEMORY_NAMES: dict[str, tuple[str, str]] = {
    "weights": ("Weights", "learned elements"),
    "master_weights": ("Master weights", "learned elements in float32"),
    "running_statistics": ("Running statistics", "of batch norm: mean, variance, batches seen"),
    "gradients": ("Gradients", "one for each learned element"),
    "optimizer_state": ("Optimizer state", ""),
    "images": ("Images", "read by the first convolution"),
    "norm_inputs": ("Inputs of batch norm", "what the convolutions put out"),
    "norm_statistics": ("Saved statistics", "of batch norm: mean and inverse deviation of the batch"),
    "relu_outputs": ("Outputs of ReLU", "read by the next convolution"),
    "pool_outputs": ("Outputs of max pool", "read by the next convolution"),
    "pool_indices": ("Indices of max pool", "8 bytes for each element"),
    "linear_inputs": ("Inputs of fc", "pooled features"),
}
_STATE_WORDS = {
    Optimizer.SGD: "plain SGD keeps none",
    Optimizer.MOMENTUM: "one momentum for each learned element",
    Optimizer.ADAM: "two moments for each learned element, a step count for each tensor",
}


class Share(NamedTuple):
    """One row of the memory."""

    field: str
    size: int  # bytes

    @property
    def name(self) -> str:
        return MEMORY_NAMES[self.field][0]


def memory_shares(memory: Memory) -> list[Share]:
    """What takes memory, in order; a row that takes none is left out, but for the optimizer's."""
    return [Share(field, size) for field, size in memory._asdict().items() if size or field == "optimizer_state"]


def training_drawing(cost: TrainingCost, images: int) -> str:
    """The section's drawing.

    Args:
        cost: of one step.
        images: in one epoch.
    """
    return tag("div", _figures(cost, images), _memory(cost), _work(cost, images), _counter(cost), class_="rx-cost")


def _figures(cost: TrainingCost, images: int) -> Markup:
    steps = -(-images // cost.batch_size)
    per_image = cost.memory.activations // cost.batch_size
    return tag(
        "div",
        _figure("Memory of a step", byte_size(cost.memory.total), f"{exact(cost.memory.total)} bytes"),
        _figure("Of that, for each image", byte_size(per_image), "activations, kept for the backward pass"),
        _figure("Work of a step", f"{short(cost.work.total)} MACs", f"{exact(cost.work.total)} MACs"),
        _figure(
            "Work of an epoch",
            f"{short(cost.epoch_work(images))} MACs",
            f"{exact(images)} images, {exact(steps)} steps",
        ),
        class_="rx-cost-figures",
    )


def _figure(label: str, value: str, foot: str) -> Markup:
    number, _, unit = value.partition(" ")
    return tag("div", tag("span", label), tag("b", number, tag("small", f" {unit}")), tag("span", foot))


def _memory(cost: TrainingCost) -> Markup:
    rows, total = memory_shares(cost.memory), cost.memory.total
    pieces = [
        tag(
            "i",
            class_=f"rx-cost-{row.field}",
            style=f"width:{100 * row.size / total:.3f}%",
            data_tip=f"{row.name}|{exact(row.size)} bytes|{share(row.size, total)} of the step’s memory",
        )
        for row in rows
        if row.size
    ]
    finding = memory_finding(cost)
    bar = tag("div", *pieces, class_="rx-cost-stack", role="img", aria_label=f"Memory of a step. {finding}")
    body = [_memory_row(cost, row) for row in rows]
    last = tag(
        "tr",
        tag("th", "Total", scope="row", class_="rx-left"),
        tag("td", class_="rx-cost-wide"),
        tag("td", byte_size(total)),
        tag("td", exact(total)),
        tag("td", "100 %"),
        class_="rx-cost-total",
    )
    head = _heads(("Memory kept", "rx-left"), ("", "rx-left rx-cost-wide"), ("", ""), ("Bytes", ""), ("Share", ""))
    table = tag("table", tag("thead", head), tag("tbody", *body, last), class_="rx-cost-table")
    return markup(bar, tag("p", finding, class_="rx-caption"), tag("div", table, class_="rx-cost-frame"))


def memory_finding(cost: TrainingCost) -> str:
    """What takes most of the memory, in one sentence."""
    memory = cost.memory
    return (
        f"{share(memory.activations, memory.total)} are activations kept for the backward pass, "
        f"{share(memory.norm_inputs, memory.total)} inputs of batch norm alone; the weights themselves take "
        f"{share(memory.weights + memory.master_weights, memory.total)}."
    )


def _memory_row(cost: TrainingCost, row: Share) -> Markup:
    words = _STATE_WORDS[cost.optimizer] if row.field == "optimizer_state" else MEMORY_NAMES[row.field][1]
    if row.field == "weights" and cost.precision.is_mixed:
        words = "of convolutions and fc, cast"
    swatch = tag("i", class_=f"rx-cost-swatch rx-cost-{row.field}")
    return tag(
        "tr",
        tag("th", swatch, row.name, scope="row", class_="rx-left"),
        tag("td", words, class_="rx-left rx-cost-wide rx-cost-words"),
        tag("td", byte_size(row.size)),
        tag("td", exact(row.size)),
        tag("td", share(row.size, cost.memory.total)),
    )


def _work(cost: TrainingCost, images: int) -> Markup:
    head = _heads(
        ("MACs of a step", "rx-left"),
        ("Forward", ""),
        ("Gradient of input", ""),
        ("Gradient of weight", ""),
        ("Step", ""),
        ("MACs of an epoch", ""),
    )
    steps = [(PART_NAMES[part], work) for part, work in cost.by_part.items()]
    body = [_work_row(name, work, images, cost.batch_size) for name, work in steps]
    body.append(_work_row("Total", cost.work, images, cost.batch_size, "rx-cost-total"))
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="rx-cost-table")
    words = (
        "Each gradient takes as many MACs as the forward pass, whatever the groups. The image needs no gradient, so "
        "the first convolution has one term less."
    )
    return markup(tag("div", table, class_="rx-cost-frame"), tag("p", words, class_="rx-caption"))


def _work_row(name: str, work: StepMacs, images: int, batch: int, class_: str | None = None) -> Markup:
    cells = [exact(count) for count in (*work, work.total)]
    return tag(
        "tr",
        tag("th", name, scope="row", class_="rx-left"),
        *(tag("td", cell) for cell in cells),
        tag("td", short(images * (work.total // batch))),
        class_=class_,
    )


def _counter(cost: TrainingCost) -> Markup:
    right, printed = 2 * cost.work.total, cost.flop_counter
    rows = (("Right", right, "two operations for each MAC"), ("FlopCounterMode", printed, "as torch 2.15 prints it"))
    body = [
        tag(
            "tr",
            tag("th", name, scope="row", class_="rx-left"),
            tag("td", words, class_="rx-left rx-cost-wide rx-cost-words"),
            tag(
                "td",
                tag(
                    "i",
                    class_=f"rx-cost-bar{' rx-cost-open' if number == 1 else ''}",
                    style=f"width:{100 * count / printed:.2f}%",
                ),
                class_="rx-cost-barred",
            ),
            tag("td", f"{short(count // cost.batch_size)} operations"),
            tag("td", exact(count)),
        )
        for number, (name, count, words) in enumerate(rows)
    ]
    head = _heads(
        ("Torch’s own counter", "rx-left"),
        ("", "rx-left rx-cost-wide"),
        ("", ""),
        ("One image", ""),
        ("Operations of a step", ""),
    )
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="rx-cost-table")
    return markup(tag("div", table, class_="rx-cost-frame"), tag("p", counter_finding(cost), class_="rx-caption"))


def counter_finding(cost: TrainingCost) -> str:
    """How far torch's counter is off, and why, in a sentence or two."""
    groups = cost.walk.spec.cardinality
    if not cost.miscounted:
        return "Nothing is grouped here, so FlopCounterMode is right. Of grouped convolutions it prints too much."
    times = cost.flop_counter / (2 * cost.work.total)
    return (
        f"FlopCounterMode prints {times:.2f} times what there is, "
        f"{cost.flop_counter / (2 * cost.work.forward):.3f} times its own forward pass: its formula for the "
        f"gradient of a convolution’s weight leaves out ÷ groups, so every grouped 3×3 counts {exact(groups)} times "
        f"there. Its forward pass is right."
    )


def _heads(*heads: Sequence[str]) -> Markup:
    return tag("tr", *(tag("th", words, scope="col", class_=class_ or None) for words, class_ in heads))


def work_rows(cost: TrainingCost) -> list[dict[str, str | int]]:
    """MACs of each layer on one image as rows for a file, and what torch's counter adds by mistake; then the sum."""
    rows = [(each.layer.name, each.layer.groups, each.work, each.miscounted) for each in cost.layers]
    sums = StepMacs(*(sum(term) for term in zip(*(work for _, _, work, _ in rows), strict=True)))
    rows.append(("total", 0, sums, sum(row[3] for row in rows)))
    return [
        {"layer": name, "groups": groups or "", **work._asdict(), "step": work.total, "miscounted": miscounted}
        for name, groups, work, miscounted in rows
    ]


def memory_rows(cost: TrainingCost) -> list[dict[str, str | int | float]]:
    """The memory as rows for a file."""
    total = cost.memory.total
    rows: list[dict[str, str | int | float]] = [
        {"memory": field, "bytes": size, "share": size / total} for field, size in cost.memory._asdict().items()
    ]
    return [*rows, {"memory": "total", "bytes": total, "share": 1.0}]
