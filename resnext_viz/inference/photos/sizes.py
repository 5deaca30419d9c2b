"""How large a picture is read: whole, at a reduced scale, or not at all; bounds hold before any pixel is decoded.

Photos of present phones have 12 to 200 megapixels. Up to `WHOLE_PIXELS` all of them are decoded; above that they get 2,
4 or 8 times smaller, by the decoder itself (JPEG) or strip by strip (other formats), but never so small that a network
which sees a crop of it would see something else.
"""

from __future__ import annotations

from resnext_viz.inference.errors import ImageError

MAX_PIXELS = 210_000_000
WHOLE_PIXELS = 50_500_000  # what makers call 50 megapixels is up to 50.4 million
HANDED_PIXELS = 60_000_000  # of a picture as it is handed on, reduced or not: 180 MB
MIN_SHORT_SIDE, SIDES_OF_CROP = 1024, 4  # what the short side keeps: so many pixels, and so many crops
_USUAL_PIXELS = 16_800_000  # that a reduced picture has at most, where its short side lets it
_SCALES = (1, 2, 4, 8)  # those that a JPEG decoder has


def scale_of(width: int, height: int, crop: int) -> int:
    """How many times smaller a picture is read in each direction, for a network that sees `crop` pixels of its side."""
    if width * height <= WHOLE_PIXELS:
        return 1
    least = max(MIN_SHORT_SIDE, SIDES_OF_CROP * crop)
    allowed = [scale for scale in _SCALES if scale == 1 or min(width, height) // scale >= least]
    return next((scale for scale in allowed if width * height <= _USUAL_PIXELS * scale**2), allowed[-1])


def serves(short_side: int, crop: int) -> bool:
    """Whether a picture that was reduced to this short side is large enough for a network that sees `crop` pixels."""
    return short_side >= SIDES_OF_CROP * crop


def check_pixels(width: int, height: int) -> None:
    """Refuses a picture by the size that its header tells.

    Raises:
        ImageError: no pixels, or too many.
    """
    if width < 1 or height < 1:
        raise ImageError("The picture has no pixels. Choose another.")
    if width * height > MAX_PIXELS:
        raise ImageError(too_many_pixels(f"{width:,} × {height:,} pixels,", "more than"))


def check_handed(width: int, height: int, scale: int) -> None:
    """Refuses a picture that would be too large even as it is read.

    Raises:
        ImageError: a long strip, or one for a network that sees very large crops.
    """
    if width * height > HANDED_PIXELS * scale**2:
        raise ImageError(
            f"The picture has {width:,} × {height:,} pixels, too many to be read whole and too few at its short side "
            "to be read smaller. Cut off its ends or scale it down."
        )


def too_many_pixels(*words: str) -> str:
    """The refusal of a picture that has so many pixels, told in words."""
    return (
        f"The picture has {' '.join(words)} the {MAX_PIXELS / 1e6:.0f} million pixels that are read. "
        "Scale it down and try again."
    )
