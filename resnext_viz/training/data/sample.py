"""The sample of data that ships with the package: CIFAR-10's ten classes, 200 pictures of each to train on, 50 to test.

It is one archive of the JPEG files as they are, unpacked once beside the other things that are kept on disk.
`scripts/make_training_sample.py` makes it again.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

SAMPLE = "sample"  # what `train --data` calls it
TITLE = "CIFAR-10, a sample as JPEG copies"
ARCHIVE = Path(__file__).parents[1] / "bundled" / "cifar10_sample.zip"
TRAIN_EACH, TEST_EACH = 200, 50  # pictures of each class


@lru_cache(maxsize=1)
def sample_classes() -> tuple[str, ...]:
    """The names of its classes, in order; nothing is unpacked for it."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        return tuple(sorted({name.split("/")[1] for name in archive.namelist()}))


def sample_folder() -> Path:
    """The sample as a data folder, `train/CLASS/*.jpg` and `test/CLASS/*.jpg`. Loads torch.

    Raises:
        OSError: there is no room for its 2,500 small files.
    """
    from resnext_viz.inference.engines.compiled_cache import cache_folder

    return unpacked(ARCHIVE, cache_folder())


def unpacked(archive: Path, within: Path) -> Path:
    """The folder below `within` with what the archive holds; unpacked if it is not there whole."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    folder = within / f"{archive.stem}-{digest[:16]}"
    with zipfile.ZipFile(archive) as content:
        if all((folder / name).is_file() for name in content.namelist()):
            return folder
        within.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=within, prefix=".unfinished-") as beside:
            content.extractall(beside)
            _take_place(Path(beside), folder)
    return folder


def _take_place(whole: Path, folder: Path) -> None:
    """Puts each file into `folder` at once, over what is there: another process may be doing the same."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(whole.rglob("*")):
        target = folder / path.relative_to(whole)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            path.replace(target)
