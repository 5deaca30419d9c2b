"""Files that are lawful and cost far more than they look, and those that once broke the decoder."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import GifImagePlugin, Image, TiffImagePlugin

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import FORMATS, MAX_PIXELS, decode_here, decode_image
from resnext_viz.inference.photos.decoder import Decoder
from resnext_viz.inference.photos.picture_formats import MAX_BYTES
from tests.fuzz.icc import ink_profile, rgb_profile
from tests.fuzz.seeds import as_file, picture, png, png_chunk, rgb16_tiff, seeds

PIXELS_2_X_2 = zlib.compress(bytes(6))


def many_scans(side: int, count: int) -> bytes:
    """A progressive JPEG whose last refinement comes again and again: each scan walks over the whole picture."""
    data = as_file(Image.new("L", (side, side)), "JPEG", progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


def chained_tiff(count: int) -> bytes:
    """So many directories, one after another; the last leads back to the first."""
    one = rgb16_tiff(np.full((2, 2, 3), 0x0900))
    first = struct.unpack("<I", one[4:8])[0]
    directory = one[first:-4]
    step = len(directory) + 4
    offsets = [first + step * number for number in range(1, count)] + [first]
    return one[:first] + b"".join(directory + struct.pack("<I", offset) for offset in offsets)


def png_with(*chunks: bytes) -> bytes:
    return png((2, 2, 8, 0), PIXELS_2_X_2, *chunks)


def test_a_jpeg_of_endless_scans_is_stopped() -> None:
    decoder = Decoder(MAX_PIXELS, workers=1, wall_s=1.0)
    data = many_scans(4096, 200_000)
    assert len(data) < MAX_BYTES
    with pytest.raises(ImageError, match="takes longer than 1 seconds to decode"):
        decoder.decode(data)
    decoder.close()


def test_a_jpeg_of_a_few_scans_more_is_read() -> None:
    assert decode_image(many_scans(64, 20)).image.getpixel((5, 5)) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_frames_are_never_counted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def count(_: object) -> int:
        raise AssertionError("counting reads the whole file")

    monkeypatch.setattr(GifImagePlugin.GifImageFile, "n_frames", property(count))
    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "n_frames", property(count))
    frames = [Image.new("L", (16, 16), number % 250) for number in range(1, 300)]
    data = as_file(frames[0], kind, save_all=True, append_images=frames[1:])
    words = {"GIF": "animated: first frame", "TIFF": "several pictures in one file: the first"}
    decoded = decode_here(data)
    assert (decoded.notes, decoded.image.getpixel((3, 3))) == ((words[kind],), (1, 1, 1))


@pytest.mark.parametrize("count", [1, 2, 50_000])
def test_directories_that_lead_in_a_circle(count: int) -> None:
    decoded = decode_image(chained_tiff(count))
    assert decoded.image.getpixel((1, 1)) == (9, 9, 9)


@pytest.mark.parametrize("kind", ["MPO", "WEBP", "PNG", "AVIF"])
def test_the_first_of_several_pictures_is_taken_and_said(kind: str) -> None:
    frames = [picture().convert("RGB"), picture().rotate(90), picture().rotate(180)]
    alone = decode_image(as_file(frames[0], "JPEG" if kind == "MPO" else kind))
    decoded = decode_image(as_file(frames[0], kind, save_all=True, append_images=frames[1:]))
    difference = np.abs(np.asarray(decoded.image, dtype=int) - np.asarray(alone.image, dtype=int))
    assert difference.mean() < 4  # a film is compressed with other settings
    assert len(decoded.notes) == 1
    assert "first" in decoded.notes[0]


@pytest.mark.parametrize("chunk", [b"zTXt", b"iTXt"])
def test_texts_that_unpack_to_much_are_refused(chunk: bytes) -> None:
    packed = zlib.compress(bytes(1_000_000), 9)
    head = b"key\0\0" if chunk == b"zTXt" else b"key\0\1\0\0\0"
    assert decode_image(png_with(png_chunk(chunk, head + packed))).width == 2
    with pytest.raises(ImageError, match="damaged"):
        decode_image(png_with(*[png_chunk(chunk, head + packed)] * 200))


def test_a_profile_that_unpacks_to_much_is_refused() -> None:
    packed = zlib.compress(bytes(100_000_000), 9)
    with pytest.raises(ImageError, match="damaged"):
        decode_image(png_with(png_chunk(b"iCCP", b"x\0\0" + packed)))


@pytest.mark.parametrize(("mode", "profile"), [("CMYK", ink_profile()), ("RGB", rgb_profile())])
def test_a_profile_of_seven_megabytes(mode: str, profile: bytes) -> None:
    data = as_file(Image.new(mode, (9, 9)), "TIFF", icc_profile=profile + bytes(7_000_000))
    assert decode_image(data).notes == ("colours converted by its ICC profile",)


def test_exif_that_leads_in_a_circle() -> None:
    entries = struct.pack(">HHHIIHHIHH", 2, 0x8769, 4, 1, 8, 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + entries + struct.pack(">I", 8)
    decoded = decode_image(as_file(picture(), "JPEG", exif=exif))
    assert (decoded.width, decoded.height, decoded.notes) == (28, 40, ("turned by its EXIF tag",))


def test_pixels_in_pieces_of_one_byte() -> None:
    packed = zlib.compress(bytes(1001 * 1000))
    pieces = b"".join(png_chunk(b"IDAT", packed[place : place + 1]) for place in range(len(packed)))
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1000, 1000, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + head + pieces + png_chunk(b"IEND", b"")
    assert decode_image(data).image.getpixel((999, 999)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        (Image.new("RGBA", (4096, 4096), (9, 9, 9, 0)), "PNG", {}),
        (Image.new("F", (4096, 4096), 0.5), "TIFF", {"compression": "tiff_adobe_deflate"}),
        (Image.new("CMYK", (4096, 4096)), "JPEG", {"icc_profile": ink_profile()}),
    ],
    ids=["alpha", "float", "inks"],
)
def test_the_largest_pictures_are_read_in_the_modes_that_take_most(
    image: Image.Image, kind: str, options: dict[str, object]
) -> None:
    assert decode_image(as_file(image, kind, **options)).image.size == (4096, 4096)


def test_a_palette_picture_without_palette_is_refused() -> None:
    """Found by the fuzzer: Pillow asserts that there is a palette."""
    data = png((2, 2, 8, 3), PIXELS_2_X_2)
    with pytest.raises(ImageError, match="damaged"):
        decode_here(data)
    with pytest.raises(ImageError, match="damaged"):
        decode_image(data)


@pytest.mark.skipif("AVIF" not in FORMATS, reason="Pillow without AVIF")
def test_a_film_without_a_clock_is_refused() -> None:
    """Found by the fuzzer: Pillow divides by the ticks in a second. Source: ISO 14496-12, 8.4.2 (mdhd)."""
    data = bytearray(seeds()["avif frames"])
    box = data.index(b"mdhd") + 4
    ticks = box + (20 if data[box] == 1 else 12)
    assert int.from_bytes(data[ticks : ticks + 4], "big") > 0
    data[ticks : ticks + 4] = bytes(4)
    with pytest.raises(ImageError, match="damaged"):
        decode_here(bytes(data))


def test_what_the_tiff_library_prints_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    data = bytearray(as_file(picture(), "TIFF", compression="tiff_lzw"))
    data[8:100] = b"\x55" * 92  # the pixels come right after the header
    with pytest.raises(ImageError, match="damaged"):
        decode_here(bytes(data))
    assert "code not yet in table" in capfd.readouterr().err  # it does print
    with pytest.raises(ImageError, match="damaged"):
        decode_image(bytes(data))
    assert capfd.readouterr() == ("", "")
