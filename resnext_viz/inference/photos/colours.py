"""Any mode that Pillow has -> 8-bit sRGB with transparent parts on white, and in words what was done to get there.

An embedded ICC profile is used where it changes colours; one that is broken or does not fit is left aside, because a
picture in slightly wrong colours is still that picture.
"""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageCms

from resnext_viz.inference.photos.levels import Levels, levels_of

_GREY_MODES = ("1", "L", "LA", "La", "F", "I")
_SRGB = ImageCms.createProfile("sRGB")
# Of 255: profiles that call themselves sRGB differ by rounding only.
_SAME_COLOUR = 2
_STRIP_PIXELS = 2**22  # that are converted together, of larger pictures


def srgb_of(image: Image.Image, scale: int = 1, sixteen_bits: bool = False) -> tuple[Image.Image, tuple[str, ...]]:
    """A loaded picture in 8-bit sRGB, always a new one without metadata, and notes on what was done.

    Args:
        image: in any mode. A large one is gone through in strips, so that little more than the result is in memory.
        scale: how many times smaller it becomes, by the mean of its pixels.
        sixteen_bits: whether its file had so many for each value.
    """
    levels = levels_of(image, sixteen_bits)
    rows = max(scale, _STRIP_PIXELS // image.width // scale * scale)
    if image.height <= rows:
        rgb, notes = _srgb(image, levels)
        rgb = rgb.reduce(scale) if scale > 1 else rgb
    else:
        rgb, notes = _by_strips(image, levels, scale, rows)
    rgb.info = {}
    return rgb, (*levels.notes, *notes) if levels else notes


def _by_strips(image: Image.Image, levels: Levels | None, scale: int, rows: int) -> tuple[Image.Image, tuple[str, ...]]:
    width, height = image.size
    whole = Image.new("RGB", (-(-width // scale), -(-height // scale)))
    notes = dict[str, None]()
    for top in range(0, height, rows):
        rgb, said = _srgb(image.crop((0, top, width, min(top + rows, height))), levels)
        whole.paste(rgb.reduce(scale) if scale > 1 else rgb, (0, top // scale))
        notes |= dict.fromkeys(said)
    return whole, tuple(notes)


def _srgb(image: Image.Image, levels: Levels | None) -> tuple[Image.Image, tuple[str, ...]]:
    rgb, notes = _rgb(image, levels)
    profile = image.info.get("icc_profile")
    if profile and image.mode != "LAB":  # LAB says its colours itself
        rgb, profile_notes = _by_profile(image, rgb, profile)
        notes += profile_notes
    return rgb, notes


def _rgb(image: Image.Image, levels: Levels | None) -> tuple[Image.Image, tuple[str, ...]]:
    if levels and levels.is_deep:
        # Numpy takes half of a worker's start, and few pictures need it.
        import numpy as np

        return Image.fromarray(levels.eight_bits(np.asarray(image))).convert("RGB"), ()
    if levels:
        image = levels.stretched(image)
    if image.has_transparency_data or image.mode in ("La", "RGBa"):
        layers = image.convert("RGBA")
        opaque = layers.getchannel("A").getextrema()[0] == 255
        paper = Image.new("RGBA", layers.size, "white")
        paper.alpha_composite(layers)
        return paper.convert("RGB"), () if opaque else ("transparent parts on white",)
    # A copy even of RGB: the caller's picture is never handed on.
    return (image.copy() if image.mode == "RGB" else image.convert("RGB")), ()


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
