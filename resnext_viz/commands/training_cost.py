"""`training-cost`: multiply-adds and memory of one training step, and what torch's own counter would say."""

from __future__ import annotations

import argparse

from resnext_viz.commands.options.network_options import add_image_size, add_network, asked_network, given_image_size
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number, one_of
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.figures.counting.training_cost_table import (
    OPTIMIZER_NAMES,
    PRECISION_NAMES,
    counter_finding,
    memory_shares,
)
from resnext_viz.figures.kit.choice import PART_NAMES
from resnext_viz.kit.number_format import byte_size, exact, share, short
from resnext_viz.names import name_of, title_of
from resnext_viz.spec import map_size
from resnext_viz.training_cost import (
    BATCH_LIMITS,
    DEFAULT_BATCH,
    Optimizer,
    Precision,
    TrainingCost,
    epoch_images,
    training_cost,
)

_DESCRIPTION = """What one training step costs: multiply-adds (MACs) forward and backward, right for grouped
convolutions, the memory that exists when the forward pass has ended, and what torch's FlopCounterMode prints."""
_EXAMPLES = """examples:
  python -m resnext_viz training-cost resnext50_32x4d
  python -m resnext_viz training-cost resnext101_32x8d --batch 256 --optimizer adam --precision mixed-bfloat16
  python -m resnext_viz training-cost resnext29_8x64d_cifar10 --batch 128 --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `training-cost` into the parser."""
    parser = commands.add_parser(
        "training-cost", help="multiply-adds and memory of a training step", description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )  # fmt: skip
    add_network(parser, is_required=True)
    add_image_size(parser)
    parser.add_argument(
        "--batch", type=as_whole_number(*BATCH_LIMITS), default=DEFAULT_BATCH, metavar="N",
        help=f"images of a step; default: {DEFAULT_BATCH}, as the paper's on each GPU",
    )  # fmt: skip
    parser.add_argument(
        "--optimizer", type=one_of(*Optimizer), default=Optimizer.MOMENTUM.value, metavar="|".join(Optimizer),
        help=f"adam stands for AdamW too; default: {Optimizer.MOMENTUM.value}",
    )  # fmt: skip
    parser.add_argument(
        "--precision", type=one_of(*Precision), default=Precision.FLOAT32.value, metavar="|".join(Precision),
        help=f"mixed keeps learned elements in float32, as autocast; default: {Precision.FLOAT32.value}",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the cost; exit status 0."""
    spec = asked_network(arguments)
    cost = training_cost(
        spec,
        given_image_size(arguments),
        arguments.batch,
        Optimizer(arguments.optimizer),
        Precision(arguments.precision),
    )
    if arguments.json:
        print_json(cost.to_dict())
    else:
        print(_in_words(cost))
    return 0


def _in_words(cost: TrainingCost) -> str:
    spec, size, images = cost.walk.spec, map_size(cost.walk.image_size), epoch_images(cost.walk.spec)
    work = [(PART_NAMES[part], *map(exact, (*row, row.total))) for part, row in cost.by_part.items()]
    memory = [
        (row.name, exact(row.size), byte_size(row.size), share(row.size, cost.memory.total))
        for row in memory_shares(cost.memory)
    ]
    return "\n".join((
        f"{title_of(spec)}  [{name_of(spec)}], a step of {exact(cost.batch_size)} images of {size.plain} pixels, "
        f"{OPTIMIZER_NAMES[cost.optimizer]}, {PRECISION_NAMES[cost.precision]}\n",
        aligned(("MACs", "forward", "gradient of input", "gradient of weight", "step"),
                [*work, ("total", *map(exact, (*cost.work, cost.work.total)))]),
        f"\nAn epoch of {exact(images)} images: {short(cost.epoch_work(images))} MACs.\n",
        aligned(("memory", "bytes", "", "share"),
                [*memory, ("total", exact(cost.memory.total), byte_size(cost.memory.total), "100 %")]),
        f"\nOperations, two a MAC: {exact(2 * cost.work.total)}; by FlopCounterMode {exact(cost.flop_counter)}.",
        counter_finding(cost),
    ))  # fmt: skip
