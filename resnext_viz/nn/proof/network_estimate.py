"""What a check of a whole network will take, before it is begun: multiply-adds, convolutions, memory and seconds.

Counts come from the walk. Seconds come from a calibration of this machine: one block of the network in each form, on a
small map and on a larger one, gives the time for each convolution called and for each multiply-add.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import torch

from resnext_viz.block_forms.terms import Form
from resnext_viz.errors import UserError
from resnext_viz.kit.number_format import byte_size, estimated_duration
from resnext_viz.layers import Block, walk
from resnext_viz.nn.device import reproducible
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.equivalence import BATCH, Dtype
from resnext_viz.nn.proof.form_run import largest_difference, random_block
from resnext_viz.nn.proof.forms import cardinality_of, to_form
from resnext_viz.nn.proof.whole_network import DTYPES, batch_size
from resnext_viz.spec import BlockKind, ResNeXtSpec

MEMORY_LIMIT = 6 * 2**30  # bytes
SECONDS_LIMIT = 1800.0
CONVOLUTIONS_LIMIT = 20_000  # of form A
PATIENCE_S = 90.0  # beyond, a smaller setting is offered
NETWORKS = (Form.A, Form.B, Form.C, Form.C)  # the last is form C, moved by one epsilon
USUAL_SIZE = 64
SMALLER_SIZES = (224, 160, 128, 96, 64, 32, 16, 8)
COPYING, COMPARING = 30, 18  # passes over all weights: to make four networks, to compare three with one in each step
_SIDES = (7, 28)
_SOME_WEIGHTS = 2**20


@dataclass(frozen=True)
class CheckSetting:
    """What a check would be run on."""

    spec: ResNeXtSpec
    image_size: int
    dtypes: tuple[Dtype, ...] = DTYPES
    steps: int = 3

    @property
    def words(self) -> str:
        """`64 px, float64 and float32, 3 steps`."""
        steps = f"{self.steps} {'step' if self.steps == 1 else 'steps'}"
        return f"{self.image_size} px, {' and '.join(self.dtypes)}, {steps}"


class MachineSpeed(NamedTuple):
    """Seconds, forward and backward together, for each convolution that is called and for each multiply-add."""

    a_call: float
    a_mac: float


class Speeds(NamedTuple):
    """What was found of this machine: each form's speed, and seconds to compare one weight of two networks."""

    forms: Mapping[Form, MachineSpeed]
    a_weight: float


@dataclass(frozen=True)
class Estimate:
    """What one setting takes.

    Attributes:
        batch: images at once.
        macs: of the whole check, all networks and passes; a backward pass counts twice.
        convolutions: of the network in each form.
        memory_bytes: of weights, gradients, momenta, and of what one network keeps for its backward pass.
        seconds: about; None without a calibration.
    """

    batch: int
    macs: int
    convolutions: Mapping[Form, int]
    memory_bytes: int
    seconds: float | None

    @property
    def words(self) -> str:
        """`About 20 s: 111 G MACs, 1,541 convolutions in form (a), 2.3 GB`."""
        gigas = self.macs / 1e9
        macs = f"{gigas:,.{0 if gigas >= 10 else 2}f} G MACs"
        took = f"About {estimated_duration(self.seconds)}: " if self.seconds is not None else ""
        return (
            f"{took}{macs}, {self.convolutions[Form.A]:,} convolutions in form (a), {byte_size(self.memory_bytes, 1)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {
            "batch": self.batch,
            "macs": self.macs,
            "memory_bytes": self.memory_bytes,
            "seconds": self.seconds,
            "convolutions": {form.value: count for form, count in self.convolutions.items()},
        }


def default_size(spec: ResNeXtSpec) -> int:
    """The side of the image where nobody says otherwise: form (a) at 224 pixels takes minutes."""
    return min(spec.default_image_size, USUAL_SIZE)


def estimate(setting: CheckSetting, speeds: Speeds | None = None) -> Estimate:
    """What the check of `setting` will take.

    Raises:
        UserError: blocks of two layers.
    """
    spec = setting.spec
    if spec.block is BlockKind.BASIC:
        raise UserError("block is 'basic'; only bottlenecks have three forms, so choose a bottleneck network")
    layers = walk(spec, setting.image_size).layers
    batch = batch_size(spec, setting.image_size)
    passes = len(setting.dtypes) * (1 + 3 * max(1, setting.steps))  # in forward passes: eval, then each step
    macs, acts = (batch * sum(getattr(layer, what) for layer in layers) for what in ("macs", "acts"))
    params = sum(layer.params for layer in layers)
    convolutions = {form: _convolutions(setting, form) for form in Form}
    largest = max(dtype.torch_dtype.itemsize for dtype in setting.dtypes)
    # Four networks with gradients and momenta, and the random one that they are made of. Each element that a
    # convolution puts out is kept about four times: for batch norm, ReLU and the next convolution, and by form C.
    memory = params * (12 * largest + 8) + 4 * acts * largest
    seconds = None
    if speeds:
        computing = sum(
            speeds.forms[form].a_call * convolutions[form] + speeds.forms[form].a_mac * macs for form in NETWORKS
        )
        seconds = passes / 3 * computing + len(setting.dtypes) * params * speeds.a_weight * (
            COPYING + COMPARING * (1 + setting.steps)
        )
    return Estimate(batch, passes * len(NETWORKS) * macs, convolutions, memory, seconds)


