from pathlib import Path

import pytest
import torch
from PIL import Image

from resnext_viz.training.data.data_report import data_summary, notes, shared_pictures, suited_side
from resnext_viz.training.data.labelled_images import LabelledImages, read_splits
from tests.support.pictures import cifar_download, picture_tree


def labelled(images: torch.Tensor, labels: list[int], notes: tuple[str, ...] = ()) -> LabelledImages:
    return LabelledImages(images, torch.tensor(labels), ("cat", "dog"), notes=notes)


def test_classes_and_sizes_are_told_as_found(tmp_path: Path) -> None:
    root = picture_tree(tmp_path, train=2, test=1, side=20)
    Image.new("RGB", (64, 30)).save(root / "test" / "dark" / "large.png")
    Image.new("RGB", (8, 40)).save(root / "train" / "dark" / "narrow.png")
    assert list(data_summary(*read_splits(root, 16))) == [
        "classes: bright, dark, middle",
        "sizes: 8×40 to 64×30 px; centre square of each resized to 16×16 px, bicubic",
    ]
    assert list(data_summary(*read_splits(cifar_download(tmp_path / "cifar"), 32))) == [
        "classes: class0, class1, class2, class3, class4 and 5 more",
        "sizes: 32×32 px; used as they are",
    ]


def test_test_pictures_that_were_trained_on_are_counted() -> None:
    pictures = torch.arange(6 * 3 * 4 * 4).reshape(6, 3, 4, 4).to(torch.uint8)
    pictures[5, 0, 0, 0] += 1  # one value away from being the same
    train_set = labelled(pictures[[0, 1, 2, 3]], [0, 0, 1, 1], notes=("said before",))
    test_set = labelled(
        torch.stack([pictures[2], pictures[1], pictures[1], pictures[5]]), [0, 1, 1, 0], ("said before",)
    )
    assert shared_pictures(train_set, test_set) == 3
    said = notes(train_set, test_set)
    assert said[0] == "said before"
    assert len(said) == 2
    assert said[1].startswith("3 of 4 test pictures are also among the training pictures")


def test_very_unequal_classes_are_said() -> None:
    images = torch.arange(21 * 3).reshape(21, 3, 1, 1).to(torch.uint8)
    assert notes(labelled(images, [0] * 19 + [1] * 2), labelled(images[:0], [])) == ()  # 9.5 times as many
    assert notes(labelled(images[1:], [1] * 18 + [0] * 2), labelled(images[:0], [])) == ()
    assert notes(labelled(images, [1] * 20 + [0]), labelled(images[:0], [])) == (
        "very unequal classes: 1 pictures of 'cat' to train on and 20 of 'dog'",
    )


@pytest.mark.parametrize(("side", "suited"), [(16, 32), (63, 32), (64, 64), (200, 64)])
def test_a_network_that_nobody_chose_gets_a_size_that_suits_the_pictures(
    tmp_path: Path, side: int, suited: int
) -> None:
    root = picture_tree(tmp_path, train=2, test=1, side=side)
    (root / "train" / "bright" / "000.png").write_bytes(b"no picture")
    assert suited_side(root) == suited


def test_the_download_is_used_as_it_is(tmp_path: Path) -> None:
    assert suited_side(cifar_download(tmp_path)) == 32
