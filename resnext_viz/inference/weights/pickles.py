"""`.pth` checkpoints, which are pickles: told apart from safetensors, and read only where the caller says so.

Even reading weights only was bypassed before (CVE-2025-32434, CVE-2026-24747): it is for files of one's own, never
for what a stranger sent.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from resnext_viz.inference.errors import CheckpointError

MAX_FILE_BYTES = 2 * 1024**3
CONVERT_LINE = (
    'python -c "import torch; from safetensors.torch import save_file; '
    "d = torch.load('model.pth', map_location='cpu', weights_only=True); "
    "d = d.get('state_dict') or d.get('model') or d.get('net') or d; "
    "save_file({k: v.clone(memory_format=torch.contiguous_format) for k, v in d.items()}, 'model.safetensors')\""
)
TORCH_ERRORS = (RuntimeError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError, MemoryError)
_PICKLE_STARTS = (b"PK\x03\x04", *(b"\x80" + bytes([version]) for version in range(2, 6)))  # torch's zip; bare pickles
_HEADER_START = bytes(4)  # upper half of a safetensors header's length: zero below 4 GB


def is_pickle(source: Path | bytes) -> bool:
    """Whether a checkpoint, a file or its bytes, is a pickle, told by how it begins and not by its name.

    Raises:
        CheckpointError: it cannot be read, or is larger than `MAX_FILE_BYTES`.
    """
    start, size = (source[:8], len(source)) if isinstance(source, bytes) else _start_and_size(source)
    if size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1024**3
        raise CheckpointError(f"The checkpoint has {size / 1024**3:.1f} GB; at most {limit} GB are read.")
    return start.startswith(_PICKLE_STARTS) and start[4:] != _HEADER_START


def _start_and_size(path: Path) -> tuple[bytes, int]:
    try:
        if not path.is_file():
            raise CheckpointError(f"There is no file {str(path)!r}. Give a .safetensors file, or the name of weights.")
        with path.open("rb") as file:
            return file.read(8), path.stat().st_size
    except (OSError, ValueError) as error:
        raise CheckpointError(f"The checkpoint cannot be read ({error}); check its path and rights.") from None


def read_pickle(source: Path | bytes, allowed: bool) -> Mapping[str, Any]:
    """What a `.pth` file holds, read weights only: a state_dict, or what a training script wrapped around it.

    Raises:
        CheckpointError: not `allowed`, or only in memory; damaged; or holding more than weights.
    """
    if not allowed or isinstance(source, bytes):
        raise CheckpointError(
            "The file is a pickle (.pth, .pt), which can run code when it is read; only safetensors is taken here. "
            f"Convert a file that you trust: {CONVERT_LINE}"
        )
    try:
        with source.open("rb") as file:  # opened here: given a name, torch would choose the format by its ending
            content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise CheckpointError(
            "The file holds more than weights, which could run code; none of it was run. "
            "Save only the network: torch.save(model.state_dict(), 'model.pth')."
        ) from None
    except TORCH_ERRORS:
        raise CheckpointError("The .pth file is cut short or damaged. Copy or save it again.") from None
    if not isinstance(content, Mapping):
        raise CheckpointError("The .pth file holds no state_dict. Save torch.save(model.state_dict(), 'model.pth').")
    return content
