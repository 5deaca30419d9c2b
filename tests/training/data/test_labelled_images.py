import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnext_viz.training.data import cifar
from resnext_viz.training.data.labelled_images import DataError, LabelledImages, find_files, read_images, read_splits
from tests.support.pictures import CLASSES, Canary, cifar100_download, cifar_download, picture_tree


def test_a_tree_is_read_pixel_by_pixel_in_the_order_of_names(tmp_path: Path) -> None:
    train_set, test_set = read_splits(picture_tree(tmp_path, train=4, test=2), 16)
    assert (train_set.classes, train_set.images.shape, test_set.images.shape) == (
        CLASSES,
        (12, 3, 16, 16),
        (6, 3, 16, 16),
    )
    assert train_set.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    expected = np.asarray(Image.open(tmp_path / "train" / "dark" / "001.png")).transpose(2, 0, 1)
    assert (train_set.images[5].numpy() == expected).all()
    assert train_set.side == 16


def test_other_sizes_are_cut_to_the_centre_square_and_resized(tmp_path: Path) -> None:
    picture_tree(tmp_path, train=1)
    strip = np.zeros((10, 30, 3), np.uint8)
    strip[:, 10:20] = 255
    Image.fromarray(strip).save(tmp_path / "train" / "bright" / "000.png")
    assert bool((read_images(tmp_path, "train", 16).images[0] == 255).all())


def test_val_stands_in_for_test_and_hidden_folders_do_not_count(tmp_path: Path) -> None:
    picture_tree(tmp_path)
    (tmp_path / "test").rename(tmp_path / "val")
    (tmp_path / "val" / ".checkpoints").mkdir()
    (tmp_path / "val" / "dark" / "notes.txt").write_text("no picture")
    assert len(find_files(tmp_path, "test").paths) == 9


def test_the_download_is_read_as_torchvision_reads_it(tmp_path: Path) -> None:
    from torchvision.datasets import CIFAR10

    cifar_download(tmp_path)
    ours = read_images(tmp_path, "train", 32)
    theirs = CIFAR10.__new__(CIFAR10)  # its constructor insists on the published hashes
    theirs.root, theirs.train = str(tmp_path), True
    theirs.transform = theirs.target_transform = None
    theirs.data, theirs.targets = [], []
    for name, _ in CIFAR10.train_list:
        entry = pickle.loads((tmp_path / CIFAR10.base_folder / name).read_bytes(), encoding="latin1")
        theirs.data.append(entry["data"])
        theirs.targets.extend(entry["labels"])
    theirs.data = np.vstack(theirs.data).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    assert len(ours.labels) == 20
    for i, (image, label) in enumerate(theirs):
        assert (ours.images[i].permute(1, 2, 0).numpy() == np.asarray(image)).all()
        assert ours.labels[i] == label
    assert ours.classes == tuple(f"class{i}" for i in range(10))
    assert len(read_images(tmp_path / "cifar-10-batches-py", "test", 32).labels) == 4


@pytest.mark.parametrize("file", ["data_batch_3", "batches.meta"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, file: str) -> None:
    cifar_download(tmp_path)
    canary = tmp_path / "canary"
    (tmp_path / "cifar-10-batches-py" / file).write_bytes(pickle.dumps({"data": Canary(canary), "label_names": []}))
    with pytest.raises(DataError, match="open, which no CIFAR file does"):
        read_images(tmp_path, "train", 32)
    assert not canary.exists()


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def no_pickle(path: Path) -> None:
    path.write_bytes(b"\x80\xff junk")


def wrong_shape(path: Path) -> None:
    path.write_bytes(pickle.dumps({"data": np.zeros((4, 12), np.uint8), "labels": [0] * 4}))


def wrong_label(path: Path) -> None:
    path.write_bytes(pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [10]}))


def no_dictionary(path: Path) -> None:
    path.write_bytes(pickle.dumps([1, 2]))


