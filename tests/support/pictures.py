"""Data folders for training tests: pictures whose class is their brightness, as a tree or as a CIFAR download."""

import pickle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CLASSES = ("bright", "dark", "middle")
_LEVELS = {"bright": 200, "dark": 40, "middle": 120}


def noise(level: int, side: int, seed: int) -> NDArray[np.uint8]:
    """A picture `(side, side, 3)` around one brightness."""
    spread = np.random.default_rng(seed).integers(-25, 26, (side, side, 3))
    return (level + spread).astype(np.uint8)


def picture_tree(root: Path, train: int = 8, test: int = 3, side: int = 16) -> Path:
    """`root` with so many lossless pictures of each class in train/ and test/."""
    for split, count in (("train", train), ("test", test)):
        for number, name in enumerate(CLASSES):
            folder = root / split / name
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = noise(_LEVELS[name], side, seed=1000 * number + i + (500 if split == "test" else 0))
                Image.fromarray(pixels).save(folder / f"{i:03}.png")
    return root


def cifar_download(root: Path, each: int = 4) -> Path:
    """`root` with the files that torchvision unpacks, `each` pictures in each batch, made as its authors made them."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    names = [f"class{i}" for i in range(10)]
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names, "num_vis": 3072}, protocol=2))
    for number, name in enumerate(
        ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")
    ):
        data = np.random.default_rng(number).integers(0, 256, (each, 3072)).astype(np.uint8)
        batch = {"data": data, "labels": [(number + i) % 10 for i in range(each)], "batch_label": name}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))
    return root


def cifar100_download(root: Path, each: int = 4) -> Path:
    """The same for CIFAR-100, whose pictures have a fine class and a coarse one."""
    folder = root / "cifar-100-python"
    folder.mkdir(parents=True)
    names = {
        "fine_label_names": [f"fine{i}" for i in range(100)],
        "coarse_label_names": [f"coarse{i}" for i in range(20)],
    }
    (folder / "meta").write_bytes(pickle.dumps(names, protocol=2))
    for number, name in enumerate(("train", "test")):
        data = np.random.default_rng(number).integers(0, 256, (each, 3072)).astype(np.uint8)
        labels = {"fine_labels": [(37 * i) % 100 for i in range(each)], "coarse_labels": [i % 20 for i in range(each)]}
        (folder / name).write_bytes(pickle.dumps({"data": data, **labels, "batch_label": name}, protocol=2))
    return root


class Canary:
    """Unpickled, it makes a file: the proof that code in a pickle was run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return open, (str(self.path), "w")
