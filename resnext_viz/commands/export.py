"""`export`: a network as a file for other programs, with fresh weights or trained ones."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from resnext_viz.commands.options.network_options import (
    add_image_size,
    add_network_options,
    given_image_size,
    given_options,
    named_network,
)
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number, one_of
from resnext_viz.commands.options.printing import print_json
from resnext_viz.commands.options.weights_options import show_download
from resnext_viz.errors import UserError
from resnext_viz.inference.predictor.network_file import FileFormat
from resnext_viz.inference.predictor.onnx_opset import NEWEST, OLDEST
from resnext_viz.kit.number_format import difference_text, exact
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from resnext_viz.inference.predictor.network_export import Exported
    from resnext_viz.inference.weights.checkpoint import Checkpoint

MAX_SEED = 2**31 - 1
_DESCRIPTION = """Writes a network as a file: onnx (a graph for other runtimes), pt2 (a program of torch.export) or
safetensors (the state_dict alone). The weights are fresh and untrained, and follow from the seed, unless --weights
names trained ones. The file is whole or not there, and is read back and run once."""
_EPILOG = """examples:
  python -m resnext_viz export resnext50_32x4d --format onnx --out resnext50.onnx
  python -m resnext_viz export resnext50_32x4d --format onnx --opset 13 --out for_an_older_runtime.onnx
  python -m resnext_viz export resnext29_8x64d_cifar10 --format safetensors --out fresh.safetensors --seed 7
  python -m resnext_viz export --weights cifar10 --format onnx --out cifar10.onnx --json"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `export` into the parser."""
    parser = commands.add_parser(
        "export", help="a network as ONNX, torch.export or safetensors", description=_DESCRIPTION, epilog=_EPILOG
    )
    parser.add_argument("name", nargs="*", metavar="NAME", help="the network; may be left out with --weights")
    add_network_options(parser)
    formats = tuple(each.value for each in FileFormat)
    parser.add_argument(
        "--format", required=True, type=one_of(*formats), metavar="|".join(formats), help="what is written"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file; its folder exists")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there")
    parser.add_argument(
        "--weights",
        metavar="NAME|FILE",
        help="trained weights: cifar10 or cifar10-c1 (bundled), one of torchvision's, or a .safetensors or .pth "
        "file of your own",
    )
    parser.add_argument(
        "--seed", type=as_whole_number(0, MAX_SEED), default=0, metavar="N", help="of fresh weights; default: 0"
    )
    parser.add_argument(
        "--opset",
        type=as_whole_number(OLDEST, NEWEST),
        metavar="N",
        help=f"of onnx, for an older runtime: {OLDEST} to {NEWEST}; default: torch's own",
    )
    add_image_size(parser, "of a graph: ")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the file, tells its steps as they begin, and what was written; exit status 0."""
    size = given_image_size(arguments)
    spec, trained = _network(arguments)
    from resnext_viz.inference.predictor.network_export import export_network

    step = None if arguments.json else _tell
    exported = export_network(
        arguments.out,
        arguments.format,
        spec,
        size,
        arguments.seed,
        trained,
        arguments.force,
        step,
        arguments.opset,
    )
    if arguments.json:
        print_json(exported.to_dict())
    else:
        print(_in_words(exported))
    return 0


def _network(arguments: argparse.Namespace) -> tuple[ResNeXtSpec, Checkpoint | None]:
    """The network that is named, and its trained weights if any are; weights alone name their network."""
    spec = named_network(arguments.name, arguments) if arguments.name else None
    if arguments.weights is not None and not (spec is None and given_options(arguments)):
        from resnext_viz.inference.predictor.network_export import trained_weights

        trained = trained_weights(arguments.weights, show_download)
        return spec or trained.spec, trained
    if spec is None:
        raise UserError("NAME is missing; name a network, such as resnext50_32x4d, or trained weights with --weights")
    return spec, None


def _tell(doing: str) -> None:
    print(doing, flush=True)


def _in_words(exported: Exported) -> str:
    if exported.max_abs is None:
        run = f"Read back by {exported.run_by}; not run, one image costs too much."
    else:
        run = (
            f"Run by {exported.run_by}: largest difference {difference_text(exported.max_abs)} "
            f"of values up to {exported.largest:.2g}, one random image."
        )
    needs = f"\nIt needs {exported.needs}." if exported.needs else ""
    return (
        f"{exported.path}: {exact(exported.bytes)} bytes, {exported.name}, {exact(exported.params)} params, "
        f"weights {exported.weights}, SHA-256 {exported.sha256[:12]}.\n{run}{needs}"
    )
