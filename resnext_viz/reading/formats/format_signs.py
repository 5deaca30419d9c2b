"""Signs by which a kind of file is told, each a question to how it begins and ends.

Each sign is its format's own and documented: torch's zips hold `data.pkl`, a FlatBuffer bears its mark behind four
bytes, a protocol buffer opens with the fields of its message.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from resnext_viz.reading.formats.file_start import Field, FileStart, fields_of

Sign = Callable[[FileStart], bool]

_TORCHS_NUMBER = b"l\xfc\x9cF\xf9 j\xa8P\x19"  # with which torch's older files open
_PICTURES = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP  ", b"\0\0\x01\0\x01\0",
    b"8BPS", b"\xff\x0a",
)  # fmt: skip
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_HEIFS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")
_TENSORFLOWS_TABLE = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"  # at the end


def begins(*starts: bytes) -> Sign:
    """The file begins with one of these."""
    return lambda file: file.head.startswith(starts)


def bears(*marks: bytes) -> Sign:
    """One of these stands behind its first four bytes, as in a FlatBuffer."""
    return lambda file: file.head[4:8] in marks


def says(pattern: str) -> Sign:
    """It is a text that begins with such words."""
    return lambda file: re.match(pattern, file.text, re.IGNORECASE | re.DOTALL) is not None


def holds(*patterns: str) -> Sign:
    """It is a zip with a file for each of these names, in whatever folder."""
    return lambda file: all(
        any(re.fullmatch(f"(.+/)?{pattern}", name) for name in file.zip_names) for pattern in patterns
    )


def either(*signs: Sign) -> Sign:
    """One of the signs, at least."""
    return lambda file: any(sign(file) for sign in signs)


def is_empty(file: FileStart) -> bool:
    """No byte."""
    return file.size == 0


def is_blank(file: FileStart) -> bool:
    """Nothing but zeros, as far as it is looked at."""
    return not file.head.strip(b"\0")


def is_text(file: FileStart) -> bool:
    """A text of any kind."""
    return bool(file.text)


def is_safetensors(file: FileStart) -> bool:
    """A header of JSON behind its length, which is below 4 GB."""
    return file.head[4:9] == bytes(4) + b"{"


def opens_with_data(file: FileStart) -> bool:
    """A zip whose first file is a tensor's: torch.jit writes them before the rest, torch.save behind it."""
    return re.fullmatch(r".+/data/0", "".join(file.zip_names[:1])) is not None


def is_torchs_pickle(file: FileStart) -> bool:
    """A pickle as torch wrote it before it wrote zips."""
    return file.head[:1] == b"\x80" and _TORCHS_NUMBER in file.head[:24]


def is_other_pickle(file: FileStart) -> bool:
    """A pickle of protocol 2 to 5 that torch did not write."""
    return file.head[:1] == b"\x80" and file.head[1:2] in (b"\2", b"\3", b"\4", b"\5") and not is_torchs_pickle(file)


def is_zip_of_arrays(file: FileStart) -> bool:
    """A zip of NumPy's arrays and nothing else."""
    return bool(file.zip_names) and all(name.endswith(".npy") for name in file.zip_names)


def is_picture(file: FileStart) -> bool:
    """A photo or a drawing, of whatever format people have."""
    is_webp = file.head[:4] == b"RIFF" and file.head[8:12] == b"WEBP"
    is_heif = file.head[4:8] == b"ftyp" and file.head[8:12] in _HEIFS
    is_bitmap = file.head[:2] == b"BM" and int.from_bytes(file.head[2:6], "little") == file.size
    return file.head.startswith(_PICTURES) or is_webp or is_heif or is_bitmap


def is_packed(file: FileStart) -> bool:
    """Packed by gzip, bzip2, xz, zstd, 7-Zip, RAR or tar."""
    return file.head.startswith(_PACKED) or file.head[257:262] == b"ustar"


def is_executorch(file: FileStart) -> bool:
    """ExecuTorch's mark with its version."""
    return re.match(rb"ET\d\d", file.head[4:8]) is not None


def is_tensorflows_table(file: FileStart) -> bool:
    """A table of TensorFlow's, which ends with its number."""
    return file.tail.endswith(_TENSORFLOWS_TABLE)


