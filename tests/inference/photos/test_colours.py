"""Colours of unusual modes and of embedded profiles; what they must be comes from the standards' formulas."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms

from resnext_viz.inference.photos.decode import DecodedImage, decode_image
from tests.fuzz.icc import ADOBE_GAMMA, ADOBE_RGB, grey_profile, ink_profile, rgb_profile
from tests.fuzz.seeds import EXIF, as_file, lab_picture, picture, rgb16_png, rgb16_tiff, ycck_jpeg

# Columns X, Y, Z of sRGB's primaries, adapted to D50. Source: Lindbloom, RGB/XYZ matrices.
SRGB = np.array(
    [[0.4360747, 0.2225045, 0.0139322], [0.3850649, 0.7168786, 0.0971045], [0.1430804, 0.0606169, 0.7141733]]
)
CONVERTED = ("colours converted by its ICC profile",)
DAMAGED = ("its ICC profile is damaged: not used",)
OTHER = ("its ICC profile is for other colours: not used",)


def srgb_curve(linear: np.ndarray) -> np.ndarray:
    """Light, 0 to 1 -> 0 to 255. Source: IEC 61966-2-1, 5.2."""
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def one_colour(mode: str, colour: object, profile: bytes | None = None, kind: str = "TIFF") -> DecodedImage:
    options = {} if profile is None else {"icc_profile": profile}
    return decode_image(as_file(Image.new(mode, (6, 4), colour), kind, **options))


def close(decoded: DecodedImage, expected: object, levels: float = 2) -> bool:
    return bool(np.abs(np.asarray(decoded.image.getpixel((2, 2)), float) - np.asarray(expected, float)).max() <= levels)


@pytest.mark.parametrize("colour", [(128, 128, 128), (200, 190, 180), (150, 120, 130), (90, 110, 100)])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_adobe_rgb_becomes_srgb(colour: tuple[int, int, int], kind: str) -> None:
    light = (np.array(colour) / 255) ** ADOBE_GAMMA
    expected = srgb_curve(light @ np.array(ADOBE_RGB) @ np.linalg.inv(SRGB))
    decoded = one_colour("RGB", colour, rgb_profile(), kind)
    assert decoded.notes == CONVERTED
    assert close(decoded, expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_profile_is_found_in_every_format_that_has_them(kind: str) -> None:
    decoded = one_colour("RGB", (100, 200, 50), rgb_profile(), kind)
    assert decoded.notes == CONVERTED
    assert decoded.image.getpixel((2, 2))[0] < 30  # far outside of sRGB: red comes near nothing


@pytest.mark.parametrize("value", [0, 40, 128, 200, 255])
def test_a_grey_profile_is_used(value: int) -> None:
    decoded = one_colour("L", value, grey_profile(1.0))
    assert decoded.notes == CONVERTED
    assert close(decoded, np.repeat(srgb_curve(np.array(value / 255)), 3))


def test_an_ink_profile_says_what_the_inks_are() -> None:
    assert close(one_colour("CMYK", (255, 0, 0, 0), ink_profile()), (255, 0, 0), 4)
    assert close(one_colour("CMYK", (0, 0, 0, 0), ink_profile()), (255, 255, 255))
    assert close(one_colour("CMYK", (0, 0, 0, 255), ink_profile()), (0, 0, 0))
    assert close(one_colour("CMYK", (255, 0, 0, 0), ink_profile(), "JPEG"), (255, 0, 0), 4)


def test_srgb_by_any_name_changes_nothing_and_is_not_mentioned() -> None:
    written = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = np.asarray(decode_image(as_file(picture(), "PNG")).image)
    decoded = decode_image(as_file(picture(), "PNG", icc_profile=written))
    assert np.array_equal(np.asarray(decoded.image), plain)
    assert decoded.notes == ()


@pytest.mark.parametrize(
    ("mode", "profile", "notes"),
    [
        ("RGB", b"no profile at all", DAMAGED),
        ("RGB", rgb_profile()[:300], DAMAGED),
        ("RGB", bytes(4000), DAMAGED),
        ("CMYK", ink_profile()[:500], DAMAGED),
        ("RGB", ink_profile(), OTHER),
        ("RGB", grey_profile(1.0), OTHER),
        ("CMYK", rgb_profile(), OTHER),
    ],
)
def test_a_profile_that_cannot_be_used_is_left_aside(mode: str, profile: bytes, notes: tuple[str, ...]) -> None:
    plain = decode_image(as_file(picture(mode), "TIFF"))
    decoded = decode_image(as_file(picture(mode), "TIFF", icc_profile=profile))
    assert decoded.notes == notes
    assert np.array_equal(np.asarray(decoded.image), np.asarray(plain.image))


def test_a_profile_comes_with_transparency_and_a_turn() -> None:
    image = Image.new("RGBA", (6, 4), (128, 128, 128, 255))
    image.paste((0, 0, 0, 0), (0, 0, 3, 4))
    decoded = decode_image(as_file(image, "PNG", icc_profile=rgb_profile(), exif=EXIF))
    assert decoded.image.size == (4, 6)
    assert decoded.image.getpixel((1, 0)) == (255, 255, 255)
    assert decoded.image.getpixel((1, 5)) == pytest.approx((127, 127, 127), abs=2)
    assert decoded.notes == ("transparent parts on white", *CONVERTED, "turned by its EXIF tag")


@pytest.mark.parametrize("mode", ["P", "LA", "1"])
def test_a_profile_of_a_picture_that_is_not_rgb_yet(mode: str) -> None:
    profile = rgb_profile()
    decoded = decode_image(as_file(Image.new("RGB", (6, 4), "white").convert(mode), "PNG", icc_profile=profile))
    assert close(decoded, (255, 255, 255))


def test_ycck_is_read_as_ink() -> None:
    # ITU-R BT.601: Y 76, Cb 85, Cr 255 is red; as inks, full cyan and nothing else.
    assert close(decode_image(ycck_jpeg()), (0, 255, 255))


def test_lab_keeps_its_colours() -> None:
    decoded = np.asarray(decode_image(as_file(lab_picture(), "TIFF")).image, dtype=int)
    difference = np.abs(decoded - np.asarray(picture(), dtype=int))
    assert np.median(difference) <= 2  # Lab in eight bits is coarse where colours are strong


def test_lab_says_its_colours_itself() -> None:
    plain = decode_image(as_file(lab_picture(), "TIFF"))
    decoded = decode_image(as_file(lab_picture(), "TIFF", icc_profile=rgb_profile()))
    assert decoded.notes == ()
    assert np.array_equal(np.asarray(decoded.image), np.asarray(plain.image))


@pytest.mark.parametrize("make", [rgb16_png, rgb16_tiff])
def test_16_bit_colours_keep_their_upper_half(make: object) -> None:
    values = np.arange(2 * 3 * 3).reshape(2, 3, 3) * 3571
    decoded = decode_image(make(values))
    assert np.array_equal(np.asarray(decoded.image), values >> 8)
