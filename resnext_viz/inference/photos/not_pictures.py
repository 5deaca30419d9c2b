"""What people take for a picture that is read, told by a file's first bytes, and what to do about it.

Names of files are not looked at: a `.jpg` may be anything.
"""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.inference.photos.jpeg_kinds import unread_jpeg
from resnext_viz.inference.photos.picture_formats import FORMATS, FORMATS_IN_WORDS

LOOKED_AT = 1024  # first bytes that tell a format
_SHORTEST_TEXT = 9

_SAVE = "Open it in a program that knows it and save it as JPEG or PNG."
_MAGICK = "Convert it, as by `magick picture.{} picture.png`."
_RAW = "Develop it to a JPEG in your photo program, or take the JPEG that the camera keeps beside it."
_FRAME = "Save one frame of it, as by `ffmpeg -i video.mp4 -frames:v 1 frame.png`."
_ARRAY = "Save its numbers as a picture: in Python, `PIL.Image.fromarray(array).save('picture.png')`."
_UNPACK = "Unpack it and choose the pictures in it."
_NO_PICTURE = "Choose a picture: {}."


_READ_AS_TEXT = (b"GIF8", b"RIFF", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf", b"PF")  # pictures, if damaged ones


class Known(NamedTuple):
    """A kind of file: where it has which bytes, what it is, and what to do."""

    place: int
    magic: bytes
    words: str
    advice: str


def _ftyp(*brands: bytes, words: str, advice: str) -> tuple[Known, ...]:
    """Kinds of the ISO base media family, told by their major brand."""
    return tuple(Known(4, b"ftyp" + brand, words, advice) for brand in brands)


_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_MISSING = (
    *(() if "HEIF" in FORMATS else _ftyp(*_HEIC_BRANDS, words="a HEIC picture",
      advice="Install its reader, `pip install pillow-heif`, or save it as JPEG.")),
    *(() if "AVIF" in FORMATS else _ftyp(b"avif", b"avis", words="an AVIF picture", advice=_MAGICK.format("avif"))),
)  # fmt: skip

KNOWN: tuple[Known, ...] = (
    *_MISSING,
    # Pictures that are not read.
    Known(0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", _MAGICK.format("jp2")),
    Known(0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _MAGICK.format("j2k")),
    Known(0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", _MAGICK.format("jxl")),
    Known(0, b"\xff\x0a", "a JPEG XL picture", _MAGICK.format("jxl")),
    Known(0, b"II\xbc\x01", "a JPEG XR picture", _SAVE),
    Known(0, b"\0\0\1\0", "a Windows icon (ICO)", _MAGICK.format("ico")),
    Known(0, b"icns", "an icon of macOS (ICNS)", _MAGICK.format("icns")),
    Known(0, b"8BPS", "a Photoshop document", _SAVE),
    Known(0, b"gimp xcf", "a GIMP document", _SAVE),
    Known(0, b"DDS ", "a DDS texture", _MAGICK.format("dds")),
    Known(0, b"qoif", "a QOI picture", _MAGICK.format("qoi")),
    Known(0, b"BPG\xfb", "a BPG picture", _SAVE),
    Known(0, b"FLIF", "a FLIF picture", _SAVE),
    Known(0, b"v/1\x01", "an OpenEXR picture", _MAGICK.format("exr")),
    Known(0, b"#?R", "a Radiance HDR picture", _MAGICK.format("hdr")),
    Known(0, b"SIMPLE  =", "a FITS picture", _ARRAY),
    Known(0, b"\x01\xda\0\1", "an SGI picture", _MAGICK.format("sgi")),
    Known(0, b"\x01\xda\1\1", "an SGI picture", _MAGICK.format("sgi")),
    Known(0, b"\x0a\5\1", "a PCX picture", _MAGICK.format("pcx")),
    Known(0, b"\x59\xa6\x6a\x95", "a Sun raster picture", _MAGICK.format("ras")),
    Known(0, b"/* XPM", "an XPM picture", _MAGICK.format("xpm")),
    Known(0, b"P7\n", "a PAM picture", _MAGICK.format("pam")),
    Known(0, b"\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)", _SAVE),
    Known(0, b"AT&TFORM", "a DjVu document", _SAVE),
    Known(0, b"%PDF", "a PDF document", "Save the page that you mean as PNG, as by `pdftoppm -png document.pdf page`."),
    Known(0, b"%!PS", "a PostScript document", _MAGICK.format("eps")),
    Known(0, b"\xc5\xd0\xd3\xc6", "a PostScript document", _MAGICK.format("eps")),
    Known(0, b"<svg", "an SVG drawing", "Export it as PNG, as by `rsvg-convert drawing.svg -o drawing.png`."),
    Known(128, b"DICM", "a DICOM picture of medicine", "Convert it, as by `dcm2pnm`, or with pydicom in Python."),
    Known(344, b"n+1\0", "a NIfTI volume of medicine", _ARRAY),
    # What cameras write.
    *_ftyp(b"crx ", words="a raw photo (CR3)", advice=_RAW),
    Known(0, b"FUJIFILMCCD-RAW", "a raw photo (RAF)", _RAW),
    Known(0, b"IIRO", "a raw photo (ORF)", _RAW),
    Known(0, b"IIRS", "a raw photo (ORF)", _RAW),
    Known(0, b"IIU\0", "a raw photo (RW2)", _RAW),
    Known(0, b"FOVb", "a raw photo (X3F)", _RAW),
    Known(0, b"\0MRM", "a raw photo (MRW)", _RAW),
    # Films and sounds.
    *_ftyp(b"qt  ", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp", b"3g2",
           b"dash", b"MSNV", words="a video", advice=_FRAME),
    *_ftyp(b"M4A ", b"M4B ", words="a sound", advice=_NO_PICTURE.format(FORMATS_IN_WORDS)),
    Known(4, b"moov", "a video", _FRAME),
    Known(0, b"\x1aE\xdf\xa3", "a video", _FRAME),
    Known(8, b"AVI ", "a video", _FRAME),
    Known(0, b"FLV\1", "a video", _FRAME),
    Known(0, b"\0\0\1\xba", "a video", _FRAME),
    Known(0, b"\0\0\1\xb3", "a video", _FRAME),
    Known(8, b"WAVE", "a sound", _NO_PICTURE.format(FORMATS_IN_WORDS)),
    Known(0, b"ID3", "a sound", _NO_PICTURE.format(FORMATS_IN_WORDS)),
    Known(0, b"OggS", "a sound or a video", _NO_PICTURE.format(FORMATS_IN_WORDS)),
    Known(0, b"fLaC", "a sound", _NO_PICTURE.format(FORMATS_IN_WORDS)),
    # What is not what it is called.
    Known(0, b"\0\5\x16\7", "what macOS keeps beside a file (AppleDouble, `._name`)",
          "Take the file of that name without `._`."),
    Known(0, b"\0\5\x16\0", "a file wrapped by macOS (AppleSingle)", "Copy it again from where it came."),
    Known(0, b"version https://git-lfs", "a pointer of Git LFS, not the file itself",
          "Fetch the file, as by `git lfs pull`."),
    Known(0, b"data:image/", "the address of a picture, not the picture", "Save the picture itself as a file."),
    Known(0, b"PK\3\4", "a ZIP archive or an office document", _UNPACK),
    Known(0, b"Rar!", "a RAR archive", _UNPACK),
    Known(0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    Known(0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    Known(0, b"\xfd7zXZ", "an xz archive", _UNPACK),
    Known(0, b"BZh", "a bzip2 archive", _UNPACK),
    Known(257, b"ustar", "a tar archive", _UNPACK),
    Known(0, b"\x93NUMPY", "an array of numpy", _ARRAY),
    Known(0, b"\x89HDF", "an HDF5 file", _ARRAY),
    Known(0, b"MATLAB 5.0", "an array of MATLAB", _ARRAY),
    Known(0, b"<!doctype", "a web page", "Save the picture on it, not the page."),
    Known(0, b"<html", "a web page", "Save the picture on it, not the page."),
    Known(0, b"<?xml", "an XML text", _NO_PICTURE.format(FORMATS_IN_WORDS)),
)  # fmt: skip


def not_a_picture(data: bytes) -> str:
    """Why a file that no parser of ours takes is refused, and what to do: two sentences."""
    known = known_kind(data)
    if known is None:
        return f"Not an image, or its header is damaged. Use {FORMATS_IN_WORDS}."
    words, advice = known
    return f"Not an image that can be read: it is {words}. {advice}"


def known_kind(data: bytes) -> tuple[str, str] | None:
    """What a file is and what to do with it, if its first bytes tell, or the header of a JPEG's frame."""
    start = data[:LOOKED_AT]
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:5] == b"<?xml" and b"<svg" in text:
        text = b"<svg"
    for place, magic, words, advice in KNOWN:
        if start[place : place + len(magic)] == magic or (place == 0 and _same_text(text, magic)):
            return words, advice
    if not start.strip(b"\0"):
        return "a file of zeros", "It was not copied whole: copy it again from where it came."
    if _is_tga(start):
        return "a TGA picture", _MAGICK.format("tga")
    if _is_cursor(start):
        return "a Windows cursor (CUR)", _MAGICK.format("cur")
    if _is_text(start):
        return "a text", _NO_PICTURE.format(FORMATS_IN_WORDS)
    jpeg = unread_jpeg(data)
    return (jpeg, _SAVE) if jpeg else None


def _same_text(text: bytes, magic: bytes) -> bool:
    """Whether a text begins so, in capitals or not; only for signs that are words."""
    return magic.isascii() and len(magic) > 3 and text[: len(magic)].lower() == magic.lower()


def _is_tga(start: bytes) -> bool:
    """Whether the header is one of Truevision's: it has no sign of its own, so that all its fields are looked at."""
    if len(start) < 18 or start[1] > 1 or start[2] not in {1, 2, 3, 9, 10, 11}:
        return False
    width, height = int.from_bytes(start[12:14], "little"), int.from_bytes(start[14:16], "little")
    return start[16] in {8, 15, 16, 24, 32} and 0 < width <= 16_384 and 0 < height <= 16_384 and start[1] == (
        start[2] in {1, 9})  # fmt: skip


def _is_cursor(start: bytes) -> bool:
    return start[:4] == b"\0\0\2\0" and 0 < int.from_bytes(start[4:6], "little") < 256


def _is_text(start: bytes) -> bool:
    """Whether it is letters; a letter that the end cuts in two does not matter."""
    try:
        text = start[: max(1, len(start) - 3)].decode()
    except UnicodeDecodeError as error:
        text = start[: error.start].decode() if error.start > LOOKED_AT - 8 else ""
    return (
        len(text) > 8
        and not start.startswith(_READ_AS_TEXT)
        and all(sign.isprintable() or sign.isspace() for sign in text)
    )
