"""The folder of a teacher's lessons: its files are read within bounds, and each that is no lesson is told of in words.

A file comes from whoever may write there, so links are not followed, and no file is read further than a lesson goes.
"""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resnext_viz.kit.natural_order import natural_order
from resnext_viz.lessons.lesson import Lesson
from resnext_viz.lessons.teacher.file_format import LessonFileError, check_lesson
from resnext_viz.lessons.teacher.own_lesson import OwnFacts, own_lesson

FOLDER_VARIABLE = "RESNEXT_VIZ_LESSONS"
SUFFIXES = (".json", ".toml")
LARGEST_BYTES = 64_000
MOST_FILES = 50


def own_lessons(first: int, folder: Path | None = None) -> tuple[tuple[Lesson[OwnFacts], ...], tuple[str, ...]]:
    """The lessons of a folder in the order of its files' names, and a sentence on each file that is none.

    Args:
        first: the number of the first one.
        folder: where they lie; what `RESNEXT_VIZ_LESSONS` names if None, and nothing where that is not set.
    """
    named = os.environ.get(FOLDER_VARIABLE, "")
    where = Path(named) if folder is None and named else folder
    if where is None:
        return (), ()
    try:
        paths = _files(where)
    except OSError as error:
        return (), (f"{FOLDER_VARIABLE}: the folder {str(where)[:200]!r} cannot be read: {error.strerror}",)
    lessons: list[Lesson[OwnFacts]] = []
    complaints = []
    if len(paths) > MOST_FILES:
        complaints.append(f"{FOLDER_VARIABLE}: the folder has {len(paths):,} lessons; the first {MOST_FILES} are taken")
    for path in paths[:MOST_FILES]:
        try:
            written = check_lesson(_record(path))
            lessons.append(own_lesson(written, f"own.{path.name}", first + len(lessons)))
        except LessonFileError as error:
            complaints.append(f"{path.name}: {error}")
    return tuple(lessons), tuple(complaints)


def _files(folder: Path) -> Sequence[Path]:
    found = (path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted(found, key=lambda path: natural_order(path.name))


def _record(path: Path) -> Any:
    text = _text(path)
    try:
        return tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        kind = path.suffix[1:].upper()
        raise LessonFileError(f"the file is no {kind}: {str(error)[:200] or 'it is nested too deep'}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys stand once; a second one would silently take the first one's place."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for number, (key, _) in enumerate(pairs) if key in dict(pairs[:number]))
        raise LessonFileError(f"{twice[:40]!r} stands twice in one object; write each key once")
    return found


def _text(path: Path) -> str:
    content = _content(path)
    if len(content) > LARGEST_BYTES:
        raise LessonFileError(f"the file has more than {LARGEST_BYTES:,} bytes; a lesson is a page of text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LessonFileError(f"the file is no UTF-8 from byte {error.start:,} on; save it as UTF-8") from error


def _content(path: Path) -> bytes:
    """The first bytes of a plain file, one more than are allowed."""
    if path.is_symlink():
        raise LessonFileError("the file is a link, which is not followed; put the file itself there")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # before it is opened: a device or a pipe may do anything then
            raise LessonFileError("it is no plain file; put a file of text there")
        with open(path, "rb", opener=lambda name, _: os.open(name, flags)) as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise LessonFileError(f"the file cannot be read: {error.strerror}") from error