@pytest.mark.parametrize("harm", [Path.unlink, cut_short, no_pickle, wrong_shape, wrong_label, no_dictionary])
def test_a_damaged_download_is_told_in_words(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    cifar_download(tmp_path)
    harm(tmp_path / "cifar-10-batches-py" / "data_batch_2")
    with pytest.raises(DataError, match="not a whole CIFAR-10 download .*fetch it again"):
        read_images(tmp_path, "train", 32)


def test_another_size_of_the_download_is_the_one_that_predict_makes(tmp_path: Path) -> None:
    as_it_is, larger = (read_images(cifar_download(tmp_path / str(side)), "test", side) for side in (32, 48))
    for picture, resized in zip(as_it_is.images, larger.images, strict=True):
        expected = Image.fromarray(picture.permute(1, 2, 0).numpy()).resize((48, 48), Image.Resampling.BICUBIC)
        assert (resized.permute(1, 2, 0).numpy() == np.asarray(expected)).all()


def test_cifar100_has_its_hundred_fine_classes(tmp_path: Path) -> None:
    cifar100_download(tmp_path)
    cifar_download(tmp_path / "beside")
    train_set, test_set = read_splits(tmp_path, 32)
    assert (len(train_set.classes), train_set.classes[99], len(test_set.labels)) == (100, "fine99", 4)
    entry = pickle.loads((tmp_path / "cifar-100-python" / "train").read_bytes(), encoding="latin1")
    assert train_set.labels.tolist() == entry["fine_labels"]
    assert (train_set.images.numpy() == entry["data"].reshape(-1, 3, 32, 32)).all()
    (tmp_path / "cifar-100-python" / "test").unlink()
    with pytest.raises(DataError, match="not a whole CIFAR-100 download .*fetch it again"):
        read_splits(tmp_path / "cifar-100-python", 32)


@pytest.mark.parametrize("name", cifar.DOWNLOADS)
def test_files_are_called_as_torchvision_calls_them(name: str) -> None:
    import torchvision

    theirs, ours = getattr(torchvision.datasets, name.upper()), cifar.DOWNLOADS[name]
    assert (ours.folder, ours.names_file, ours.names) == (
        theirs.base_folder,
        theirs.meta["filename"],
        theirs.meta["key"],
    )
    assert ours.batches == {
        "train": tuple(file for file, _ in theirs.train_list),
        "test": tuple(file for file, _ in theirs.test_list),
    }


def remove_tree(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def remove_test(root: Path) -> None:
    (root / "test").rename(root / "other")


def empty_class(root: Path) -> None:
    (root / "train" / "zebra").mkdir()


def other_class(root: Path) -> None:
    (root / "test" / "dark").rename(root / "test" / "zebra")


def one_class(root: Path) -> None:
    for name in ("dark", "middle"):
        (root / "train" / name).rename(root / name)


def broken_picture(root: Path) -> None:
    (root / "train" / "dark" / "000.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")


def empty_picture(root: Path) -> None:
    (root / "train" / "dark" / "000.png").write_bytes(b"")


def picture_bomb(root: Path) -> None:
    size = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    content = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    (root / "train" / "dark" / "000.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)


def dangling_link(root: Path) -> None:
    (root / "train" / "dark" / "zzz.png").symlink_to(root / "nowhere.png")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (remove_tree, "is no folder"),
        (remove_test, "has no folder 'test', 'val' or 'valid'"),
        (empty_class, "no pictures .* in 'zebra'"),
        (other_class, r"differ in their classes \('dark', 'zebra'\)"),
        (one_class, "has 1 folder of pictures"),
        (broken_picture, "000.png cannot be used"),
        (empty_picture, "000.png cannot be used: The file is empty"),
        (picture_bomb, "000.png cannot be used: .*pixels"),
        (dangling_link, "zzz.png cannot be used: There is no such file"),
    ],
)
def test_what_is_wrong_with_the_data_is_told_in_words(tmp_path: Path, harm: Callable[[Path], None], words: str) -> None:
    root = picture_tree(tmp_path / "data")
    harm(root)
    with pytest.raises(DataError, match=words):
        read_splits(root, 16)


def test_mean_and_deviation_are_torchs_over_all_pixels() -> None:
    images = torch.randint(256, (9000, 3, 4, 4), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    images[:, 1] //= 3
    mean, std = LabelledImages(images, torch.zeros(9000), ("a", "b")).mean_and_std()
    pixels = images.double() / 255
    assert mean == pytest.approx(pixels.mean((0, 2, 3)).tolist(), abs=5.1e-5)
    assert std == pytest.approx(pixels.std((0, 2, 3)).tolist(), abs=5.1e-5)


def test_pictures_of_one_colour_can_still_be_normalised() -> None:
    _, std = LabelledImages(torch.full((2, 3, 4, 4), 7, dtype=torch.uint8), torch.zeros(2), ("a", "b")).mean_and_std()
    assert min(std) > 0
