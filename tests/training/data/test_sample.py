"""The sample that ships: what is in it, that its pictures are CIFAR-10's copies, and how it is unpacked."""

from collections import Counter
from pathlib import Path

from PIL import Image

from resnext_viz.training.data.sample import ARCHIVE, sample_classes, unpacked
from scripts.make_training_sample import write_sample

COPIES = Path(__file__).parents[2] / "data" / "cifar10"  # of test pictures, from the same copies
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")  # its own order


def test_the_sample_has_ten_classes_of_small_pictures_and_is_mended(tmp_path: Path) -> None:
    assert sample_classes() == CIFAR10
    assert ARCHIVE.stat().st_size < 3_000_000
    folder = unpacked(ARCHIVE, tmp_path)
    files = sorted(folder.rglob("*.jpg"))
    expected = {("train", name): 200 for name in CIFAR10} | {("test", name): 50 for name in CIFAR10}
    assert Counter((path.parts[-3], path.parts[-2]) for path in files) == expected
    for path in files[::97]:
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("JPEG", (32, 32))
    for ours in COPIES.rglob("0000.jpg"):
        assert (folder / "test" / ours.parent.name / ours.name).read_bytes() == ours.read_bytes()
    files[5].unlink()  # somebody tidied up
    assert unpacked(ARCHIVE, tmp_path) == folder
    assert len(list(tmp_path.rglob("*.jpg"))) == 2500
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_the_same_pictures_give_the_same_archive(tmp_path: Path) -> None:
    whole = unpacked(ARCHIVE, tmp_path / "all")
    write_sample(whole, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == ARCHIVE.read_bytes()
