"""A stranger's folder is read as torchvision's ImageFolder reads it, or refused in one line that says why."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from resnext_viz.training.data.image_folder import ImageFiles
from resnext_viz.training.data.labelled_images import DataError, find_files


def put(root: Path, *names: str) -> Path:
    """`root` with a small picture under each name."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (len(name) * 9 % 256, 7, 7)).save(path, "PNG")
    return root


def photos(root: Path, count: int = 10) -> Path:
    """Two classes without a split."""
    return put(root, *(f"{name}/{i:02}.jpg" for name in ("cat", "dog") for i in range(count)))


def test_nested_folders_have_torchvisions_order(tmp_path: Path) -> None:
    from torchvision.datasets import ImageFolder

    put(tmp_path / "train", "b/z.png", "b/10.JPG", "b/2.Jpeg", "b/sub/a.png", "b/sub-2/a.webp", "b/sub/deep/er/x.tif",
        "B/one.bmp", "a b/ü.png", "a-b/x.tiff", "a/y.jpeg")  # fmt: skip
    put(tmp_path / "elsewhere", "linked.png")
    (tmp_path / "train" / "a" / "to").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "train" / "b" / "names.txt").write_text("no picture")
    put(tmp_path / "valid", "a/1.png")
    theirs, ours = ImageFolder(str(tmp_path / "train")), find_files(tmp_path, "train")
    assert list(ours.classes) == theirs.classes
    assert [(str(path), label) for path, label in zip(ours.paths, ours.labels, strict=True)] == theirs.samples
    assert len(ours.paths) == 11
    assert ours.notes == ("not read in train/: 1 .txt",)


_WORDS = st.sampled_from(["a", "a b", "a-b", "B", "é", "1"])  # few, so that they meet
_FILES = st.tuples(_WORDS, st.sampled_from([".jpg", ".PNG", ".webp", ".tiff", ".txt", ""])).map("".join)
_PATHS = st.lists(st.tuples(st.lists(_WORDS, min_size=1, max_size=3), _FILES), min_size=6, max_size=20)


