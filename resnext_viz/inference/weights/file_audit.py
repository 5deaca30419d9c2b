"""The audit of a file: of a safetensors file only the header is read, so a large one costs no more than a small one.

Importing this does not load torch; only a pickle does, and it is read only where the caller allows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from resnext_viz.auditing import Audit, audit_inventory, inventory_of_shapes
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights.file_kind import checked_kind, read_shards
from resnext_viz.inference.weights.metadata import read_shapes
from resnext_viz.reading.formats.weight_formats import INDEX
from resnext_viz.spec import ResNeXtSpec


def audit_file(
    source: Path | bytes,
    claimed: ResNeXtSpec | None = None,
    image_size: int | None = None,
    allow_pickle_files: bool = False,
    part: str | None = None,
) -> Audit:
    """What network a file, or its bytes, holds, and what is wrong with it.

    Args:
        source: the file, or its bytes.
        claimed: what it is said to be; if None, what its own description says.
        image_size: side of the image that MACs are counted for, in pixels.
        allow_pickle_files: also read `.pth`, weights only. For files of one's own; never for what a stranger sent.
        part: which network, by its folder, where the file holds several, such as "student".

    Raises:
        UserError: it cannot be read, or is a pickle and those are not allowed; or the image size is out of range.
    """
    if checked_kind(source) is INDEX and isinstance(source, Path):
        return _audit_shards(source, claimed, image_size, allow_pickle_files, part)
    try:
        shapes, said = read_shapes(source)
    except CheckpointError:
        return _audit_pickle(source, claimed, image_size, allow_pickle_files, part)
    except OSError as error:
        raise CheckpointError(f"The file cannot be read ({error}); check its path and rights.") from None
    return audit_inventory(inventory_of_shapes(shapes), claimed or said, image_size, part)


def _audit_shards(
    index: Path, claimed: ResNeXtSpec | None, image_size: int | None, allowed: bool, part: str | None
) -> Audit:
    """The audit of a checkpoint in several files, of which only the headers are read where they are safetensors."""
    from resnext_viz.inference.weights.pickles import MAX_FILE_BYTES, is_pickle, read_pickle
    from resnext_viz.nn.tensor_tree import named_tensors

    def shapes(shard: Path) -> Mapping[str, tuple[int, ...]]:
        if is_pickle(shard):
            return {name: tuple(value.shape) for name, value in named_tensors(read_pickle(shard, allowed))[0].items()}
        return read_shapes(shard)[0]

    found = inventory_of_shapes(read_shards(index, shapes, MAX_FILE_BYTES))
    return audit_inventory(found, claimed, image_size, part)


def _audit_pickle(
    source: Path | bytes, claimed: ResNeXtSpec | None, image_size: int | None, allowed: bool, part: str | None
) -> Audit:
    """The audit of a pickle; the refusal of what is neither that nor safetensors."""
    from resnext_viz.inference.weights.pickles import is_pickle, read_pickle
    from resnext_viz.nn import audit

    if not is_pickle(source):
        raise CheckpointError("The file is no safetensors checkpoint, or it is cut short. Copy or convert it again.")
    return audit(read_pickle(source, allowed), claimed=claimed, image_size=image_size, part=part)
