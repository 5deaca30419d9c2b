"""Photos as phones take them: 24 to 200 megapixels, by JPEG and by HEIC, within a worker's memory."""

from __future__ import annotations

import re
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import DECODER, decode_image, decode_unguarded
from resnext_viz.inference.photos.decode_worker import MAX_MEMORY_BYTES
from resnext_viz.inference.photos.picture_formats import FORMATS, pillow_at_ease
from resnext_viz.inference.photos.sizes import HANDED_PIXELS, MAX_PIXELS, WHOLE_PIXELS, scale_of
from tests.fuzz.seeds import EXIF, as_file, picture, png
from tests.support.installed import ROOT

heic = pytest.mark.skipif("HEIF" not in FORMATS, reason="without pillow-heif")


def halves(width: int, height: int, mode: str = "L") -> Image.Image:
    """Dark above, bright below; the last column and row are as the others, so that sizes that do not divide show."""
    image = Image.new(mode, (width, height), "black")
    image.paste("white", (0, height // 2, width, height))
    return image


@given(width=st.integers(1, 30_000), height=st.integers(1, 30_000), crop=st.integers(0, 3_000))
def test_a_scale_keeps_what_it_promises(width: int, height: int, crop: int) -> None:
    scale = scale_of(width, height, crop)
    assert scale in {1, 2, 4, 8}
    if width * height <= 50_000_000:
        assert scale == 1
    if scale > 1:
        assert min(width, height) // scale >= max(1024, 4 * crop)


@pytest.mark.parametrize(
    ("width", "height", "crop", "scale"),
    [
        (6_000, 4_000, 224, 1),  # 24 megapixels
        (8_192, 6_144, 224, 1),  # what is sold as 50
        (12_000, 9_000, 224, 4),  # 108
        (16_384, 12_288, 224, 4),  # what is sold as 200
        (16_384, 12_288, 1_000, 2),  # a network that sees more gets more
        (16_384, 12_288, 2_000, 1),
        (60_000, 1_800, 224, 1),  # a long strip: its short side stays
    ],
)
def test_scales_of_photos_that_are_taken(width: int, height: int, crop: int, scale: int) -> None:
    assert scale_of(width, height, crop) == scale


def test_a_jpeg_of_50_megapixels_is_read_whole() -> None:
    decoded = decode_image(as_file(halves(8_192, 6_144), "JPEG"))
    assert (decoded.width, decoded.height, decoded.image.size, decoded.notes) == (8_192, 6_144, (8_192, 6_144), ())


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_200_megapixels_are_read_smaller_and_said_to_be(kind: str) -> None:
    decoded = decode_image(as_file(halves(16_330, 12_250), kind, exif=EXIF))  # lies on its side
    assert (decoded.width, decoded.height) == (12_250, 16_330)
    assert decoded.image.size == (3_063, 4_083)
    assert decoded.notes == ("turned by its EXIF tag", "read at 1/4 of its size")
    assert decoded.image.getpixel((60, 2_000)) == (255, 255, 255)  # what was below is at the left
    assert decoded.image.getpixel((3_000, 2_000)) == (0, 0, 0)
    assert decoded.serves(224)
    assert not decoded.serves(1_000)
    assert decoded.pixels == 3_063 * 4_083


def test_strips_join_without_a_seam() -> None:
    values = np.add.outer(np.arange(2_101) % 200, np.arange(2_203) % 50).astype(np.uint8)
    for mode, scale in (("L", 1), ("RGB", 4), ("P", 2), ("I;16", 2)):
        image = Image.fromarray(values.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(values)
        whole, _ = sizes_free(image if mode == "I;16" else image.convert(mode), scale)
        strips, _ = sizes_free(image if mode == "I;16" else image.convert(mode), scale, strip=40_000)
        assert whole.size == (-(-2_203 // scale), -(-2_101 // scale))
        assert np.array_equal(np.asarray(whole), np.asarray(strips)), mode


def sizes_free(image: Image.Image, scale: int, strip: int = 2**40) -> tuple[Image.Image, tuple[str, ...]]:
    """`srgb_of` with strips of so many pixels."""
    from resnext_viz.inference.photos import colours

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(colours, "_STRIP_PIXELS", strip)
        return colours.srgb_of(image, scale)


def test_a_strip_too_long_for_either_is_refused_by_its_size() -> None:
    with pytest.raises(ImageError, match=r"60,000 × 1,800 pixels, too many .*\. Cut off its ends"):
        decode_image(png((60_000, 1_800, 8, 2), b""))
    assert HANDED_PIXELS < 60_000 * 1_800 < MAX_PIXELS


def test_a_progressive_jpeg_that_cannot_fit_is_told_from_a_damaged_one() -> None:
    small = as_file(picture(width=64, height=64), "JPEG", progressive=True, subsampling=0)
    frame = small.index(b"\xff\xc2") + 5
    large = small[:frame] + (12_000).to_bytes(2) + (16_000).to_bytes(2) + small[frame + 4 :]
    with pytest.raises(ImageError, match="more memory"):
        decode_image(large)


@pytest.mark.skipif(sys.platform != "linux", reason="reads a process's size from /proc")
def test_the_largest_png_ends_in_a_picture_or_a_refusal_within_the_bounds() -> None:
    """210 megapixels in colour: 840 MB for Pillow alone."""
    width, height = 14_500, 14_480
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes((1 + 3 * width) * 40)) for _ in range(height // 40)) + packer.flush()
    try:
        decoded = decode_image(png((width, height, 8, 2), packed))
    except ImageError as refused:
        assert re.search("more memory|too long|longer than", str(refused))  # noqa: PT017  # either will do
    else:
        assert decoded.image.size == (width // 4, height // 4)
    assert width * height < MAX_PIXELS
    peaks = [Path(f"/proc/{process}/status").read_text() for process in DECODER.process_ids]
    assert all(1024 * int(re.search(r"VmPeak:\s+(\d+)", peak)[1]) <= MAX_MEMORY_BYTES for peak in peaks)


@heic
@pytest.mark.parametrize("crop", [0, 224])
def test_a_heic_is_read_as_the_same_jpeg_is(crop: int) -> None:
    image = picture(width=640, height=480)
    found, other = (decode_image(as_file(image, kind, quality=90), crop=crop).image for kind in ("HEIF", "JPEG"))
    assert np.abs(np.asarray(found, int) - np.asarray(other, int)).mean() < 4


@heic
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_heic_cut_short_is_refused(share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8))
    data = as_file(noise, "HEIF")
    with pytest.raises(ImageError, match="damaged"):
        decode_image(data[: int(share * len(data))])


@heic
@pytest.mark.parametrize("side", [16_000, 40_000, 2**31 - 1])
def test_a_heic_that_claims_to_be_large_is_refused(side: int) -> None:
    data = as_file(picture(width=64, height=64), "HEIF")
    place = data.index(b"ispe") + 8
    bomb = data[:place] + 2 * side.to_bytes(4) + data[place + 8 :]
    with pytest.raises(ImageError, match=r"million pixels|damaged|more memory"):
        decode_image(bomb)


@heic
def test_a_heic_with_orientation_is_upright_once() -> None:
    stored = Image.new("RGB", (96, 64), "black")
    stored.paste("red", (0, 0, 48, 32))
    decoded = decode_image(as_file(stored, "HEIF", exif=EXIF, quality=95))
    assert (decoded.width, decoded.height) == (64, 96)
    assert decoded.image.getpixel((48, 20))[0] > 200  # orientation 6: what was at the top left is at the top right
    assert decoded.image.getpixel((16, 20))[0] < 50


def test_pillow_is_left_as_it_was() -> None:
    before = Image.MAX_IMAGE_PIXELS
    with pillow_at_ease():
        decode_unguarded(as_file(picture(), "JPEG"))
    assert before == Image.MAX_IMAGE_PIXELS
    assert WHOLE_PIXELS < HANDED_PIXELS < MAX_PIXELS


def test_heic_is_in_the_requirements() -> None:
    assert re.search(r"^pillow-heif\b", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
