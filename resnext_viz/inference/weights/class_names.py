"""A file of class names -> the names in the order of the outputs: a JSON list or object, or one name a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from resnext_viz.inference.errors import CheckpointError

MAX_FILE_BYTES = 4 * 1024**2
MAX_NAME_LENGTH = 200


def read_class_names(source: Path | str | bytes) -> tuple[str, ...]:
    """The names in `source`, a file or its bytes.

    Understood: `["cat", "dog"]`, `{"0": "cat", "1": "dog"}`, `{"0": ["n02123045", "tabby"]}` (the last counts),
    `{"cat": 0, "dog": 1}`, and lines of text.

    Raises:
        CheckpointError: none of these, or numbers that leave gaps.
    """
    text = _text(source)
    if text.lstrip()[:1] in ("[", "{"):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            raise CheckpointError(
                "The class-name file looks like JSON but is not; repair it, or write one name a line."
            ) from None
        names = _from_list(content) if isinstance(content, list) else _from_object(content)
    else:
        names = [line.strip() for line in text.strip().splitlines()]
    return check_class_names(names)


def check_class_names(names: Sequence[object]) -> tuple[str, ...]:
    """`names` if they can be shown.

    Raises:
        CheckpointError: none there, or one is empty, too long or no text.
    """
    for number, name in enumerate(names):
        if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME_LENGTH or not _is_unicode(name):
            raise CheckpointError(
                f"Class {number} has no usable name; give each class a text of 1 to {MAX_NAME_LENGTH} characters."
            )
    if not names:
        raise CheckpointError("The class-name file holds no names; write one name a line.")
    return tuple(map(str, names))


def _is_unicode(name: str) -> bool:
    r"""Whether `name` can be sent to a browser; half of a pair of surrogates, as JSON's "\ud83d" alone, cannot."""
    return name.isascii() or name.encode("utf-8", "replace").decode("utf-8") == name


def _text(source: Path | str | bytes) -> str:
    try:
        if not isinstance(source, bytes):
            with Path(source).open("rb") as file:
                source = file.read(MAX_FILE_BYTES + 1)
        if len(source) > MAX_FILE_BYTES:
            raise CheckpointError(
                f"The class-name file has more than {MAX_FILE_BYTES // 1024**2} MB; use one with names only."
            )
        return source.decode("utf-8-sig")
    except OSError as error:
        raise CheckpointError(
            f"The class-name file cannot be read ({error.strerror or error}); check its path."
        ) from None
    except ValueError:  # no UTF-8, or a path with a zero byte
        raise CheckpointError("The class-name file is not UTF-8 text; save it as UTF-8 or JSON.") from None


def _from_list(content: list[object]) -> list[object]:
    return [_last(entry) for entry in content]


def _from_object(content: dict[str, object]) -> list[object]:
    """Names in the order of their numbers, whichever side the numbers are on."""
    if content and all(isinstance(value, int) for value in content.values()):
        numbered: dict[str, object] = {str(number): name for name, number in content.items()}
    else:
        numbered = content
    names = [numbered.get(str(number)) for number in range(len(numbered))]
    if None in names:
        raise CheckpointError(
            f"The class-name file has {len(numbered)} names but no number {names.index(None)}; "
            "number the classes from 0 without gaps."
        )
    return [_last(name) for name in names]


def _last(entry: object) -> object:
    return entry[-1] if isinstance(entry, list) and entry else entry