def is_darknet(file: FileStart) -> bool:
    """Three whole numbers of a version, 0.1.0 to 0.2.5, before the count of pictures seen."""
    major, minor, revision = (int.from_bytes(file.head[at : at + 4], "little") for at in (0, 4, 8))
    return file.size > 20 and major == 0 and minor in (1, 2) and revision <= 5


def is_torch7(file: FileStart) -> bool:
    """Lua's objects and tables, by a number each, and in them the version of the first class."""
    is_binary = file.head[:4] in (b"\4\0\0\0", b"\3\0\0\0") and b"\3\0\0\0V 1" in file.head[:64]
    return is_binary or re.match(r"[34]\n1\n(.{0,40}\n)*?3\nV 1\n", file.text) is not None


def is_onnx(file: FileStart) -> bool:
    """A version of 3 or more, then who wrote it, in a text, or at once the graph or its operators."""
    if _version(file) < 3:
        return False
    number, value = file.fields[1]
    return value == b"" or bool(_text_of(value)) if number == 2 else number in range(3, 9)


def is_core_ml(file: FileStart) -> bool:
    """A version, then a description whose first part is an input with its name."""
    if not _version(file) or file.fields[1][0] != 2:
        return False
    described = _inner(file.fields[1])
    named = _inner(described[0]) if described else ()
    return bool(named) and named[0][0] == 1 and bool(_text_of(named[0][1]))


def is_saved_model(file: FileStart) -> bool:
    """Version 1, then a graph with what belongs to it."""
    return _version(file) == 1 and file.fields[1][0] == 2 and isinstance(file.fields[1][1], bytes)


def is_tensorflows_graph(file: FileStart) -> bool:
    """Nodes, each with a name and an operation; or what a checkpoint's .meta has before them."""
    second = _inner(file.fields[1]) if [number for number, _ in file.fields[:2]] == [1, 2] else ()
    return any(
        [number for number, _ in node[:2]] == [1, 2] and all(_text_of(value) for _, value in node[:2])
        for node in (_first_part(file), _inner(second[0]) if second else ())
    )


def is_paddle(file: FileStart) -> bool:
    """PaddlePaddle's blocks, each with its number and its parent's."""
    block = _first_part(file)[:2]
    return [number for number, _ in block] == [1, 2] and all(isinstance(value, int) for _, value in block)


def is_caffe(file: FileStart) -> bool:
    """A network's name, then its layers, in the older or the newer field."""
    numbers = [number for number, _ in file.fields[:2]]
    return numbers in ([1, 2], [1, 100]) and bool(_text_of(file.fields[0][1]))


def is_message_pack(file: FileStart) -> bool:
    """A map with a text as its first key, and a map or an array of flax as its first value."""
    head = file.head
    start = {0xDE: 3, 0xDF: 5}.get(head[0], 1 if 0x81 <= head[0] <= 0x8F else 0) if head else 0
    if not start or len(head) < start + 2:
        return False
    if 0xA1 <= head[start] <= 0xBF:
        key = slice(start + 1, start + 1 + (head[start] & 31))
    elif head[start] == 0xD9:
        key = slice(start + 2, start + 2 + head[start + 1])
    else:
        return False
    value = head[key.stop] if key.stop < len(head) else 0
    return bool(_text_of(head[key])) and (0x80 <= value <= 0x8F or value in (0xDE, 0xDF, 0xC7, 0xC8, 0xC9))


def _version(file: FileStart) -> int:
    """The version that a model opens with, before something else; 0 if it opens otherwise."""
    number, value = file.fields[0] if len(file.fields) > 1 else (0, 0)
    return value if number == 1 and isinstance(value, int) and value < 100 else 0


def _text_of(value: int | bytes) -> str:
    """The text in a field, empty if it is none."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
    return text if text.isprintable() and "\ufffd" not in text else ""


def _inner(field: Field) -> tuple[Field, ...]:
    return fields_of(field[1]) if isinstance(field[1], bytes) else ()


def _first_part(file: FileStart) -> tuple[Field, ...]:
    """The fields of the message that the file opens with."""
    return _inner(file.fields[0]) if file.fields and file.fields[0][0] == 1 else ()
