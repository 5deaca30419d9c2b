"""Code of `source_code` run on this machine and held against the network of the walk.

Names, shapes, params and MACs are compared on torch's meta device, so that a network of any size fits; outputs with the
same weights and random batch-norm statistics, in eval mode, where the network is small enough to be run twice.
"""

from __future__ import annotations

import importlib.util
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resnext_viz.complexity import complexity
from resnext_viz.errors import UserError
from resnext_viz.nn.module_counts import build_on_meta, measured_params
from resnext_viz.nn.seeded import build_seeded, randomise_norms
from resnext_viz.source_code import Source
from resnext_viz.spec import ImageSize, MapSize, ResNeXtSpec, map_size

MAX_PARAMS = 100_000_000  # of a network that is run here: two copies of 400 MB
MAX_MACS = 20_000_000_000  # for one image
SIDE = 64  # of the images that are run, in pixels, at most
BATCH = 2
TOLERANCE = 1e-5  # of the largest output; pooling may sum in another order


@dataclass(frozen=True)
class CodeCheck:
    """What running the code gave, beside ours.

    Attributes:
        image_size: side of the image that `macs` are for, in pixels.
        differing: the first name or shape of the state_dict that differs; empty if none does.
        shape: of the input that was run through both; None where the network is too large to be run.
        max_abs: largest difference of any output; None where nothing was run.
        largest: largest output of ours, without its sign.
    """

    target: str
    image_size: ImageSize
    params: int
    our_params: int
    macs: int
    our_macs: int
    differing: str
    shape: tuple[int, int, int, int] | None = None
    max_abs: float | None = None
    largest: float | None = None

    @property
    def equal(self) -> bool:
        """Whether everything that was compared is equal, outputs up to rounding."""
        counts = self.params == self.our_params and self.macs == self.our_macs and not self.differing
        return counts and (self.max_abs is None or self.max_abs <= TOLERANCE * (self.largest or 0.0))

    def to_dict(self) -> dict[str, Any]:
        """Every figure and the verdict, as JSON types."""
        return asdict(self) | {"equal": self.equal}


def check_code(source: Source, image_size: ImageSize | None = None) -> CodeCheck:
    """Runs the code of `source` and compares the network it gives with ours.

    Raises:
        UserError: the library that the code imports is not installed.
    """
    counts = complexity(source.spec, image_size)
    side = counts.walk.image_size
    theirs = run_code(source)
    ours = build_on_meta(source.spec)
    checked = CodeCheck(
        str(source.target), side, measured_params(theirs), counts.params,
        _macs(theirs, source.spec.in_channels, map_size(side)), counts.macs, _difference(theirs, ours),
    )  # fmt: skip
    small = min(*map_size(side), SIDE)
    if checked.differing or counts.params > MAX_PARAMS or complexity(source.spec, small).macs > MAX_MACS:
        return checked
    return _with_outputs(checked, theirs, source.spec, small)


def run_code(source: Source) -> nn.Module:
    """The network that the code makes, on torch's meta device, in eval mode. Only for code of `source_code`.

    Raises:
        UserError: the library that the code imports is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.py")
        path.write_text(source.code, encoding="utf-8")
        found = importlib.util.spec_from_file_location("network", path)
        if found is None or found.loader is None:
            raise ImportError(path)
        module = importlib.util.module_from_spec(found)
        try:
            with torch.device("meta"):
                found.loader.exec_module(module)
                made = getattr(module, source.entry)
                network: nn.Module = made() if isinstance(made, type) else made
        except ModuleNotFoundError as error:
            raise UserError(f"{error.name} is not installed here; pip install {error.name}") from None
    return network.eval()


def _macs(module: nn.Module, in_channels: int, size: MapSize) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.empty(1, in_channels, *size, device="meta"))
    return int(counter.get_total_flops()) // 2


def _difference(theirs: nn.Module, ours: nn.Module) -> str:
    """The first name or shape in which two state_dicts differ, in words."""
    given, wanted = _shapes(theirs), _shapes(ours)
    for name in [*wanted, *given]:
        if given.get(name) != wanted.get(name):
            return f"{name}: {given.get(name, 'not there')}, where {wanted.get(name, 'nothing')} was expected"
    return ""


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


@torch.inference_mode()
def _with_outputs(checked: CodeCheck, theirs: nn.Module, spec: ResNeXtSpec, side: int) -> CodeCheck:
    ours = build_seeded(spec)
    randomise_norms(ours)
    theirs.load_state_dict(ours.state_dict(), assign=True)
    shape = (BATCH, spec.in_channels, side, side)
    images = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    expected = ours(images)
    largest = float(expected.abs().max())
    return replace(checked, shape=shape, max_abs=float((theirs(images) - expected).abs().max()), largest=largest)