@settings(max_examples=40)
@given(paths=_PATHS)
def test_whatever_the_tree_it_is_torchvisions_or_refused(
    paths: list[tuple[list[str], str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from torchvision.datasets import ImageFolder

    root = tmp_path_factory.mktemp("tree")
    put(root / "test", "any/1.png", "other/1.png")
    put(root / "train", "b/b.jpg", "b-b/1.png")
    for folders, file in paths:
        with suppress(OSError):  # a name that is a file already
            Path(root, "train", *folders).mkdir(parents=True, exist_ok=True)
            Path(root, "train", *folders, file).touch()
    try:
        ours = find_files(root, "train")
    except DataError:  # a class without pictures, which torchvision refuses too
        with pytest.raises(FileNotFoundError, match="Found no valid file"):
            ImageFolder(str(root / "train"))
        return
    theirs = ImageFolder(str(root / "train"))
    assert [(str(path), label) for path, label in zip(ours.paths, ours.labels, strict=True)] == theirs.samples


def test_what_systems_leave_behind_is_no_class_and_no_picture(tmp_path: Path) -> None:
    photos(tmp_path / "Train", 1)
    photos(tmp_path / "TEST", 1)
    expected = find_files(tmp_path, "train")
    put(
        tmp_path / "Train", ".ipynb_checkpoints/x.png", "cat/.ipynb_checkpoints/x.png", "cat/._00.jpg", "__MACOSX/x.png"
    )
    for junk in ("Thumbs.db", "cat/Thumbs.db", "dog/desktop.ini", "cat/.DS_Store"):
        (tmp_path / "Train" / junk).write_bytes(b"junk")
    assert find_files(tmp_path, "train") == expected


def names_of(files: ImageFiles, root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in files.paths]


def test_a_folder_without_a_split_is_split_the_same_everywhere(tmp_path: Path) -> None:
    first, second = photos(tmp_path / "first", 30), photos(tmp_path / "second" / "copy", 30)
    train, test = find_files(first, "train"), find_files(first, "test")
    assert names_of(train, first) == names_of(find_files(second, "train"), second)
    assert sorted(names_of(train, first) + names_of(test, first)) == sorted(names_of_all(first))
    assert [test.labels.count(label) for label in (0, 1)] == [3, 3]  # a tenth of each
    assert names_of(test, first) == sorted(names_of(test, first))
    assert names_of(test, first)[:3] != [f"cat/{i:02}.jpg" for i in range(3)]  # drawn, not simply the first
    assert any("10 % of each class" in note and "seed 0" in note for note in test.notes)
    put(first, "cat/one more.png")
    assert len(set(names_of(test, first)) - set(names_of(find_files(first, "test"), first))) <= 1


def names_of_all(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in root.rglob("*.jpg")]


def test_train_may_be_a_class_among_others(tmp_path: Path) -> None:
    put(tmp_path, *(f"{name}/{i}.png" for name in ("bus", "train") for i in range(3)))
    assert find_files(tmp_path, "train").classes == ("bus", "train")


def no_folder(root: Path) -> Path:
    return root / "nowhere"


def an_archive(root: Path) -> Path:
    (root / "photos.zip").write_bytes(b"PK")
    return root / "photos.zip"


def one_class(root: Path) -> Path:
    return put(root, "cat/1.png", "cat/2.png")


def wrapped(root: Path) -> Path:
    photos(root / "photos")
    return root


def no_classes(root: Path) -> Path:
    return put(root, "1.png", "2.png")


def empty_class(root: Path) -> Path:
    (photos(root) / "bird").mkdir()
    return root


def foreign_class(root: Path) -> Path:
    put(photos(root), "bird/1.png")
    (root / "bird" / "1.png").rename(root / "bird" / "1.JP2")
    (root / "bird" / "scan.tga").write_bytes(b"")
    return root


def one_picture(root: Path) -> Path:
    return put(photos(root), "bird/1.png")


def circle(root: Path) -> Path:
    (photos(root) / "cat" / "again").symlink_to(root)
    return root


def link_to_itself(root: Path) -> Path:
    (photos(root) / "cat" / "loop").symlink_to(root / "cat" / "loop")
    return root


def not_unicode(root: Path) -> Path:
    (photos(root) / os.fsdecode(b"caf\xe9")).mkdir()  # as an archive of another age unpacks
    return root


def long_name(root: Path) -> Path:
    (photos(root) / ("long" * 51)).mkdir()
    return root


def no_test(root: Path) -> Path:
    photos(root / "train")
    return root


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (no_folder, "nowhere is no folder"),
        (an_archive, "is a file; unpack it"),
        (one_class, "has 1 folder of pictures, .* at least two are needed$"),
        (wrapped, "at least two are needed; did you mean .*/photos"),
        (no_classes, "has 0 folders of pictures"),
        (empty_class, "no pictures .* in 'bird'; fill"),
        (foreign_class, r"no pictures .* in 'bird', only 1 .jp2, 1 .tga; fill"),
        (one_picture, "one picture only in 'bird'; at least two"),
        (circle, "again is a link that leads back"),
        (link_to_itself, r"cat cannot be looked into \(Too many levels of symbolic links\)"),
        (not_unicode, r"the folder 'caf\\udce9' has no name for a class; rename it"),
        (long_name, r"the folder 'long.*…' has no name for a class; rename it to 1 to 200 characters"),
        (no_test, r"has no folder 'test', 'val' or 'valid' .*CLASS/\*.jpg alone"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, made: Callable[[Path], Path], words: str) -> None:
    folder = made(tmp_path)
    with pytest.raises(DataError, match=words) as caught:  # noqa: PT012  # one of the two
        find_files(folder, "train")
        find_files(folder, "test")
    assert "\n" not in str(caught.value)


def test_a_folder_that_may_not_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look, closed = os.scandir, str(photos(tmp_path) / "dog")

    def refusing(place: str) -> object:
        if place == closed:
            raise PermissionError(13, "Permission denied", place)
        return look(place)

    monkeypatch.setattr(os, "scandir", refusing)  # whoever runs the tests may be allowed everything
    with pytest.raises(DataError, match=r"dog cannot be looked into \(Permission denied\); check its rights"):
        find_files(tmp_path, "train")


@pytest.mark.parametrize(
    ("parts", "used", "words"),
    [
        (("test", "val"), "test", ("val/ left aside: test/ is what the network is tested on",)),
        (("Test", "valid", "val"), "Test", ("val/ and valid/ left aside: Test/ is what the network is tested on",)),
        (("valid", "val"), "val", ("valid/ left aside: val/ is what the network is tested on",)),
        (("val",), "val", ()),
    ],
)
def test_what_stands_beside_the_test_pictures_is_said(
    parts: tuple[str, ...], used: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    for part in ("train", *parts):
        put(tmp_path / part, "cat/1.png", "dog/1.png")
    found = find_files(tmp_path, "test")
    assert {path.parts[-3] for path in found.paths} == {used}
    assert found.notes == words
    assert find_files(tmp_path, "train").notes == ()


def test_ppm_and_heic_are_pictures_of_a_folder_as_any(tmp_path: Path) -> None:
    """The German traffic signs come as PPM, which torchvision's folders read too."""
    put(tmp_path, "cat/1.ppm", "cat/2.PGM", "dog/1.pbm", "dog/2.heic")
    both = (*find_files(tmp_path, "train").paths, *find_files(tmp_path, "test").paths)
    assert {path.name for path in both} == {"1.ppm", "2.PGM", "1.pbm", "2.heic"}