def estimated(setting: CheckSetting) -> tuple[Estimate, Speeds]:
    """What the check of `setting` will take on this machine, which is calibrated for it.

    Raises:
        UserError: more than is sensible.
    """
    refuse_too_large(setting, estimate(setting))
    speeds = machine_speeds(setting)
    found = estimate(setting, speeds)
    refuse_too_large(setting, found)
    return found, speeds


def _convolutions(setting: CheckSetting, form: Form) -> int:
    network = walk(setting.spec, setting.image_size)
    main = _convolutions_of_block(form, setting.spec.cardinality)
    return 1 + sum(main + (block.projection is not None) for stage in network.stages for block in stage.blocks)


def _convolutions_of_block(form: Form, paths: int) -> int:
    return {Form.A: 3 * paths, Form.B: 2 * paths + 1, Form.C: 3}[form]


def machine_speeds(setting: CheckSetting) -> Speeds:
    """How fast this machine is: one block of stage 1 in each form, forward and backward, on two maps."""
    stage = walk(setting.spec, setting.image_size).stages[0]
    block = stage.rest or stage.first
    grouped = random_block(block, seed=0).to(setting.dtypes[0].torch_dtype)
    weights = BATCH * sum(layer.weights for layer in block.layers)
    small, large = (side**2 * weights for side in _SIDES)  # multiply-adds
    forms = {}
    for form in Form:
        module = to_form(grouped, form)
        calls = _convolutions_of_block(form, cardinality_of(block))
        on_small, on_large = (_seconds(module, block, side) for side in _SIDES)
        a_mac = max(on_large - on_small, on_large / 10) / (large - small)
        forms[form] = MachineSpeed(max(on_small - a_mac * small, 0.0) / calls, a_mac)
    return Speeds(forms, _seconds_a_weight())


def _seconds_a_weight() -> float:
    some = {"": torch.ones(_SOME_WEIGHTS, dtype=torch.float64)}
    return min(_timed(lambda: largest_difference(some, some)) for _ in range(5)) / _SOME_WEIGHTS


def _seconds(module: Residual, block: Block, side: int) -> float:
    like = next(module.parameters())
    x = torch.randn(BATCH, block.main[0].c_in, side, side, dtype=like.dtype, requires_grad=True)
    return min(_timed(lambda: module(x).sum().backward()) for _ in range(2))


def _timed(call: Callable[[], object]) -> float:
    with reproducible():
        began = time.perf_counter()
        call()
        return time.perf_counter() - began


def refuse_too_large(setting: CheckSetting, found: Estimate) -> None:
    """Nothing, if the check may be run at all.

    Raises:
        UserError: it would take more convolutions, memory or time than is sensible; with what to do.
    """
    name = f"at {setting.image_size} px"
    if found.convolutions[Form.A] > CONVOLUTIONS_LIMIT:
        raise UserError(
            f"form (a) of this network has {found.convolutions[Form.A]:,} convolutions; a check takes up to "
            f"{CONVOLUTIONS_LIMIT:,}, so choose a smaller C or fewer blocks"
        )
    if found.memory_bytes > MEMORY_LIMIT:
        raise UserError(
            f"{name} the check would need {byte_size(found.memory_bytes, 1)}; the limit is "
            f"{byte_size(MEMORY_LIMIT, 1)}, so choose float32 alone, a smaller image, fewer blocks, or a smaller C or d"
        )
    if found.seconds is not None and found.seconds > SECONDS_LIMIT:
        raise UserError(
            f"{name} the check would take about {found.seconds / 60:,.0f} minutes; the limit is "
            f"{SECONDS_LIMIT / 60:.0f}, so choose a smaller image, fewer steps, fewer blocks, or a smaller C"
        )


def smaller_settings(setting: CheckSetting, speeds: Speeds) -> Iterator[tuple[CheckSetting, Estimate]]:
    """What this machine does within `PATIENCE_S`: the largest image with all that is asked for, then with less."""
    steps = sorted({setting.steps, min(1, setting.steps)}, reverse=True)
    sizes = [setting.image_size, *(size for size in SMALLER_SIZES if size < setting.image_size)]
    for dtypes, few in product(dict.fromkeys([setting.dtypes, setting.dtypes[-1:]]), steps):
        for size in sizes:
            smaller = CheckSetting(setting.spec, size, dtypes, few)
            found = estimate(smaller, speeds)
            fits = found.seconds is not None and found.seconds <= PATIENCE_S and found.memory_bytes <= MEMORY_LIMIT
            if fits and smaller != setting:
                yield smaller, found
                break
