"""Makes the sample that ships: `.venv/bin/python -m scripts.make_training_sample DATA`, the JPEG copies of CIFAR-10.

DATA holds train/CLASS/*.jpg and test/CLASS/*.jpg; the first pictures of each class, by name, are taken as they are. The
same pictures give the same archive, byte for byte.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

from resnext_viz.training.data.sample import ARCHIVE, TEST_EACH, TRAIN_EACH


def sample_files(data: Path) -> list[Path]:
    """The pictures that the sample is made of."""
    return [
        path
        for split, count in (("train", TRAIN_EACH), ("test", TEST_EACH))
        for folder in sorted((data / split).iterdir())
        for path in sorted(folder.glob("*.jpg"))[:count]
    ]


def write_sample(data: Path, archive: Path) -> int:
    """Fills the archive; gives the number of pictures in it."""
    files = sample_files(data)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in files:
            # Without the file's own time, so that the archive depends on the pictures alone.
            out.writestr(zipfile.ZipInfo(path.relative_to(data).as_posix()), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return len(files)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, metavar="DATA")
    print(f"{write_sample(parser.parse_args().data, ARCHIVE)} pictures, {ARCHIVE.stat().st_size:,} bytes")  # noqa: T201
