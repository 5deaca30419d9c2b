"""`explain`: from a number that somebody got to the reason for it."""

from __future__ import annotations

import argparse

from resnext_viz.commands.options.network_options import add_image_size, given_square
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.explanations import Explanation, SearchResult, explain_number
from resnext_viz.explanations.search import MOST, MOST_LIMITS
from resnext_viz.kit.number_format import exact

NO_MATCH = 1  # exit status
_DESCRIPTION = """Where a number comes from: the way of counting and the mistakes that give it, the most plausible
first, as a sum that adds up. The digits given decide how much may be assumed; where nothing gives the number, the
answer is "no match" with what is nearest. Exit status: 0 explained, 1 no match, 2 not understood."""
_EXAMPLES = """examples:
  python -m resnext_viz explain 22.84 GFLOPs
  python -m resnext_viz explain 89,700,288 params --network "ResNeXt-29 (8x64d)"
  python -m resnext_viz explain 4.12 GMac --network resnet50 --json
  python -m resnext_viz explain 95.8 MB"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `explain` into the parser."""
    parser = commands.add_parser(
        "explain", help="where a number of params, MACs, FLOPs, acts or MB comes from", description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )  # fmt: skip
    parser.add_argument("number", nargs="+", metavar="NUMBER", help="with its unit, if any: 22.84 GFLOPs, 95.8 MB")
    parser.add_argument("--network", metavar="NAME", help="what it is of; default: any of the paper and torchvision")
    add_image_size(parser)
    parser.add_argument(
        "--most", type=as_whole_number(*MOST_LIMITS), default=MOST, metavar="K",
        help=f"explanations given at most, {MOST_LIMITS[0]} to {MOST_LIMITS[1]}; default: {MOST}",
    )  # fmt: skip
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the answer; exit status 0, or 1 if nothing explains the number."""
    side = given_square(arguments)
    answer = explain_number(" ".join(arguments.number), arguments.network, side, arguments.most)
    if arguments.json:
        print_json(answer.to_dict())
    else:
        print(_in_words(answer))
    return 0 if answer.found else NO_MATCH


def _in_words(answer: SearchResult) -> str:
    parts = [answer.verdict]
    if answer.found:
        first, *others = answer.matches
        parts += [_sum(first), _list("other ways to get it, less plausible:", others, answer.more)]
    else:
        parts += [_list("nearest:", answer.nearest), _list("other networks that have it:", answer.elsewhere)]
    return "\n\n".join(filter(None, [*parts, answer.remark]))


def _sum(explanation: Explanation) -> str:
    """The arithmetic, with its total under it."""
    rows = [(term.name, exact(term.amount), f"x {term.times}", exact(term.value)) for term in explanation.terms]
    return aligned(("", "count", "times", "value"), [*rows, (explanation.unit, "", "", exact(explanation.value))])


def _list(title: str, explanations: tuple[Explanation, ...] | list[Explanation], more: int = 0) -> str:
    lines = [f"  {each.subject}: {each.verdict}" for each in explanations]
    lines += [f"  and {more} more (--most)"] if more else []
    return "\n".join([title, *lines]) if lines else ""
