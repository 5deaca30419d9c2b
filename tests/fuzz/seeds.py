"""Real files in every format and mode that is read, all made here: what the fuzzer mutates and the tests read."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from resnext_viz.inference.photos.picture_formats import FORMATS, make_ready
from tests.fuzz.icc import grey_profile, ink_profile, rgb_profile

EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # orientation 6


@cache
def seeds() -> dict[str, bytes]:
    """Files by what they are."""
    files = {
        name: as_file(image, kind, **options)
        for name, image, kind, options in _pillow_files()
        if kind in (*FORMATS, "MPO")
    }
    return files | {
        "jpeg ycck": ycck_jpeg(),
        "png rgb16": rgb16_png(np.full((5, 7, 3), 0x8040)),
        "tiff rgb16": rgb16_tiff(np.full((5, 7, 3), 0x8040)),
    }


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The picture as a file of Pillow's."""
    make_ready()
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(mode: str = "RGB", width: int = 40, height: int = 28) -> Image.Image:
    """Something with edges and gradients, in a mode that Pillow converts to."""
    image = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (image, image.transpose(Image.Transpose.ROTATE_180), image))
    ImageDraw.Draw(image).ellipse((3, 3, width // 2, height - 4), fill=(250, 30, 60))
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.radial_gradient("L").resize((width, height)))
    return image.convert(mode)


def lab_picture() -> Image.Image:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    return to_lab.apply(picture())


def _pillow_files() -> Iterator[tuple[str, Image.Image, str, dict[str, object]]]:
    frames = {"save_all": True, "append_images": [picture().rotate(angle) for angle in (30, 60)], "duration": 50}
    sixteen = Image.fromarray(np.arange(40 * 28, dtype=np.uint16).reshape(28, 40) * 50)
    floating = Image.fromarray(np.linspace(-1, 5, 40 * 28, dtype=np.float32).reshape(28, 40))
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * 500, zip=True)
    text.add_itxt("Title", "ü" * 300, zip=True)

    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "HEIF"):
        yield f"{kind.lower()} rgb", picture(), kind, {}
    for mode, options in (
        ("L", {}), ("CMYK", {}), ("RGB", {"progressive": True}), ("RGB", {"exif": EXIF}), ("RGB", {"subsampling": 2}),
        ("RGB", {"icc_profile": rgb_profile()}), ("L", {"icc_profile": grey_profile(1.8)}),
        ("CMYK", {"icc_profile": ink_profile(), "progressive": True}), ("RGB", {"restart_marker_blocks": 1}),
    ):  # fmt: skip
        yield f"jpeg {mode} {', '.join(options)}", picture(mode), "JPEG", options
    yield "jpeg mpo", picture(), "MPO", frames
    for mode, options in (
        ("1", {}), ("L", {}), ("P", {}), ("LA", {}), ("RGBA", {}), ("RGB", {"exif": EXIF}), ("RGB", {"pnginfo": text}),
        ("RGB", {"icc_profile": rgb_profile()}), ("P", {"transparency": 3}), ("P", frames), ("RGBA", frames),
    ):  # fmt: skip
        yield f"png {mode} {', '.join(options)}", picture(mode), "PNG", options
    yield "png I;16", sixteen, "PNG", {}
    for mode, options in (
        ("RGBA", {}), ("RGBA", {"lossless": True}), ("RGB", frames),
        ("RGB", {"exif": EXIF, "icc_profile": rgb_profile()}),
    ):  # fmt: skip
        yield f"webp {mode} {', '.join(options)}", picture(mode), "WEBP", options
    for mode, options in (("P", {}), ("1", {}), ("P", frames), ("P", {"transparency": 0, "interlace": 1})):
        yield f"gif {mode} {', '.join(options)}", picture(mode), "GIF", options
    for mode in ("1", "L", "P", "RGBA"):
        yield f"bmp {mode}", picture(mode), "BMP", {}
    for mode in ("1", "L", "P", "LA", "RGBA", "CMYK"):
        yield f"tiff {mode}", picture(mode), "TIFF", {}
    yield "tiff I;16", sixteen, "TIFF", {}
    yield "tiff F", floating, "TIFF", {"compression": "tiff_adobe_deflate"}
    yield "tiff I", floating.convert("I"), "TIFF", {}
    yield "tiff LAB", lab_picture(), "TIFF", {}
    yield "tiff exif", picture(), "TIFF", {"exif": EXIF, "icc_profile": rgb_profile()}
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        yield f"tiff {compression}", picture(), "TIFF", {"compression": compression}
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield f"tiff {compression}", picture("1"), "TIFF", {"compression": compression}
    yield "tiff frames", picture(), "TIFF", {"save_all": True, "append_images": [picture()]}
    yield "avif RGBA", picture("RGBA"), "AVIF", {}
    yield "avif frames", picture(), "AVIF", frames
    yield "avif exif", picture(), "AVIF", {"exif": EXIF, "icc_profile": rgb_profile()}
    yield from _newer_files(frames, sixteen, floating)
    yield "png 1 x 1", picture(width=40).resize((1, 1)), "PNG", {}
    yield "webp 1 x 10000", picture().resize((1, 10_000)), "WEBP", {}


