"""Values of more than 8 bits -> 8 bits: scaled from their whole range, or stretched where they use a corner of it only.

A camera or scanner of 10, 12 or 14 bits keeps its values in files of 16, where they are all but black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEEP = "16-bit grey scaled to 8"
_CORNER = 4  # a picture whose values lie within this part of their range, one in so many, is stretched
_ROWS_PIXELS = 2**22  # looked at together


@dataclass(frozen=True)
class Levels:
    """What becomes of the values of one picture.

    Attributes:
        low, high: become 0 and 255.
        is_deep: whether the picture still has its values; else Pillow has cut them to 8 bits.
        notes: what is done, in words.
    """

    low: float
    high: float
    is_deep: bool
    notes: tuple[str, ...]

    def eight_bits(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Values `(H, W)` as uint8, scaled and not clipped."""
        import numpy as np

        if values.dtype.kind in "iu" and (self.low, self.high) == (0, 65535):
            return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
        # In place from here on: eight bytes a pixel are much for the largest pictures.
        grey = _finite(values)
        grey -= self.low
        grey /= max(self.high - self.low, 1e-300)
        grey *= 255
        return np.rint(grey, out=grey).astype(np.uint8)

    def stretched(self, image: Image.Image) -> Image.Image:
        """A picture of 8 bits with its colours stretched and its transparency as it is."""
        span = self.high - self.low
        colour = [min(255, max(0, round(255 * (value - self.low) / span))) for value in range(256)]
        bands = image.getbands()
        return image.point([level for band in bands for level in (range(256) if band == "A" else colour)])


def has_sixteen_bits(image: Image.Image) -> bool:
    """Whether a picture that is not loaded yet has 16 bits a value, whatever Pillow makes of them."""
    return any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def levels_of(image: Image.Image, sixteen_bits: bool = False) -> Levels | None:
    """What is to be done with a loaded picture's values; None where they are 8 bits as they should be.

    Args:
        image: in any mode.
        sixteen_bits: whether the file had so many, before Pillow cut them.
    """
    if image.mode in ("F", "I") or image.mode.startswith("I;16"):
        return _deep_levels(image)
    if not sixteen_bits or image.mode not in ("RGB", "RGBA", "LA", "L"):
        return None
    colours = [band for band in image.getbands() if band != "A"]
    bands = [cast("tuple[int, int]", image.getchannel(band).getextrema()) for band in colours]
    low, high = min(least for least, _ in bands), max(most for _, most in bands)
    if not 0 < high - low < 256 // _CORNER:
        return None
    words = f"16-bit colours use {100 * (high - low + 1) / 256:.0f} % of their range only: stretched"
    return Levels(low, high, False, (words,))


def _deep_levels(image: Image.Image) -> Levels:
    low, high = _extremes(image)
    if image.mode != "F" and low >= 0 and high <= 65535:
        if 0 < high - low < 65536 // _CORNER:
            words = f"16-bit grey uses {low:,.0f} to {high:,.0f} only: stretched from darkest to brightest"
            return Levels(low, high, True, (words,))
        return Levels(0, 65535, True, (DEEP,))
    if low >= 0 and high <= 1:
        return Levels(0.0, 1.0, True, ("grey scaled from 0 to 1",))
    return Levels(low, high, True, ("grey stretched from darkest to brightest",))


def _extremes(image: Image.Image) -> tuple[float, float]:
    """The smallest and the largest value, looked for in strips."""
    import numpy as np

    width, height = image.size
    rows = max(1, _ROWS_PIXELS // width)
    found = []
    for top in range(0, height, rows):
        strip = image if rows >= height else image.crop((0, top, width, min(top + rows, height)))
        values = np.asarray(strip)
        values = values if values.dtype.kind in "iu" else _finite(values)
        found.append((float(values.min()), float(values.max())))
    return min(low for low, _ in found), max(high for _, high in found)


def _finite(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """The values as numbers that can be reckoned with, a copy."""
    import numpy as np

    return np.nan_to_num(values.astype(np.float64), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
