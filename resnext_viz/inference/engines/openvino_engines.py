"""Engines of OpenVINO, which is the fastest there is for these networks on most CPUs.

The network is converted straight from the torch module, for any batch size. Precision is always set: OpenVINO's own
default is bfloat16 wherever a CPU can do it, unsaid. A compiled network has one infer request and belongs to one
caller at a time; two at once would raise "Infer Request is busy".
"""

from __future__ import annotations

import io
import threading
import warnings
from functools import cache, lru_cache, partial
from logging import WARNING
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from resnext_viz.inference.engines.compiled_cache import forget, key_of, remembered
from resnext_viz.inference.engines.engine import Engine
from resnext_viz.kit.operator_log import logged
from resnext_viz.kit.timing import in_turns, timed
from resnext_viz.names import name_of
from resnext_viz.nn.module_counts import build_on_meta
from resnext_viz.nn.network import ResNeXt, build
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    import openvino

PRECISIONS = {"bf16": "bfloat16", "f32": "float32"}  # OpenVINO's word -> torch's
# px, at most, of the pictures that a network is followed with: its layers are the same at any size, and running them at
# 224 px takes longer than all the rest of a conversion.
TRACED_SIDE = 64
_DEVICE = "CPU"

_PROBE = ResNeXtSpec((1,), cardinality=32, base_width=4)
_PROBE_ROUNDS = 20
_WORTH_ROUNDING = 0.9  # of float32's time: what is hardly faster is not worth numbers of eight bits

_FILTERING = threading.Lock()  # filters of warnings are the process's: two networks converted at once would mix them up


def is_available() -> bool:
    """Whether OpenVINO is installed and has a CPU that it can use."""
    try:
        return _DEVICE in _core().available_devices
    except ImportError:
        return False
    except Exception as error:  # of a broken installation; torch is there still
        logged(error, "looking for OpenVINO's devices", WARNING)
        return False


@lru_cache(maxsize=1)
def precisions() -> tuple[str, ...]:
    """The precisions worth trying on this CPU, the faster first: bfloat16 only where it has units for it.

    Units need not be fast: with AVX-512's alone bfloat16 took half of float32's time on one processor, and one and a
    half times as long on another. So a block of ResNeXt-50 (32x4d) is run in both, once in a process.
    """
    can = _core().get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")
    if "BF16" not in can:
        return ("f32",)
    shape = (3, 112, 112)
    block, picture = converted(build(_PROBE).eval(), shape), torch.zeros(1, *shape)
    try:
        ways = {word: timed(partial(_runner(_compiled(block, word)), picture)) for word in PRECISIONS}
    except RuntimeError as error:  # the processor is asked, and the library may have been told to use less of it
        logged(error, "trying bfloat16", WARNING)
        return ("f32",)
    best = {word: min(samples) for word, samples in in_turns(ways, _PROBE_ROUNDS).items()}
    return ("bf16", "f32") if best["bf16"] < _WORTH_ROUNDING * best["f32"] else ("f32", "bf16")


def compiled_engine(model: ResNeXt, shape: tuple[int, int, int], precision: str, keep: bool) -> Engine:
    """The network compiled for this CPU, arithmetic in `precision`, sums in float32.

    Args:
        model: on the CPU, in eval mode; it is read, not changed.
        shape: channels, height and width of its inputs.
        precision: of `PRECISIONS`.
        keep: whether to remember it on disk; not for what a stranger sent, or strangers could fill the disk.
    """
    name = f"OpenVINO, {PRECISIONS[precision]}"
    if not keep:
        return Engine(name, _runner(_compiled(converted(model, shape), precision)))
    about = (
        f"{name_of(model.spec)} {model.head_steps or ''}",
        repr(shape),
        precision,
        openvino_version(),
        str(_core().get_property(_DEVICE, "FULL_DEVICE_NAME")),
    )
    key = key_of(model.state_dict(), *about)
    content = remembered(key, lambda: _exported(_compiled(converted(model, shape), precision)))
    try:
        # Precision again: it is no part of what was exported, and the default is OpenVINO's own.
        compiled = _core().import_model(content, _DEVICE, _settings(precision))
    except RuntimeError:  # of another build of OpenVINO, whatever its version says
        forget(key)
        compiled = _compiled(converted(model, shape), precision)
    return Engine(name, _runner(compiled))


def quantised_engine(path: Path) -> Engine:
    """A network that was quantised to 8-bit whole numbers, from OpenVINO's own pair of files; the rest is float32."""
    return Engine("OpenVINO, int8", _runner(_compiled(_core().read_model(path), "f32")))


def onnx_engine(path: Path) -> Engine:
    """A network from an ONNX file, in float32."""
    return Engine("OpenVINO, float32", _runner(_compiled(_core().read_model(path), "f32")))


def converted(model: ResNeXt, shape: tuple[int, int, int]) -> openvino.Model:
    """The network as OpenVINO's own model, for inputs `(any number, *shape)`.

    By the front end itself: `openvino.convert_model` around it reports every call to its makers' statistics.
    """
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    channels, *sides = shape
    pictures = torch.zeros(2, channels, *(min(side, TRACED_SIDE) for side in sides))
    frozen = build_on_meta(model.spec, model.head_steps)
    frozen.load_state_dict(model.state_dict(), assign=True)  # the same numbers, of which no gradient is wanted
    frozen.eval().requires_grad_(False)

    def run(inputs: Tensor) -> Tensor:
        """A function, whose weights are constants: a module is first rebuilt part by part, all of it in Python."""
        logits: Tensor = frozen(inputs)
        return logits

    with _FILTERING, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is on its way out; OpenVINO still reads networks by it
        # Not traced once more to compare: every engine proves itself on a picture.
        decoder = TorchScriptPythonDecoder(torch.jit.trace(run, pictures, check_trace=False))
    front_end = FrontEndManager().load_by_framework("pytorch")
    network: openvino.Model = front_end.convert(front_end.load(decoder))
    network.reshape([-1, *shape])
    return network


def save(model: openvino.Model, path: Path) -> None:
    """Writes `path`, which ends in .xml, and its .bin beside it, every number as it is."""
    import openvino

    openvino.save_model(model, path, compress_to_fp16=False)


def _compiled(model: openvino.Model, precision: str) -> openvino.CompiledModel:
    return _core().compile_model(model, _DEVICE, _settings(precision))


def _settings(precision: str) -> dict[str, str]:
    return {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}


def _exported(compiled: openvino.CompiledModel) -> bytes:
    content: io.BytesIO = compiled.export_model()
    return content.getvalue()


def _runner(compiled: openvino.CompiledModel) -> Any:
    request = compiled.create_infer_request()

    def piece(inputs: Tensor) -> Tensor:
        found = request.infer({0: inputs.contiguous().numpy()}, share_inputs=True)
        return torch.from_numpy(np.array(found[0], dtype=np.float32))  # a copy: the request writes there again

    def run(inputs: Tensor) -> Tensor:
        return torch.cat([piece(part) for part in inputs.split(powers_of_two(len(inputs)))])

    return run


def powers_of_two(number: int) -> list[int]:
    """The powers of two that add up to `number`, the largest first.

    OpenVINO prepares anew for each batch size it meets, so it meets few; on a CPU a batch saves little time anyway.
    """
    return [1 << bit for bit in range(number.bit_length() - 1, -1, -1) if number >> bit & 1]


@cache
def _core() -> openvino.Core:
    import openvino

    return openvino.Core()


def openvino_version() -> str:
    """The version with its build."""
    import openvino

    version: str = openvino.get_version()
    return version
