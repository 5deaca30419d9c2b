"""`count`: exact params, MACs and activations of a network."""

from __future__ import annotations

import argparse

from resnext_viz.commands.options.network_options import add_image_size, add_network, asked_network, given_image_size
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.commands.options.tool_counts import check, check_in_words, run_tools_of, runs_in_words, tools_in_words
from resnext_viz.complexity import Complexity, complexity
from resnext_viz.conventions import tool_counts
from resnext_viz.conventions.installable import INSTALLABLE
from resnext_viz.kit.number_format import exact, short
from resnext_viz.names import name_of, title_of
from resnext_viz.spec import check_square, map_size

RANDOM_NETWORKS = 60
DIFFERENT = 1  # exit status

_DESCRIPTION = """Exact counts of a network, by stage: learned elements (params), multiply-adds of convolutions and the
linear layer (MACs), and the elements those layers put out (acts), for one image."""
_EPILOG = """exit status: 0, or 1 if --check or --run found a tool that differs from its rule

examples:
  python -m resnext_viz count resnext50_32x4d
  python -m resnext_viz count "ResNeXt-101 (64x4d)" --image-size 320
  python -m resnext_viz count resnet50 --cardinality 32 --base-width 4 --json
  python -m resnext_viz count resnext50_32x4d --tools --check
  python -m resnext_viz count resnext50_32x4d --run thop"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `count` into the parser."""
    parser = commands.add_parser(
        "count", help="exact params, MACs and activations of a network", description=_DESCRIPTION, epilog=_EPILOG
    )
    add_network(parser, is_required=True)
    add_image_size(parser)
    parser.add_argument(
        "--tools",
        action="store_true",
        help="what each counting tool prints for it: fvcore, timm, ptflops, thop, torchinfo, calflops, ...",
    )
    parser.add_argument(
        "--check",
        nargs="?",
        type=as_whole_number(1, 10_000),
        const=RANDOM_NETWORKS,
        metavar="N",
        help="run the installed tools and compare, on this network, on small presets and on N random ones "
        f"(default: {RANDOM_NETWORKS}); takes about a minute; implies --tools",
    )
    parser.add_argument(
        "--run",
        dest="rule",
        choices=sorted({tool.rule for tool in INSTALLABLE}),
        metavar="RULE",
        help="run the installed tools of one rule on this network alone, and say what they print: fvcore, thop, ...",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the counts; exit status 1 if the tools were asked and one differs from its rule."""
    spec = asked_network(arguments)
    counts = complexity(spec, given_image_size(arguments))
    document = counts.to_dict()
    words = [_in_words(counts)]
    matches = []
    if arguments.tools or arguments.check:
        tools = tool_counts(spec, counts.walk.image_size)
        document["tools"] = [count.to_dict() for count in tools]
        words.append(tools_in_words(tools))
    if arguments.check:
        matches = check(spec, check_square(counts.walk.image_size), arguments.check)
        document["check"] = [match.to_dict() for match in matches]
        words.append(check_in_words(matches))
    runs = run_tools_of(spec, counts.walk.image_size, arguments.rule) if arguments.rule else []
    if runs:
        document["runs"] = [each.to_dict() for each in runs]
        words.append(runs_in_words(runs))
    if arguments.json:
        print_json(document)
    else:
        print("\n\n".join(words))
    is_as_said = all(match.holds for match in matches) and all(each.holds for each in runs)
    return 0 if is_as_said else DIFFERENT


def _in_words(counts: Complexity) -> str:
    spec, size = counts.walk.spec, counts.walk.image_size
    side = map_size(size).plain
    rows = [
        (
            stage.name,
            f"{stage.size_out.height}x{stage.size_out.width}",
            str(stage.channels),
            str(len(stage.blocks) or ""),
            *map(exact, stage.cost),
        )
        for stage in counts.by_stage
    ]
    table = aligned(
        ("part", "map", "channels", "blocks", "params", "MACs", "acts"),
        [*rows, ("total", "", "", "", *map(exact, counts.total))],
    )
    return (
        f"{title_of(spec)}  [{name_of(spec)}], one image of {side} pixels\n\n{table}\n\n"
        f"{short(counts.params)} params, {short(counts.macs)} MACs, {short(counts.acts)} acts. "
        "1 MAC = 1 multiply-add of a convolution or the linear layer."
    )