def _newer_files(
    frames: dict[str, object], sixteen: Image.Image, floating: Image.Image
) -> Iterator[tuple[str, Image.Image, str, dict[str, object]]]:
    for mode in ("1", "L"):
        yield f"ppm {mode}", picture(mode), "PPM", {}
    yield "ppm I;16", sixteen, "PPM", {}
    yield "ppm F", floating, "PPM", {}
    yield "heif RGBA", picture("RGBA"), "HEIF", {}
    yield "heif L", picture("L"), "HEIF", {}
    yield "heif frames", picture(), "HEIF", frames
    yield "heif grid", picture(width=300, height=200), "HEIF", {"tile_size": 128}
    yield "heif exif", picture(), "HEIF", {"exif": EXIF, "icc_profile": rgb_profile()}


@cache
def large_seeds() -> dict[str, bytes]:
    """Photos of present phones' sizes: small files, for they show next to nothing."""
    image = Image.linear_gradient("L").resize((6_000, 4_000))
    files = {
        "jpeg 24": as_file(image, "JPEG"),
        "jpeg 24 progressive": as_file(image, "JPEG", progressive=True),
        "jpeg 63": as_file(Image.new("L", (9_000, 7_000), 90), "JPEG", exif=EXIF),
        "png 24": as_file(image, "PNG"),
        "png 60": as_file(Image.new("1", (10_000, 6_000)), "PNG"),
    }
    if "HEIF" in FORMATS:
        files["heif 3"] = as_file(image.resize((2_000, 1_500)), "HEIF", tile_size=512)
    return files


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(header: tuple[int, int, int, int], pixels: bytes, *more: bytes) -> bytes:
    """A PNG with this width, height, bit depth and colour type, packed pixels, and more chunks before them."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *header, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def rgb16_png(values: np.ndarray) -> bytes:
    """16-bit colours `(H, W, 3)`, which Pillow does not write."""
    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png((width, height, 16, 2), zlib.compress(rows))


def rgb16_tiff(values: np.ndarray) -> bytes:
    """16-bit colours `(H, W, 3)`, uncompressed in one strip."""
    height, width, _ = values.shape
    pixels = values.astype("<u2").tobytes()
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 14),
        (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, len(pixels)), (284, 3, 1, 1),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", 14 + len(pixels)) + struct.pack("<3H", 16, 16, 16) + pixels + directory


def ycck_jpeg() -> bytes:
    """One colour in Y, Cb, Cr and K: Pillow writes CMYK only, so its Adobe marker is told that the inks are YCCK.

    Source: Adobe technical note 5116, marker APP14: transform 2 is YCCK.
    """
    luma, blue, red, black = 76, 85, 255, 255
    # Pillow stores inks inverted.
    inks = (255 - luma, 255 - blue, 255 - red, 255 - black)
    data = as_file(Image.new("CMYK", (16, 16), inks), "JPEG", quality=100, subsampling=0)
    transform = data.index(b"Adobe") + 11
    return data[:transform] + b"\2" + data[transform + 1 :]
