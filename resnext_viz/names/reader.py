"""The reader of names: canonical ones strictly, and all others tolerantly."""

from __future__ import annotations

from resnext_viz.errors import SpecError
from resnext_viz.names.canonical import read_canonical
from resnext_viz.names.foreign import read_foreign
from resnext_viz.names.told import EXAMPLES
from resnext_viz.spec import ResNeXtSpec

MAX_NAME_LENGTH = 1000


def parse(text: str) -> ResNeXtSpec:
    """The spec that a name stands for; the grammar is in docs/names.md.

    Raises:
        SpecError: the name is not understood, or names a network that cannot exist or that this program does not count
            (then a `NeighbourError`).
    """
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_NAME_LENGTH:
        raise SpecError("name", text, EXAMPLES)
    canonical = read_canonical(text.strip())
    return canonical.spec() if canonical else read_foreign(text)
