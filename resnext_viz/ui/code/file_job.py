"""Writing a network as a file for a visitor: estimated first, bounded, on disk until the visitor asks for another."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Generator
from pathlib import Path

from resnext_viz.errors import UserError
from resnext_viz.inference.predictor.network_file import FileFormat, about_bytes, check_writable
from resnext_viz.names import name_of
from resnext_viz.spec import ImageSize, ResNeXtSpec, size_text
from resnext_viz.ui.kit.jobs.command_job import CommandJob

MAX_PARAMS = 100_000_000  # 400 MB; writing one takes up to eight times that in memory, for a while
MAX_KEPT_BYTES = 2_000_000_000  # of all visitors' files
STEPS = {FileFormat.ONNX: 5, FileFormat.PT2: 4, FileFormat.SAFETENSORS: 3}  # that `export` tells


class FileJob(CommandJob):
    """One file; `path` is there once it is done, and goes with the job."""

    def __init__(
        self, spec: ResNeXtSpec, file_format: FileFormat, image_size: ImageSize, seed: int, weights: str | None = None
    ) -> None:
        self._of = spec, file_format, image_size
        self.about_bytes = about_bytes(spec, file_format, image_size)
        self.format = file_format
        self._folder = Path(tempfile.mkdtemp(prefix="resnext_viz-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self.path = self._folder / file_name(spec, file_format, weights)
        trained = ["--weights", weights] if weights else []
        super().__init__(
            "export", name_of(spec), "--format", file_format.value, "--image-size", size_text(image_size),
            "--seed", str(seed), "--out", str(self.path), *trained,
            about=(spec, image_size, seed, weights), clean_up=self._remove,
        )  # fmt: skip

    def steps(self) -> Generator[None, None, None]:
        """Refuses what is too large, then writes it."""
        check_writable(*self._of, MAX_PARAMS)
        if self.about_bytes + sum(job.about_bytes for job in _KEPT) > MAX_KEPT_BYTES:
            raise UserError("other visitors’ files fill the space for them; try again later, or write it from a shell")
        _KEPT.add(self)
        yield from super().steps()

    def let_go(self) -> None:
        if not self.path.is_file():
            _KEPT.discard(self)

    @property
    def share(self) -> float:
        """How far it is, 0 to 1."""
        return min(1.0, len(self.lines) / (STEPS[self.format] + 1))


_KEPT: weakref.WeakSet[FileJob] = weakref.WeakSet()


def file_name(spec: ResNeXtSpec, file_format: FileFormat, weights: str | None = None) -> str:
    """`resnext50_32x4d.onnx`, or with the trained weights' name."""
    return f"{name_of(spec)}{f'_trained_{weights}' if weights else ''}.{file_format}"
