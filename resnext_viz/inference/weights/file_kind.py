"""What was given as weights: a kind that is read here, or a refusal that names it and says what to do.

A checkpoint in several files is read by its index, as Hugging Face writes it: every shard from the index's own folder.
Importing this does not load torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from resnext_viz.inference.errors import CheckpointError
from resnext_viz.reading.formats.file_start import names_in
from resnext_viz.reading.formats.weight_formats import INDEX, WeightFormat, folder_in_words, format_of

MAX_INDEX_BYTES = 16 * 1024**2
MAX_SHARDS = 256
JOIN_LINE = (
    'python -c "import glob; from safetensors.torch import load_file, save_file; '
    "save_file({k: v for f in sorted(glob.glob('model-*.safetensors')) for k, v in load_file(f).items()}, "
    "'model.safetensors')\""
)
_T = TypeVar("_T")


def checked_kind(source: Path | bytes) -> WeightFormat | None:
    """The kind of a file of weights, or of its bytes; None where it bears no mark, or is not there.

    Raises:
        CheckpointError: it is of a kind that is not read, a folder, one shard of several, or cannot be read.
    """
    try:
        if isinstance(source, Path) and source.is_dir():
            raise CheckpointError(folder_in_words(source, sorted(names_in(source))))
        kind = format_of(source) if isinstance(source, bytes) or source.is_file() else None
        if kind and kind is not INDEX and isinstance(source, Path):
            _check_whole(source)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"The checkpoint cannot be read ({error}); check its path and rights.") from None
    if kind and not kind.is_read:
        raise CheckpointError(kind.in_words())
    if kind is INDEX and isinstance(source, bytes):
        raise CheckpointError(
            f"The file is {INDEX.what}; please make one of them, in their folder: {JOIN_LINE}, "
            "or give the index in that folder to the shell: predict --weights model.safetensors.index.json."
        )
    return kind


def _check_whole(path: Path) -> None:
    """Refuses one shard of several.

    Raises:
        CheckpointError: an index beside it names it among others.
    """
    for name in names_in(path.parent):
        index, shards = path.with_name(name), set[str]()
        if name.endswith(".index.json"):
            with suppress(CheckpointError):  # a damaged index says nothing of this file
                shards = set(_weight_map(index).values())
        if len(shards) > 1 and path.name in shards:
            raise CheckpointError(
                f"The file is one of {len(shards)} that hold the checkpoint together; please give their index: {index}."
            )


def read_shards(index: Path, read: Callable[[Path], Mapping[str, _T]], max_bytes: int) -> dict[str, _T]:
    """What `read` finds in the shards of an index, each tensor from the shard that the index names.

    Raises:
        CheckpointError: the index is damaged or names files elsewhere, a shard is missing or lacks a tensor, or all
            are larger than `max_bytes` together.
    """
    placed = _weight_map(index)
    shards = dict.fromkeys(placed.values())
    _check_shards([index.with_name(name) for name in shards], max_bytes)
    found = dict[str, _T]()
    for shard in shards:
        there = read(index.with_name(shard))
        for tensor, name in placed.items():
            if name == shard:
                if tensor not in there:
                    raise CheckpointError(f"{shard} lacks {tensor[:80]!r}, which its index promises. Copy it again.")
                found[tensor] = there[tensor]
    return found


def _weight_map(index: Path) -> dict[str, str]:
    """Each tensor's name and that of its shard."""
    try:
        with index.open("rb") as file:
            said: Any = json.loads(file.read(MAX_INDEX_BYTES + 1))
        placed = said["weight_map"]
    except OSError as error:
        raise CheckpointError(f"The index cannot be read ({error}); check its path and rights.") from None
    except (ValueError, RecursionError, LookupError, TypeError):
        placed = None
    if not isinstance(placed, dict) or not placed or not all(isinstance(name, str) for name in placed.values()):
        raise CheckpointError("The index of the checkpoint is damaged. Copy it again.")
    for name in set(placed.values()):
        if not name or name in (".", "..") or name != Path(name).name or "\\" in name or "\0" in name:
            raise CheckpointError(f"The index names {name[:80]!r}; shards are read from its own folder only.")
    return placed


def _check_shards(shards: list[Path], max_bytes: int) -> None:
    if len(shards) > MAX_SHARDS:
        raise CheckpointError(f"The checkpoint lies in {len(shards)} files; at most {MAX_SHARDS} are read. Join them.")
    for shard in shards:
        kind = format_of(shard) if shard.is_file() else None
        if kind and not kind.is_read:
            raise CheckpointError(kind.in_words(f"{shard.name[:80]}, which the index names,"))
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise CheckpointError(f"{missing[0][:80]}{others}, which the index names, is not beside it. Copy it there.")
    size = sum(shard.stat().st_size for shard in shards)
    if size > max_bytes:
        raise CheckpointError(
            f"The checkpoint has {size / 1024**3:.1f} GB; "
            f"at most {max_bytes // 1024**3} GB are read. Use a smaller one."
        )
