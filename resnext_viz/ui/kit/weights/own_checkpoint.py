"""A visitor's own checkpoint on the Predict page: read once, and its bytes let go when its network stands."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING

from resnext_viz.ui.kit.weights.loading import LoadJob

if TYPE_CHECKING:
    from resnext_viz.inference.predictor.predictor import Predictor
    from resnext_viz.inference.weights.checkpoint import Checkpoint
    from resnext_viz.reading.parts import FilePart


class OwnCheckpoint:
    """An uploaded checkpoint: its bytes until they are read, then its weights, which its networks share.

    So the bytes, up to 400 MB, can go once the first network stands, and class names may still come later. Those of a
    file with several networks stay, because another of them may be asked for.

    Attributes:
        proposed: of several networks the one that is read where none is asked for; None before the file was read.
    """

    def __init__(self, file_id: str, data: bytes) -> None:
        self.file_id = file_id
        self._data = data
        self._read: dict[str | None, Checkpoint] = {}  # by the network that was asked for
        self.proposed: FilePart | None = None

    def predictor(self, class_names: bytes | None, device: str, part: str | None = None) -> Predictor:
        """The network with these class names, or the file's own.

        Args:
            class_names: a file's bytes.
            device: where it runs.
            part: which of several networks; None for the proposed one.

        Raises:
            UserError: it cannot be used.
        """
        from resnext_viz.inference.predictor.by_name import load_predictor
        from resnext_viz.inference.weights.checkpoint import load_checkpoint
        from resnext_viz.inference.weights.class_names import read_class_names

        if part not in self._read:
            self._read[part] = load_checkpoint(self._data, part=part)
        checkpoint = self._read[part]
        if part is None:
            self.proposed = checkpoint.part
        if not checkpoint.part.others:
            self._data = b""
        return load_predictor(checkpoint, device, classes=read_class_names(class_names) if class_names else None)


class OwnLoadJob(LoadJob):
    """The load of an upload's network.

    Attributes:
        own: the upload.
    """

    def __init__(
        self, about: Hashable, own: OwnCheckpoint, class_names: bytes | None, device: str, part: str | None
    ) -> None:
        super().__init__(about, partial(own.predictor, class_names, device, part))
        self.own = own
