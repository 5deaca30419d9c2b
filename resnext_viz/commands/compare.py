"""`compare`: where two networks differ, in terms that sum to the whole, and why equal MACs are not equal time."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from resnext_viz.commands.options.network_options import add_image_size, given_image_size
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number, one_of
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.comparison import Comparison, Movement, Pair, compare
from resnext_viz.figures.counting.comparison_table import KIND_NAMES, comparison_finding, place_words, stride_finding
from resnext_viz.figures.counting.movement_table import ELEMENT_BYTES, cells_of, quantities
from resnext_viz.kit.number_format import exact, signed
from resnext_viz.names import name_of, parse, title_of
from resnext_viz.spec import size_text

BATCH_LIMITS = (1, 65_536)

_DESCRIPTION = """Where two networks differ in params, multiply-adds (MACs) and activations (acts): by place and by kind
of layer, in terms that sum to the whole difference, the second network subtracted from the first. Then what a forward
pass moves: why networks of equal MACs take different time. bench pair measures it."""
_EXAMPLES = """examples:
  python -m resnext_viz compare resnext50_32x4d resnet50
  python -m resnext_viz compare resnet50_stride1x1 resnet50 --json
  python -m resnext_viz compare resnext101_64x4d "ResNeXt-101 (32x8d)" --image-size 320 --batch 8"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `compare` into the parser."""
    parser = commands.add_parser(
        "compare", help="where two networks differ, term by term", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.add_argument("name", metavar="NAME", help="such as resnext50_32x4d or 'ResNeXt-50 (32x4d)'")
    parser.add_argument("other", metavar="NAME", help="what it is compared with")
    add_image_size(parser)
    parser.add_argument(
        "--batch", type=as_whole_number(*BATCH_LIMITS), default=1, metavar="N",
        help="images at once, for what is moved; default: 1",
    )  # fmt: skip
    parser.add_argument(
        "--precision", type=one_of(*ELEMENT_BYTES), default="float32", metavar="|".join(ELEMENT_BYTES),
        help="number format, for what is moved; default: float32",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the comparison; exit status 0."""
    pair = compare(parse(arguments.name), parse(arguments.other), given_image_size(arguments))
    size = ELEMENT_BYTES[arguments.precision]
    moved = tuple(Movement(counts.walk, arguments.batch, size) for counts in (pair.ours, pair.theirs))
    if arguments.json:
        print_json({**pair.to_dict(), "movement": [each.to_dict() for each in moved]})
    else:
        print(_in_words(pair, (moved[0], moved[1]), arguments.precision))
    return 0


def _in_words(pair: Comparison, moved: tuple[Movement, Movement], precision: str) -> str:
    specs = [counts.walk.spec for counts in (pair.ours, pair.theirs)]
    titles = [title_of(spec) for spec in specs]
    heads = " - ".join(
        f"{title_of(spec)} [{name_of(spec)}] at {size_text(counts.walk.image_size)}"
        for spec, counts in zip(specs, (pair.ours, pair.theirs), strict=True)
    )
    total = ("total", pair.total)
    places = aligned(
        ("place", *_COLUMNS),
        _rows([*((place_words(place, pair), terms) for place, terms in pair.by_place.items()), total]),
    )
    kinds = aligned(
        ("kind", *_COLUMNS), _rows([*((KIND_NAMES[kind], terms) for kind, terms in pair.by_kind.items()), total])
    )
    rows = [(row.name, *cells_of(row)) for row in quantities(pair, *moved)]
    why = aligned((f"one pass, {moved[0].batch_size} images, {precision}", *titles, "ratio"), rows)
    words = [comparison_finding(pair, *titles), *filter(None, [stride_finding(pair)])]
    return "\n\n".join((heads, places, kinds, *words, why))


_COLUMNS = ("params", "MACs", "acts")


def _rows(terms: Iterable[tuple[str, Pair]]) -> list[tuple[str, ...]]:
    return [(name, *(signed(count) if count else exact(0) for count in pair.difference)) for name, pair in terms]
