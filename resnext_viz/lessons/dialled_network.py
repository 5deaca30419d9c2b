"""What a lesson is asked about: the network on the dials, its image, the baseline and the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resnext_viz.names import name_of, preset
from resnext_viz.spec import ImageSize, ResNeXtSpec, check_image_size, size_text

START, BASELINE = "resnext50_32x4d", "resnet50"


@dataclass(frozen=True)
class DialledNetwork:
    """What is dialled while a lesson runs.

    Attributes:
        spec: the network that is asked about.
        image_size: the side of a square, or height and width, in pixels; the network's usual size if None is given.
        baseline: what it is compared with, on the same image.
        study: the shipped study that is read; the first if empty.
    """

    spec: ResNeXtSpec = field(default_factory=lambda: preset(START))
    image_size: ImageSize | None = None
    baseline: ResNeXtSpec = field(default_factory=lambda: preset(BASELINE))
    study: str = ""

    def __post_init__(self) -> None:
        size = self.spec.default_image_size if self.image_size is None else self.image_size
        object.__setattr__(self, "image_size", check_image_size(size))

    @property
    def size(self) -> ImageSize:
        """The image size, which is known by now."""
        return self.spec.default_image_size if self.image_size is None else self.image_size

    @property
    def link(self) -> Mapping[str, str]:
        """The keys of the link that dial this."""
        study = {"study": self.study} if self.study else {}
        return {"net": name_of(self.spec), "size": size_text(self.size), "vs": name_of(self.baseline), **study}
