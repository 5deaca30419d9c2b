"""Training sees the very pixels that `predict` sees, whatever the file; what cannot be read is named or skipped."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.preprocess import CIFAR
from resnext_viz.training.data import decoding
from resnext_viz.training.data.decoding import Size, check_memory, decode_files
from resnext_viz.training.data.host_memory import available_bytes
from resnext_viz.training.data.labelled_images import DataError, read_images, read_splits
from tests.support.pictures import picture_tree

SIDE = 16


def pattern(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3)).astype(np.uint8))


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def strangers(root: Path) -> list[Path]:
    """Files of every kind that people have."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    pictures: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "exact.jpg": (pattern(16, 16), {"quality": 90}),
        "exact.png": (pattern(16, 16), {}),
        "exact and turned.jpg": (pattern(16, 16), {"exif": turned(6), "quality": 90}),
        "turned.jpg": (pattern(40, 20), {"exif": turned(8)}),
        "turned.png": (pattern(33, 20), {"exif": turned(3)}),
        "turned.webp": (pattern(20, 47), {"exif": turned(5), "lossless": True}),
        "damaged profile.jpg": (pattern(16, 16), {"icc_profile": b"no profile at all"}),
        "other profile.jpg": (pattern(16, 16), {"icc_profile": lab}),
        "another profile.png": (pattern(16, 16), {"icc_profile": xyz}),
        "grey.png": (pattern(16, 16).convert("L"), {}),
        "cmyk.jpg": (pattern(16, 16).convert("CMYK"), {}),
        "palette.gif": (pattern(20, 20).convert("P"), {}),
        "clear.png": (pattern(16, 16).convert("RGBA"), {}),
        "deep.tif": (Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 257), {}),
        "large.bmp": (pattern(70, 90), {}),
    }
    pictures["clear.png"][0].putalpha(pattern(16, 16).convert("L"))
    for name, (picture, options) in pictures.items():
        picture.save(root / name, **options)
    (root / "wrong suffix.png").write_bytes((root / "exact.jpg").read_bytes())
    return [*(root / name for name in pictures), root / "wrong suffix.png"]


@pytest.mark.parametrize("small", [True, False])
def test_training_sees_what_predict_sees(tmp_path: Path, small: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_SMALL_BYTES", 1e9 if small else 0)  # one after the other, or in threads
    paths = strangers(tmp_path)
    found = decode_files(paths, SIDE)
    look = replace(CIFAR, crop=SIDE)
    for path, pixels in zip(paths, found.pixels, strict=True):
        picture = decode_image(path.read_bytes()).image
        assert (pixels == np.asarray(look.view(picture)).transpose(2, 0, 1)).all(), path.name
    assert found.sizes == (Size(16, 16), Size(70, 90))
    assert found.rows == tuple(range(len(paths)))


@pytest.mark.parametrize("small", [True, False])
def test_broken_files_are_left_out_on_request_and_the_rest_keeps_its_labels(
    tmp_path: Path, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "_SMALL_BYTES", 1e9 if small else 0)
    root = picture_tree(tmp_path, train=4)
    whole = read_images(root, "train", SIDE)
    (root / "train" / "bright" / "001.png").write_bytes(b"no picture")
    (root / "train" / "middle" / "003.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"bright/001.png cannot be used: .* Or remove it; .* --skip-broken"):
        read_images(root, "train", SIDE)
    rest, _ = read_splits(root, SIDE, skip_broken=True)
    kept = [row for row in range(12) if row not in (1, 11)]
    assert (rest.images == whole.images[kept]).all()
    assert rest.labels.tolist() == whole.labels[kept].tolist()
    assert any("2 of 12 files left out" in note and "001.png" in note for note in rest.notes)
    for path in (root / "train" / "dark").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"No picture of 'dark' can be read"):
        read_images(root, "train", SIDE, skip_broken=True)
    for path in (root / "train").rglob("*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"none of the 12 pictures can be read; the first: .*000.png"):
        read_images(root, "train", SIDE, skip_broken=True)


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    read_splits(picture_tree(tmp_path, train=2, test=1), SIDE, progress=lambda *amounts: said.append(amounts))
    assert said == [(6, 6), (3, 3)]


def test_more_than_the_memory_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "available_bytes", lambda: 1000 * 3 * 32 * 32)
    check_memory(800, 32)
    with pytest.raises(DataError, match=r"900 pictures of 32×32 px take 2.8 MB .* use --image-size 30 or less"):
        check_memory(900, 32)  # 0.8 of the memory over 900 pictures: 30.2 pixels
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")  # each of torchrun's processes reads all of them
    check_memory(400, 32)
    with pytest.raises(DataError, match="450 pictures .* of memory in 2 processes, .* --image-size 30 or less"):
        check_memory(450, 32)
    root = picture_tree(tmp_path, train=2, test=2)
    (root / "train" / "dark" / "000.png").write_bytes(b"never opened")
    with pytest.raises(DataError, match="12 pictures of 512×512 px"):
        read_splits(root, 512)


def test_the_memory_of_a_container_is_what_its_limit_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from resnext_viz.training.data import host_memory

    for name, content in {
        "memory.max": "1000\n",
        "memory.current": "700\n",
        "memory.stat": "anon 100\nfile 600\n",
    }.items():
        (tmp_path / name).write_text(content)
    group = host_memory._Group(tmp_path / "memory.max", tmp_path / "memory.current", "file")
    monkeypatch.setattr(host_memory, "_GROUPS", (group,))
    assert available_bytes() == 900
    (tmp_path / "memory.max").write_text("max\n")
    meminfo = io.StringIO(Path("/proc/meminfo").read_text()) if Path("/proc/meminfo").is_file() else None
    total = next((int(line.split()[1]) * 1024 for line in meminfo or () if line.startswith("MemTotal")), None)
    assert total is None or 0 < (available_bytes() or 0) <= total
