"""Pictures of 10, 12 and 14 bits kept in files of 16: seen as they are meant, and said to be stretched."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from resnext_viz.inference.photos.decode import decode_here
from tests.fuzz.seeds import as_file, rgb16_png, rgb16_tiff

STRETCHED = "stretched"


def ramp(low: int, high: int) -> np.ndarray:
    return np.linspace(low, high, 256).astype(np.uint16).reshape(16, 16)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
@pytest.mark.parametrize(("low", "high"), [(0, 1023), (0, 4095), (64, 16_383), (300, 4_000), (60_000, 65_535)])
def test_grey_in_a_corner_of_its_range_is_stretched_and_said_to_be(kind: str, low: int, high: int) -> None:
    values = ramp(low, high)
    decoded = decode_here(as_file(Image.fromarray(values), kind))
    expected = np.rint(255 * (values.astype(float) - low) / (high - low))
    assert np.abs(np.asarray(decoded.image)[:, :, 0] - expected).max() <= 1
    assert decoded.notes == (f"16-bit grey uses {low:,} to {high:,} only: stretched from darkest to brightest",)


@pytest.mark.parametrize(("low", "high"), [(0, 65_535), (0, 20_000), (500, 500), (30_000, 60_000)])
def test_grey_that_uses_its_range_or_is_one_grey_is_scaled_as_it_is(low: int, high: int) -> None:
    values = ramp(low, high)
    decoded = decode_here(as_file(Image.fromarray(values)))
    assert np.array_equal(np.asarray(decoded.image)[:, :, 0], np.rint(values / 257))
    assert decoded.notes == ("16-bit grey scaled to 8",)


@pytest.mark.parametrize("make", [rgb16_png, rgb16_tiff])
def test_colours_of_twelve_bits_are_stretched_by_one_scale_for_all_three(make: object) -> None:
    values = np.stack([ramp(0, 4_095), ramp(0, 2_047), ramp(0, 1_023)], axis=2)
    decoded = decode_here(make(values))
    cut = values.astype(int) >> 8  # all that Pillow keeps of them
    assert np.array_equal(np.asarray(decoded.image), np.rint(cut * 255 / 15))
    assert len(decoded.notes) == 1
    assert STRETCHED in decoded.notes[0]


def test_colours_of_sixteen_bits_that_use_them_are_left_alone() -> None:
    values = np.stack([ramp(0, 65_535)] * 3, axis=2)
    assert decode_here(rgb16_png(values)).notes == ()


def test_a_dark_photo_of_eight_bits_stays_dark() -> None:
    dark = Image.fromarray((ramp(0, 4_095) >> 8).astype(np.uint8))
    for kind in ("PNG", "TIFF", "BMP", "PPM"):
        decoded = decode_here(as_file(dark, kind))
        assert np.asarray(decoded.image).max() == 15
        assert decoded.notes == ()


def test_a_pgm_of_few_levels_is_scaled_by_its_own_most() -> None:
    """Source: netpbm's description of PGM: Maxval is white."""
    data = b"P5 4 1 4095\n" + np.array([0, 1365, 2730, 4095], ">u2").tobytes()
    decoded = decode_here(data)
    assert np.asarray(decoded.image)[0, :, 0].tolist() == [0, 85, 170, 255]
    assert io.BytesIO(data).read(2) == b"P5"
