"""Pictures of the explanations as data URIs: the crop, heat, maps of a stage."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from resnext_viz.figures.kit.colour_map import colour_table

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

_SIDE = 640  # px of a crop: twice what is shown, for screens with two dots a pixel


def crop_uri(image: Image.Image, box: tuple[int, int, int, int]) -> str:
    """The part of a picture that the network gets, in the picture's own resolution where that is not too large."""
    side = min(_SIDE, max(box[2] - box[0], box[3] - box[1]))
    out = io.BytesIO()
    image.convert("RGB").crop(box).resize((side, side)).save(out, "JPEG", quality=85)
    return _uri(out, "jpeg")


def heat_uri(values: Tensor) -> str:
    """A map `(H, W)` of 0 to 1 in the colours of the colour map, smooth between its places."""
    from PIL import Image

    return _coloured(_steps(values, 1.0).resize((_SIDE // 2, _SIDE // 2), Image.Resampling.BILINEAR))


def map_uri(values: Tensor, largest: float) -> str:
    """A map `(H, W)` of 0 to `largest` in the colours of the colour map, one pixel a place."""
    return _coloured(_steps(values, largest))


def _steps(values: Tensor, largest: float) -> Image.Image:
    from PIL import Image

    scaled = (values / (largest or 1.0)).clamp(0, 1) * 255
    return Image.fromarray(scaled.round().byte().numpy())


def _coloured(steps: Image.Image) -> str:
    steps.putpalette(colour_table())
    out = io.BytesIO()
    steps.save(out, "PNG")
    return _uri(out, "png")


def _uri(out: io.BytesIO, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode()}"
