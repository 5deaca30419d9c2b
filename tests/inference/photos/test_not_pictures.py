"""Files that people take for pictures, told by their first bytes, each with what to do."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import decode_here
from resnext_viz.inference.photos.not_pictures import KNOWN, known_kind
from tests.fuzz.campaign import refusal_fault
from tests.fuzz.seeds import as_file, picture, seeds
from tests.support.installed import ROOT


def packed(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.png", b"x")
    elif kind == "npy":
        np.save(out, np.zeros((2, 2)))
    else:
        with tarfile.open(fileobj=out, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a.png"), io.BytesIO())
    return out.getvalue()


def box(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + bytes(12)


def jpeg(*, frame: int, bits: int, before: bytes = b"") -> bytes:
    """A grey lossless JPEG of 16×16, written after ITU-T T.81: each pixel is as its neighbour."""
    header = bytes((0xFF, frame, 0, 11, bits, 0, 16, 0, 16, 1, 1, 0x11, 0))
    table = b"\xff\xc4\0\x14\0\1" + bytes(16)
    return b"\xff\xd8" + before + header + table + b"\xff\xda\0\x08\1\1\0\1\0\0" + bytes(32) + b"\xff\xd9"


def twelve_bits(*, progressive: bool) -> bytes:
    """A photo's JPEG, with a thumbnail's frame in its EXIF, whose frame says 12 bits."""
    data, exif = as_file(picture(), "JPEG", progressive=progressive), as_file(picture(), "JPEG")
    data = data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]
    frame = data.rindex(b"\xff\xc2\0\x11\x08" if progressive else b"\xff\xc0\0\x11\x08")
    return data[: frame + 1] + (b"\xc2" if progressive else b"\xc1") + b"\0\x11\x0c" + data[frame + 5 :]


FILES = {
    "JPEG with 12 bits": twelve_bits(progressive=False),
    "JPEG with 12 bits ": twelve_bits(progressive=True),
    "JPEG with 12 bits  ": jpeg(frame=0xC3, bits=12, before=b"\xff\xfe\xff\xff" + bytes(0xFFFD)),
    "JPEG with 16 bits": jpeg(frame=0xC3, bits=16, before=b"\xff\xff"),
    "hierarchical JPEG": jpeg(frame=0xC5, bits=8),
    "lossless JPEG in arithmetic coding": jpeg(frame=0xCB, bits=8),
    "JPEG-LS": jpeg(frame=0xF7, bits=8),
    "JPEG-LS ": jpeg(frame=0xF7, bits=12, before=b"\xff\xe0\0\2"),
    "JPEG 2000": as_file(picture(), "JPEG2000"),
    "JPEG 2000 ": as_file(picture(), "JPEG2000", no_jp2=True),
    "ICO": as_file(picture(width=32, height=32), "ICO"),
    "TGA": as_file(picture(), "TGA"),
    "TGA ": as_file(picture("L"), "TGA", compression="tga_rle"),
    "JPEG XL": b"\xff\x0a" + bytes(40),
    "JPEG XL ": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40),
    "DICOM": bytes(128) + b"DICM" + bytes(40),
    "AppleDouble": b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(40),
    "CUR": b"\0\0\2\0\1\0" + bytes(60),
    "ICNS": as_file(picture(width=32, height=32), "ICNS"),
    "DDS": as_file(picture(), "DDS"),
    "SGI": as_file(picture(), "SGI"),
    "PCX": as_file(picture(), "PCX"),
    "PostScript": as_file(picture(), "EPS"),
    "PDF": as_file(picture(), "PDF"),
    "SVG": b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- by hand -->\n<SVG xmlns="x"/>'.replace(b"SVG", b"svg"),
    "XML": b"<?xml version='1.0'?><note/>",
    "Photoshop": b"8BPS\0\1" + bytes(40),
    "GIMP": b"gimp xcf v011" + bytes(40),
    "CR3": box(b"crx "),
    "RAF": b"FUJIFILMCCD-RAW 0201",
    "video": box(b"isom"),
    "video ": b"RIFF\0\0\0\0AVI LIST",
    "sound": b"RIFF\0\0\0\0WAVEfmt ",
    "web page": b"\n<!DOCTYPE html><html>",
    "ZIP": packed("zip"),
    "gzip": gzip.compress(b"x"),
    "tar": packed("tar"),
    "numpy": packed("npy"),
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "address": b"data:image/png;base64,iVBORw0KGgo=",
    "zeros": bytes(5000),
    "a text": "Das ist keine Photographie, sondern ein Brief über eine.\n".encode() * 40,
    "QOI": b"qoif" + bytes(40),
    "FITS": b"SIMPLE  =                    T" + bytes(80),
}  # fmt: skip


def test_a_lossless_jpeg_with_8_bits_is_read() -> None:
    assert decode_here(jpeg(frame=0xC3, bits=8)).image.getpixel((9, 9)) == (128, 128, 128)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_called_what_it_is_and_told_what_to_do(name: str) -> None:
    with pytest.raises(ImageError) as caught:
        decode_here(FILES[name], "holiday.jpg")
    words = str(caught.value)
    assert words.startswith("Not an image that can be read: it is ")
    assert name.strip() in words
    assert refusal_fault(words) == ""


def test_no_picture_that_is_read_bears_a_mark_of_these() -> None:
    for name, data in seeds().items():
        assert known_kind(data) is None, name


def test_marks_are_told_apart() -> None:
    marks = [(place, magic) for place, magic, _, _ in KNOWN]
    assert len(set(marks)) == len(marks)
    for _, magic, words, advice in KNOWN:
        assert refusal_fault(f"Not an image that can be read: it is {words}. {advice}") == "", magic


@pytest.mark.parametrize(
    "data", [b"GIF89a", b"P6\n300 200\n255\n", b"P1\n# made by hand\n9 9\n", b"BM", bytes([7]) * 50]
)
def test_a_damaged_picture_is_no_text(data: bytes) -> None:
    with pytest.raises(ImageError, match="damaged"):
        decode_here(data)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("plain", [False, True])
def test_pbm_pgm_and_ppm_are_read(mode: str, plain: bool) -> None:
    """Source: netpbm's own description of its formats, plain ones written here."""
    image = picture(mode)
    data = plain_pnm(image) if plain else as_file(image, "PPM")
    decoded = decode_here(data)
    assert np.array_equal(np.asarray(decoded.image), np.asarray(image.convert("RGB")))
    assert decoded.notes == ()


def plain_pnm(image: Image.Image) -> bytes:
    values = np.asarray(image)
    magic, most = {"1": ("P1", ""), "L": ("P2", "255\n"), "RGB": ("P3", "255\n")}[image.mode]
    numbers = 1 - values.astype(int) if image.mode == "1" else values
    return f"{magic}\n# a comment\n{image.width} {image.height}\n{most}{' '.join(map(str, numbers.ravel()))}\n".encode()


def test_heic_is_named_with_its_reader_where_that_is_missing() -> None:
    code = (
        "import sys; sys.modules['pillow_heif'] = None\n"
        "from resnext_viz.inference.photos.decode import decode_here\n"
        "decode_here(bytes([0, 0, 0, 24]) + b'ftypheic' + bytes(12))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stderr.splitlines()[-1].endswith(
        "it is a HEIC picture. Install its reader, `pip install pillow-heif`, or save it as JPEG."
    )
