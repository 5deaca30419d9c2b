"""`code`: a network as code to paste, for torchvision, timm, plain torch or this package; checked if asked."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from resnext_viz.commands.options.network_options import add_image_size, add_network, asked_network, given_image_size
from resnext_viz.commands.options.parser import Parser, add_json, one_of
from resnext_viz.commands.options.printing import print_json
from resnext_viz.kit.number_format import exact
from resnext_viz.names import name_of, title_of
from resnext_viz.source_code import Source, Target, source_code
from resnext_viz.spec import ImageSize, map_size

if TYPE_CHECKING:
    from resnext_viz.nn.code_check import CodeCheck

UNEQUAL = 1  # exit status

_DESCRIPTION = """A network as code to paste, and nothing else on standard output. The code is a whole Python file; the
names in its state_dict are the same for all four."""
_EPILOG = """exit status: 0, or with --check 1 if a count, a name or an output differs

examples:
  python -m resnext_viz code resnext50_32x4d > resnext50.py
  python -m resnext_viz code resnext29_8x64d_cifar10 --for torchvision
  python -m resnext_viz code resnext50_32x4d --num-classes 10 --for timm --check"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `code` into the parser."""
    parser = commands.add_parser(
        "code", help="a network as code for torchvision, timm or torch", description=_DESCRIPTION, epilog=_EPILOG
    )
    add_network(parser, is_required=True)
    targets = tuple(target.value for target in Target)
    parser.add_argument(
        "--for",
        dest="target",
        type=one_of(*targets),
        default=Target.TORCH.value,
        metavar="|".join(targets),
        help="the library; default: torch, one file that imports nothing else",
    )
    add_image_size(parser, "of comments and MACs: ")
    parser.add_argument(
        "--check", action="store_true", help="run the code and print how it compares with our network, not the code"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the code, or how it compares; exit status 1 if it differs."""
    spec = asked_network(arguments)
    size = given_image_size(arguments)
    source = source_code(spec, arguments.target, size)
    checked = _checked(source, size) if arguments.check else None
    if arguments.json:
        check = {"check": checked.to_dict()} if checked else {}
        print_json(_document(source) | check)
    elif checked:
        print(_in_words(source, checked))
    else:
        print(source.code, end="")
    return UNEQUAL if checked and not checked.equal else 0


def _checked(source: Source, image_size: ImageSize | None) -> CodeCheck:
    from resnext_viz.nn.code_check import check_code

    return check_code(source, image_size)


def _document(source: Source) -> dict[str, object]:
    return {
        "name": name_of(source.spec),
        "for": source.target.value,
        "file": source.file_name,
        "notes": list(source.notes),
        "code": source.code,
    }


def _in_words(source: Source, checked: CodeCheck) -> str:
    size = map_size(checked.image_size)
    lines = [
        f"{title_of(source.spec)}, code for {checked.target}, beside resnext_viz",
        "",
        f"params   {exact(checked.params)}, ours {exact(checked.our_params)}",
        f"MACs     {exact(checked.macs)}, ours {exact(checked.our_macs)} (one image of {size.plain} pixels)",
        f"names    {checked.differing or 'the same names and shapes in both state_dicts'}",
        f"outputs  {_outputs(checked)}",
        "",
        "equal" if checked.equal else "NOT equal",
    ]
    return "\n".join(lines)


def _outputs(checked: CodeCheck) -> str:
    if checked.shape is None or checked.max_abs is None or checked.largest is None:
        return "not compared: the network is too large to be run here, or does not fit"
    return (
        f"largest difference {checked.max_abs:.2g} of values up to {checked.largest:.2g}, input "
        f"{'x'.join(map(str, checked.shape))}, same weights"
    )
