"""Files of pictures -> pixels in memory, as `predict` sees them, thousands at a time.

The decoder is that of `predict`, without what guards it against strangers (a lock, a process of its own): the files are
one's own. Small pictures are decoded one after the other, because threads that hand Python's lock to each other for
30 µs of decoding take three times as long; large ones in threads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.decode import decode_unguarded
from resnext_viz.inference.photos.picture_formats import pillow_at_ease
from resnext_viz.inference.photos.preprocess import CIFAR
from resnext_viz.inference.photos.uploaded import decode_photo
from resnext_viz.kit.number_format import byte_size
from resnext_viz.training.data.data_error import DataError
from resnext_viz.training.data.host_memory import available_bytes

Progress = Callable[[int, int], None]  # pictures done, pictures in all
_SMALL_BYTES = 32 * 1024  # of a file; decoding larger ones takes longer than changing threads
_MOST_THREADS = 8  # each may hold a picture of a few million pixels in two copies
_LARGE_BYTES = 4 * 1024**2  # of a file; a picture of 50 million pixels takes 400 MB in two copies
_ROOM_FOR_LARGE = threading.BoundedSemaphore(2)
_SHOWN_EVERY = 200  # pictures between two signs of life
LOCAL_PROCESSES = "LOCAL_WORLD_SIZE"  # torchrun's word for how many there are on this machine
_USABLE_SHARE = 0.8  # of the memory that is available


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width:,}×{self.height:,}"


@dataclass(frozen=True)
class DecodedFiles:
    """What came of a list of files.

    Attributes:
        pixels: `(N, 3, side, side)` uint8, of the files that could be read.
        rows: which of the files these are.
        sizes: of the smallest and of the largest picture as it was found, upright.
        broken: one line for each file that was left out.
    """

    pixels: NDArray[np.uint8]
    rows: tuple[int, ...]
    sizes: tuple[Size, Size]
    broken: tuple[str, ...]


def check_memory(count: int, side: int) -> None:
    """Refuses so many pictures that they would not fit into memory, before any is read.

    Each process that torchrun started here holds them all.

    Raises:
        DataError: with what would fit.
    """
    processes = int(os.environ.get(LOCAL_PROCESSES, "1"))
    needed, there = processes * count * 3 * side * side, available_bytes()
    if there is None or needed <= _USABLE_SHARE * there:
        return
    fitting = int((_USABLE_SHARE * there / (3 * count * processes)) ** 0.5)
    by = f" in {processes} processes" if processes > 1 else ""
    raise DataError(
        f"{count:,} pictures of {side}×{side} px take {byte_size(needed, 1)} of memory{by}, and {byte_size(there, 1)} "
        f"are free; use --image-size {fitting} or less, or fewer pictures"
    )


def decode_files(
    paths: Sequence[Path], side: int, skip_broken: bool = False, progress: Progress | None = None
) -> DecodedFiles:
    """The pictures in `paths`, each cut to its centre square and resized to `side`.

    Raises:
        DataError: a file cannot be read and is not to be skipped, or none can.
    """
    pixels = np.empty((len(paths), 3, side, side), np.uint8)
    rows: list[int] = []
    sizes: list[Size] = []
    broken: list[str] = []
    for row, (size, problem) in enumerate(_each(partial(_fill, pixels, paths, side), paths)):
        if size is not None:
            if len(rows) < row:
                pixels[len(rows)] = pixels[row]
            rows.append(row)
            sizes.append(size)
        elif skip_broken:
            broken.append(problem)
        else:
            raise DataError(f"{problem} Or remove it; `train` leaves such files out by --skip-broken.")
        if progress and ((row + 1) % _SHOWN_EVERY == 0 or row + 1 == len(paths)):
            progress(row + 1, len(paths))
    if not rows:
        raise DataError(f"none of the {len(paths):,} pictures can be read; the first: {broken[0]}")
    extremes = min(sizes, key=_area), max(sizes, key=_area)
    return DecodedFiles(pixels[: len(rows)], tuple(rows), extremes, tuple(broken))


def centre_square(path: Path, side: int) -> tuple[NDArray[np.uint8], Size]:
    """The square `(side, side, 3)` that a network trained on this size is asked about, and the picture's own size.

    Raises:
        ImageError: the file is no picture that can be read.
    """
    with _ROOM_FOR_LARGE if _is_large(path) else nullcontext():
        return _centre_square(path, side)


def _centre_square(path: Path, side: int) -> tuple[NDArray[np.uint8], Size]:
    decoded = decode_photo(path, "", decode_unguarded, side)
    picture = decoded.image
    # `view` would copy a picture that has the size already three times.
    view = picture if picture.size == (side, side) else replace(CIFAR, crop=side).view(picture)
    return np.asarray(view), Size(decoded.width, decoded.height)


def _is_large(path: Path) -> bool:
    """Whether the file is one of a large picture, probably."""
    return path.is_file() and path.stat().st_size > _LARGE_BYTES


def _fill(pixels: NDArray[np.uint8], paths: Sequence[Path], side: int, row: int) -> tuple[Size | None, str]:
    """Puts one file's picture into its row; its size, or what is wrong with it."""
    try:
        square, size = centre_square(paths[row], side)
    except ImageError as error:
        return None, f"{paths[row]} cannot be used: {error}"
    pixels[row] = square.transpose(2, 0, 1)
    return size, ""


def _each(fill: Callable[[int], tuple[Size | None, str]], paths: Sequence[Path]) -> Iterator[tuple[Size | None, str]]:
    """What `fill` gives for each row, in order."""
    with pillow_at_ease():  # for all threads at once
        if _are_small(paths):
            yield from map(fill, range(len(paths)))
        else:
            yield from _in_threads(fill, len(paths))


def _in_threads(fill: Callable[[int], tuple[Size | None, str]], count: int) -> Iterator[tuple[Size | None, str]]:
    """As `map`, a few rows ahead of the one that is waited for."""
    threads = min(_MOST_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4)
    rows = iter(range(count))
    with ThreadPoolExecutor(threads) as pool:
        ahead: list[Future[tuple[Size | None, str]]] = [pool.submit(fill, row) for row in islice(rows, 4 * threads)]
        try:
            while ahead:
                result = ahead.pop(0).result()
                ahead += [pool.submit(fill, row) for row in islice(rows, 1)]
                yield result
        finally:
            pool.shutdown(cancel_futures=True)


def _are_small(paths: Sequence[Path]) -> bool:
    """Whether files are small by and large, judged by a few of them."""
    some = paths[:: max(1, len(paths) // 20)]
    found = [path.stat().st_size for path in some if path.is_file()]
    return sum(found) <= _SMALL_BYTES * len(found)


def _area(size: Size) -> int:
    return size.width * size.height
