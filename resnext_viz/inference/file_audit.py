"""The audit of a file: of a safetensors file only the header is read, so a large one costs no more than a small one.

Importing this does not load torch; only a pickle does, and it is read only where the caller allows it.
"""

from __future__ import annotations

from pathlib import Path

from resnext_viz.auditing import Audit, audit_inventory, inventory_of_shapes
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.metadata import read_shapes
from resnext_viz.spec import ResNeXtSpec


def audit_file(
    source: Path | bytes, claimed: ResNeXtSpec | None = None, image_size: int | None = None,
    allow_pickle_files: bool = False,
) -> Audit:
    """What network a file, or its bytes, holds, and what is wrong with it.

    Args:
        source: the file, or its bytes.
        claimed: what it is said to be; if None, what its own description says.
        image_size: side of the image that MACs are counted for, in pixels.
        allow_pickle_files: also read `.pth`, weights only. For files of one's own; never for what a stranger sent.

    Raises:
        UserError: it cannot be read, or is a pickle and those are not allowed; or the image size is out of range.
    """
    try:
        shapes, said = read_shapes(source)
    except CheckpointError:
        return _audit_pickle(source, claimed, image_size, allow_pickle_files)
    except OSError as error:
        raise CheckpointError(f"The file cannot be read ({error}); check its path and rights.") from None
    return audit_inventory(inventory_of_shapes(shapes), claimed or said, image_size)


def _audit_pickle(
    source: Path | bytes, claimed: ResNeXtSpec | None, image_size: int | None, allowed: bool
) -> Audit:
    """The audit of a pickle; the refusal of what is neither that nor safetensors."""
    from resnext_viz.inference.pickles import is_pickle, read_pickle
    from resnext_viz.nn import audit

    if not is_pickle(source):
        raise CheckpointError("The file is no safetensors checkpoint, or it is cut short. Copy or convert it again.")
    return audit(read_pickle(source, allowed), claimed=claimed, image_size=image_size)
