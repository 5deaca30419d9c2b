"""Loading the network that `predict` and `evaluate` ask, with the download shown on standard error."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from resnext_viz.commands.options.parser import add_device
from resnext_viz.inference.weights.catalogue import BUNDLED_NAME, BUNDLED_NAMES
from resnext_viz.reading.recipe import HeadChoice

if TYPE_CHECKING:
    from resnext_viz.inference.predictor.predictor import Predictor

_BAR = 30  # characters


def add_weights_options(parser: argparse.ArgumentParser) -> None:
    """`--weights`, `--classes`, `--part` and `--device`."""
    parser.add_argument(
        "--weights",
        default=BUNDLED_NAME,
        metavar="NAME|FILE",
        help=f"{' or '.join(BUNDLED_NAMES)} (come with the package), one of torchvision's such as resnext50_32x4d "
        "or ResNeXt50_32X4D_Weights.IMAGENET1K_V2 (downloaded on first use), or a .safetensors or "
        f".pth file of your own, or the index of one in several files; default: {BUNDLED_NAME}",
    )
    parser.add_argument(
        "--classes", type=Path, metavar="FILE", help="class names for your own file: JSON, or one a line"
    )
    add_part(parser)
    add_device(parser)


def add_part(parser: argparse.ArgumentParser) -> None:
    """`--part`."""
    parser.add_argument(
        "--part",
        metavar="NAME",
        help="which network, by its folder, where a file of your own holds several, such as student and teacher; "
        "default: one is proposed, and said",
    )


def add_head(parser: argparse.ArgumentParser) -> None:
    """`--head`."""
    parser.add_argument(
        "--head",
        choices=[choice.value for choice in HeadChoice],
        default=HeadChoice.USUAL.value,
        help="what of the head of a file of your own is run: usual (all of it; what leaves no tensors between its "
        "layers is assumed, and said) or features (nothing of it: what it would get is the answer); default: usual",
    )


def add_engine(parser: argparse.ArgumentParser, default: str = "auto") -> None:
    """`--engine`."""
    parser.add_argument(
        "--engine",
        default=default,
        metavar="ENGINE",
        help="auto (the fastest that proves itself against exact arithmetic), exact (torch, float32, as torchvision "
        "computes it) or int8 (8-bit whole numbers, where their agreement was measured); "
        f"default: {default}",
    )


def load_named(arguments: argparse.Namespace) -> Predictor:
    """The predictor that the options ask for.

    Raises:
        UserError: no such weights or device, or they cannot be had.
    """
    from resnext_viz.inference.predictor.by_name import load_predictor

    engine = getattr(arguments, "engine", "auto")
    return load_predictor(
        arguments.weights,
        arguments.device,
        show_download,
        arguments.classes,
        True,
        engine,
        arguments.part,
        getattr(arguments, "head", HeadChoice.USUAL),
    )


def show_download(done: int, total: int) -> None:
    """Draws how far a download is, over the last drawing; only for a person who watches."""
    if not sys.stderr.isatty():
        return
    share = done / total if total else 0.0
    bar = "#" * round(_BAR * share)
    amount = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
    end = "\n" if total and done >= total else ""
    print(f"\rdownloading [{bar:{_BAR}}] {amount}", end=end, file=sys.stderr, flush=True)
