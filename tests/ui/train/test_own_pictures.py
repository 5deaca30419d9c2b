"""A visitor's own folder: classes from its sub-folders, hostile files refused in words, bounds, and clean copies."""

import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnext_viz.errors import UserError
from resnext_viz.inference.errors import DecoderBusyError
from resnext_viz.inference.photos.decode import DecodedImage, decode_image
from resnext_viz.ui.train import own_pictures
from resnext_viz.ui.train.own_pictures import PicturesJob, Upload, check_bounds, sorted_out


def png(level: int, size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(out, "PNG")
    return out.getvalue()


def finished(job: PicturesJob) -> PicturesJob:
    job.start()
    began = time.monotonic()
    while job.running:
        assert time.monotonic() - began < 120
        time.sleep(0.01)
    return job


def sorted_paths(*paths: str) -> tuple[list[tuple[str, str]], list[str]]:
    pictures, refused = sorted_out([Upload(path, b"") for path in paths])
    return [(picture.split, picture.label) for picture in pictures], refused


@pytest.mark.parametrize(("paths", "expected"), [
    (("pets/cat/1.jpg", "pets/dog/deep/2.jpg"), [("", "cat"), ("", "dog")]),
    (("pets/train/cat/1.jpg", "pets/Val/dog/2.jpg"), [("test", "dog"), ("train", "cat")]),
    (("a/b/c/cat/1.jpg", "a/b/c/dog/2.jpg"), [("", "cat"), ("", "dog")]),  # folders around everything
    (("w\\cat\\1.jpg", "w\\dog\\2.jpg"), [("", "cat"), ("", "dog")]),
    (("pets/train/1.jpg", "pets/test/2.jpg"), [("", "test"), ("", "train")]),  # classes that are called so
])  # fmt: skip
def test_the_class_is_the_sub_folders_name(paths: tuple[str, ...], expected: list[tuple[str, str]]) -> None:
    assert sorted_paths(*paths) == (expected, [])


def test_a_folder_that_names_no_class_is_told() -> None:
    pictures, refused = sorted_paths("p/cat/1.jpg", "p/2.jpg", "p/../3.jpg", "p/.git/4.jpg", "p/a\x00b/5.jpg",
                                     f"p/{'long' * 40}/6.jpg")  # fmt: skip
    assert pictures == [("", "cat")]
    assert len(refused) == 5
    assert sum("no name for a class" in line for line in refused) == 3
    assert any("lies in no sub-folder" in line for line in refused)
    assert any("longer than 60 letters" in line for line in refused)


def test_what_is_kept_are_clean_squares_and_the_rest_is_told(tmp_path: Path) -> None:
    files = [Upload(f"p/{name}/{i}.png", png(level)) for name, level in (("cat", 200), ("dog", 40)) for i in range(4)]
    hostile = [Upload("p/dog/x.png", b"<svg><script>alert(1)</script></svg>"), Upload("p/dog/y.png", png(0)[:60])]
    job = finished(PicturesJob("about", [*files, *hostile], 16, lambda _: tmp_path))
    assert job.problem is None
    assert [line.partition(":")[0] for line in job.refused] == ["p/dog/x.png", "p/dog/y.png"]
    assert "SVG" in job.refused[0]
    assert job.data is not None
    assert job.data.classes == ("cat", "dog")
    assert (job.data.train_count, job.data.test_count) == (6, 2)  # one picture of each class set aside
    folder = job.data.folder or Path()
    kept = sorted(folder.rglob("*.png"))
    assert len(kept) == 8
    levels = {path.parent.name: np.asarray(Image.open(path)) for path in kept}
    assert levels["cat"].shape == (16, 16, 3)
    assert (levels["cat"] == 200).all()
    assert (levels["dog"] == 40).all()
    job.data = None  # nobody wants them any more
    assert not folder.exists()


def test_a_class_that_only_one_split_has_is_told_before_anything_waits(tmp_path: Path) -> None:
    files = [Upload(f"p/{split}/{name}/{i}.png", png(200)) for i in range(2) for split, name in (
        ("train", "cat"), ("train", "dog"), ("train", "owl"), ("test", "cat"), ("test", "dog"))]  # fmt: skip
    job = finished(PicturesJob("about", [*files, Upload("p/test/owl/0.png", b"no picture")], 16, lambda _: tmp_path))
    assert job.data is None
    assert job.problem == "your folder: train and test differ in their classes ('owl'); give both the same"


def test_a_picture_that_finds_the_decoder_busy_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, decode = list[str](), decode_image

    def busy_at_first(data: bytes, name: str, _crop: int = 0) -> DecodedImage:
        asked.append(name)
        if asked.count(name) < 3:
            raise DecoderBusyError("Too many pictures wait.")
        return decode(data, name)

    monkeypatch.setattr("resnext_viz.inference.photos.decode.decode_image", busy_at_first)
    monkeypatch.setattr("resnext_viz.ui.kit.jobs.job.BUSY_WAIT_S", 0.0)
    files = [Upload(f"p/{name}/{i}.png", png(200)) for name in ("cat", "dog") for i in range(2)]
    job = finished(PicturesJob("about", files, 16, lambda _: tmp_path))
    assert (job.problem, job.refused) == (None, [])
    assert job.data is not None
    assert (job.data.train_count, job.data.test_count, len(asked)) == (2, 2, 12)
    decoder = "resnext_viz.inference.photos.decode.decode_image"
    monkeypatch.setattr(decoder, lambda *_: busy_at_first(b"", str(len(asked))))
    stopped = PicturesJob("about", files, 16, lambda _: tmp_path)
    stopped.start()
    stopped.stop()
    stopped.wait(60)
    assert (stopped.running, stopped.data) == (False, None)


def test_a_server_without_room_says_so_and_not_where_its_files_lie(tmp_path: Path) -> None:
    wanted = list[int]()

    def no_room(bytes_: int) -> Path:
        wanted.append(bytes_)
        raise UserError("the disk of this server is nearly full")

    pictures = [Upload(f"p/{name}/{i}.png", png(1)) for name in ("cat", "dog") for i in range(2)]
    assert finished(PicturesJob("about", pictures, 16, no_room)).problem == "the disk of this server is nearly full"
    assert wanted == [4 * 16 * 16 * 3]
    gone = finished(PicturesJob("about", pictures, 16, lambda _: tmp_path / "gone"))
    assert gone.problem == "this server cannot keep files now (No such file or directory); try again later"


def test_too_much_or_too_little_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = finished(PicturesJob("about", [Upload("p/cat/1.png", png(1))], 16, lambda _: tmp_path))
    assert "your folder has 1 folder of pictures" in str(alone.problem)
    assert str(tmp_path) not in str(alone.problem)
    monkeypatch.setattr(own_pictures, "MAX_PICTURES", 1)
    with pytest.raises(UserError, match="has 2 pictures; up to 1 train here"):
        check_bounds([Upload("p/cat/1.png", b""), Upload("p/cat/2.png", b"")])
    monkeypatch.setattr(own_pictures, "MAX_BYTES", 2**20)
    with pytest.raises(UserError, match="has 2 MB; up to 1 MB train here"):
        check_bounds([Upload("p/cat/1.png", bytes(2**21))])


def test_of_two_folders_that_test_one_is_used_and_the_other_is_told() -> None:
    pictures, refused = sorted_paths("p/train/cat/1.jpg", "p/test/cat/2.jpg", "p/val/cat/3.jpg", "p/Valid/cat/4.jpg")
    assert pictures == [("test", "cat"), ("train", "cat")]
    assert [line.partition(": ")[2] for line in refused] == [
        "it lies in valid/ beside test/, which is what is used.",
        "it lies in val/ beside test/, which is what is used.",
    ]
