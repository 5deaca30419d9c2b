"""Any mode that Pillow has -> 8-bit sRGB with transparent parts on white, and in words what was done to get there.

An embedded ICC profile is used where it changes colours; one that is broken or does not fit is left aside, because a
picture in slightly wrong colours is still that picture.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageCms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GREY_MODES = ("1", "L", "LA", "La", "F", "I")
_SRGB = ImageCms.createProfile("sRGB")
# Of 255: profiles that call themselves sRGB differ by rounding only.
_SAME_COLOUR = 2


def srgb_of(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """A loaded picture in 8-bit sRGB, always a new one without metadata, and notes on what was done."""
    rgb, notes = _rgb(image)
    profile = image.info.get("icc_profile")
    if profile and image.mode != "LAB":  # LAB says its colours itself
        rgb, profile_notes = _by_profile(image, rgb, profile)
        notes += profile_notes
    rgb.info = {}
    return rgb, notes


def _rgb(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        # Numpy takes half of a worker's start, and few pictures need it.
        import numpy as np

        grey, notes = _eight_bits(np.asarray(image))
        return Image.fromarray(grey).convert("RGB"), notes
    if image.has_transparency_data or image.mode in ("La", "RGBa"):
        layers = image.convert("RGBA")
        opaque = layers.getchannel("A").getextrema()[0] == 255
        paper = Image.new("RGBA", layers.size, "white")
        paper.alpha_composite(layers)
        return paper.convert("RGB"), () if opaque else ("transparent parts on white",)
    # A copy even of RGB: the caller's picture is never handed on.
    return (image.copy() if image.mode == "RGB" else image.convert("RGB")), ()


def _eight_bits(values: NDArray[np.generic]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Grey of more than 8 bits `(H, W)` -> uint8, scaled and not clipped, and how.

    Whole numbers are scaled from 16 bits, fractions from 0 to 1; anything else from its darkest to its brightest.
    """
    import numpy as np

    if values.dtype.kind in "iu" and values.min() >= 0 and values.max() <= 65535:
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8), ("16-bit grey scaled to 8",)
    # In place from here on: eight bytes a pixel are much for the largest pictures.
    grey = values.astype(np.float64)
    np.nan_to_num(grey, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    low, high, how = float(grey.min()), float(grey.max()), "grey stretched from darkest to brightest"
    if low >= 0 and high <= 1:
        low, high, how = 0.0, 1.0, "grey scaled from 0 to 1"
    grey -= low
    grey /= max(high - low, 1e-300)
    grey *= 255
    return np.rint(grey, out=grey).astype(np.uint8), (how,)


def _by_profile(image: Image.Image, rgb: Image.Image, data: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture by its ICC profile, or `rgb` as it is where the profile changes nothing or cannot be used.

    Args:
        image: as it was read.
        rgb: the same in RGB, on white, numbers as they were.
        data: the profile.
    """
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        space = profile.profile.xcolor_space.strip()
        source = {
            "RGB": rgb,
            "GRAY": rgb.getchannel(0) if image.mode in _GREY_MODES or image.mode.startswith("I;16") else None,
            "CMYK": image if image.mode == "CMYK" else None,
        }.get(space)
        if source is None or (space == "RGB" and image.mode == "CMYK"):
            return rgb, ("its ICC profile is for other colours: not used",)
        to_srgb = ImageCms.buildTransform(profile, _SRGB, source.mode, "RGB")
        if space == "RGB" and _changes_nothing(to_srgb):
            return rgb, ()
        return to_srgb.apply(source), ("colours converted by its ICC profile",)
    except Exception:  # What a made-up profile can raise is in no list, and the picture is whole without it.
        return rgb, ("its ICC profile is damaged: not used",)


def _changes_nothing(to_srgb: ImageCms.ImageCmsTransform) -> bool:
    """Whether 125 colours come out as they went in: a profile is sRGB by what it does, whatever its name."""
    steps = (0, 64, 128, 192, 255)
    cube = Image.new("RGB", (125, 1))
    cube.putdata([(red, green, blue) for red in steps for green in steps for blue in steps])
    return max(ImageChops.difference(to_srgb.apply(cube), cube).tobytes()) <= _SAME_COLOUR
