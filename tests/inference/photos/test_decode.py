"""Hostile and unusual files, all made here: each is answered rightly, or refused in words."""

from __future__ import annotations

import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import FORMATS, MAX_PIXELS, decode_image, rgb_of
from resnext_viz.inference.photos.picture_formats import MAX_BYTES
from tests.fuzz.seeds import as_file

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, with next to no pixels behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def two_halves(mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue, 40 × 20."""
    image = Image.new("RGB", (40, 20), RED)
    image.paste(BLUE, (20, 0, 40, 20))
    return image.convert(mode)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_allowed_format_is_read(kind: str) -> None:
    decoded = decode_image(as_file(two_halves(), kind), "photo")
    assert (decoded.width, decoded.height, decoded.image.mode, decoded.name) == (40, 20, "RGB", "photo")
    assert decoded.notes == ()
    left, right = (np.array(decoded.image.getpixel((x, 10)), dtype=int) for x in (5, 35))
    tolerance = 90 if kind == "GIF" else 12
    assert abs(left - RED).max() <= tolerance
    assert abs(right - BLUE).max() <= tolerance


@pytest.mark.parametrize("kind", ["ICO", "TGA", "PCX", "EPS", "JPEG2000", "SGI", "ICNS"])
def test_formats_outside_the_list_are_refused(kind: str) -> None:
    with pytest.raises(ImageError, match=r"Not an image that can be read: it is an? .*\. Convert it, as by `magick"):
        decode_image(as_file(two_halves(), kind))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 and more", "PDF document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "damaged"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG"),
        (b"PK\x03\x04" + bytes(50), "ZIP"),
        (b"GIF89a", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff", "damaged"),
        (b"hello" * 100, "Not an image"),
        (bytes(1000), "Not an image"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words) as caught:
        decode_image(data, "holiday.jpg")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_truncated_file_is_refused(kind: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    data = as_file(noise, kind)
    if kind == "TIFF":  # its directory is at the end
        share = min(share, 0.9)
    with pytest.raises(ImageError, match="damaged"):
        decode_image(data[: int(len(data) * share)])


def test_size_is_checked_before_any_pixel_is_decoded() -> None:
    # Were pixels decoded first, the words would be "cut short": there are none in these files.
    with pytest.raises(ImageError, match="210 million pixels"):
        decode_image(png_of_size(30_000, 30_000))
    with pytest.raises(ImageError, match="15,000 × 15,000 pixels, more than"):
        decode_image(png_of_size(15_000, 15_000))
    with pytest.raises(ImageError, match="cut short"):
        decode_image(png_of_size(4_000, 4_000))


def test_a_whole_bomb_of_30000_pixels_square_is_refused() -> None:
    packer = zlib.compressobj(9)
    row = bytes(1 + 30_000 // 8)
    body = b"".join(packer.compress(row * 300) for _ in range(100)) + packer.flush()
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in chunks
    )
    assert len(data) < MAX_BYTES
    with pytest.raises(ImageError, match="million pixels"):
        decode_image(data)


def test_bytes_are_bounded() -> None:
    with pytest.raises(ImageError, match=r"The file has 61\.5 MB; at most 50 MB"):
        decode_image(bytes(int(61.5 * 2**20)))
    with pytest.raises(ImageError, match=r"The file has 50\.1 MB; at most 50 MB"):
        decode_image(bytes(MAX_BYTES + 1))


def test_a_picture_of_pillows_is_bounded_too() -> None:
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(ImageError, match="million pixels"):
        rgb_of(Image.new("1", (side, side)))


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
def test_extreme_shapes_are_read(size: tuple[int, int]) -> None:
    decoded = decode_image(as_file(Image.new("RGB", size, GREEN)))
    assert decoded.image.size == size
    assert decoded.image.getpixel((0, 0)) == GREEN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation: int, kind: str) -> None:
    """Source: EXIF 2.32, tag 274: where row 0 and column 0 of the stored picture are seen."""
    stored = Image.new("RGB", (40, 20), WHITE)
    stored.paste(RED, (0, 0, 20, 10))  # the stored top left quarter
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode_image(as_file(stored, kind, exif=exif))
    row_0, column_0 = {
        1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
        5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
    }[orientation]  # fmt: skip
    sides = {row_0, column_0}
    width, height = decoded.image.size
    assert (width, height) == ((20, 40) if orientation >= 5 else (40, 20))
    x = width // 4 if "left" in sides else 3 * width // 4
    y = height // 4 if "top" in sides else 3 * height // 4
    assert np.abs(np.array(decoded.image.getpixel((x, y)), dtype=int) - RED).max() < 12
    assert ("turned by its EXIF tag" in decoded.notes) == (orientation > 1)


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    assert decode_image(as_file(two_halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff broken")).width == 40


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_goes_on_white(kind: str) -> None:
    image = two_halves("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 20, 20))
    options = {"lossless": True} if kind == "WEBP" else {}
    decoded = decode_image(as_file(image, kind, **options))
    assert decoded.image.getpixel((5, 5)) == WHITE
    assert decoded.image.getpixel((35, 5)) == BLUE
    assert decoded.notes == ("transparent parts on white",)


def test_half_transparent_grey_is_mixed_with_white() -> None:
    decoded = decode_image(as_file(Image.new("LA", (3, 3), (0, 128))))
    assert decoded.image.getpixel((1, 1)) == (127, 127, 127)


def test_opaque_alpha_is_not_mentioned() -> None:
    assert decode_image(as_file(two_halves("RGBA"))).notes == ()


@pytest.mark.parametrize("transparency", [0, bytes([0, 255])])
def test_palette_with_transparency(transparency: int | bytes) -> None:
    image = Image.new("P", (10, 10), 0)
    image.putpalette([*GREEN, *BLUE])
    image.paste(1, (5, 0, 10, 10))
    decoded = decode_image(as_file(image, "PNG", transparency=transparency))
    assert decoded.image.getpixel((1, 1)) == WHITE
    assert decoded.image.getpixel((8, 1)) == BLUE


def test_colour_key_of_an_rgb_png() -> None:
    decoded = decode_image(as_file(two_halves(), "PNG", transparency=RED))
    assert decoded.image.getpixel((1, 1)) == WHITE
    assert decoded.image.getpixel((38, 1)) == BLUE


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_keeps_its_colours(kind: str) -> None:
    decoded = decode_image(as_file(two_halves("CMYK"), kind))
    assert np.abs(np.array(decoded.image.getpixel((5, 5)), dtype=int) - RED).max() < 12
    assert np.abs(np.array(decoded.image.getpixel((35, 5)), dtype=int) - BLUE).max() < 12


def test_adobe_cmyk_is_stored_inverted_and_read_upright() -> None:
    data = as_file(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG", quality=100)  # no ink: white
    assert b"Adobe" in data
    assert decode_image(data).image.getpixel((4, 4)) == WHITE


@pytest.mark.parametrize(("kind", "order"), [("PNG", "<u2"), ("TIFF", "<u2"), ("TIFF", ">u2")])
def test_16_bit_grey_is_scaled_not_clipped(kind: str, order: str) -> None:
    values = np.array([[0, 256, 32768, 65535]], dtype=order)
    decoded = decode_image(as_file(Image.fromarray(values), kind))
    greys = [decoded.image.getpixel((x, 0)) for x in range(4)]
    assert greys == [(round(v / 257),) * 3 for v in (0, 256, 32768, 65535)]
    assert decoded.notes == ("16-bit grey scaled to 8",)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([-10.0, 0.0, 10.0], [0, 128, 255]),
        ([0.0, 1000.0, 2000.0], [0, 128, 255]),
        ([7.0, 7.0, 7.0], [0, 0, 0]),
        ([float("nan"), 0.0, 1.0], [0, 0, 255]),
    ],
)
def test_float_tiff(values: list[float], expected: list[int]) -> None:
    decoded = decode_image(as_file(Image.fromarray(np.array([values], dtype=np.float32)), "TIFF"))
    assert np.asarray(decoded.image)[0, :, 0].tolist() == expected


def test_32_bit_integers() -> None:
    values = np.array([[-100_000, 0, 100_000]], dtype=np.int32)
    decoded = decode_image(as_file(Image.fromarray(values), "TIFF"))
    assert np.asarray(decoded.image)[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_one_bit(kind: str) -> None:
    image = Image.new("1", (10, 10), 0)
    image.paste(1, (5, 0, 10, 10))
    decoded = decode_image(as_file(image, kind))
    assert decoded.image.getpixel((1, 1)) == (0, 0, 0)
    assert decoded.image.getpixel((8, 1)) == WHITE


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_only_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (GREEN, RED, BLUE)]
    options = {"lossless": True} if kind == "WEBP" else {}
    decoded = decode_image(as_file(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert decoded.image.getpixel((8, 8)) == GREEN
    words = "several pictures in one file: the first" if kind == "TIFF" else "animated: first frame"
    assert decoded.notes == (words,)


def test_a_picture_of_pillows_is_not_shared() -> None:
    mine = two_halves()
    decoded = rgb_of(mine)
    decoded.image.putpixel((0, 0), GREEN)
    assert mine.getpixel((0, 0)) == RED


def test_many_threads_at_once_and_warnings_stay_as_they_were() -> None:
    before = list(warnings.filters)
    files = {number: as_file(Image.new("RGB", (number + 1, 7), RED)) for number in range(12)}
    widths: dict[int, int] = {}

    def decode(number: int) -> None:
        widths[number] = decode_image(files[number]).width

    threads = [threading.Thread(target=decode, args=(number,)) for number in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widths == {number: number + 1 for number in files}
    assert list(warnings.filters) == before


MODES = [*((kind, "RGB") for kind in FORMATS), ("PNG", "RGBA"), ("TIFF", "CMYK"), ("PNG", "P"), ("TIFF", "1")]
SEEDS = [as_file(two_halves(mode), kind) for kind, mode in MODES]


@settings(max_examples=300, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
    keep=st.floats(0.05, 1),
)
def test_damaged_files_give_a_picture_or_an_image_error(
    seed: bytes, changes: list[tuple[float, int]], keep: float
) -> None:
    data = bytearray(seed)
    for place, value in changes:
        data[int(place * len(data))] = value
    try:
        decoded = decode_image(bytes(data[: int(keep * len(data)) + 1]))
    except ImageError:
        return
    assert decoded.image.mode == "RGB"
    assert decoded.width * decoded.height <= MAX_PIXELS
