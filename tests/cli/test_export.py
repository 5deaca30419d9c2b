import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resnext_viz.cli import main
from resnext_viz.inference.weights.catalogue import bundled_spec
from resnext_viz.inference.weights.checkpoint import load_checkpoint
from resnext_viz.names import parse

EXPORT = ["export", "resnext5_2x4d_b1", "--format", "safetensors"]


def test_a_file_is_written_once_and_described(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "n.safetensors"
    assert main([*EXPORT, "--num-classes", "3", "--seed", "5", "--out", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (document["name"], document["bytes"]) == ("resnext5_2x4d_b1_k3", path.stat().st_size)
    assert document["max_abs"] == 0
    assert load_checkpoint(path).spec == parse("resnext5_2x4d_b1_k3")
    assert main([*EXPORT, "--out", str(path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main([*EXPORT, "--out", str(path), "--force"]) == 0
    assert "weights freshly initialised, seed 0, untrained" in capsys.readouterr().out
    assert load_checkpoint(path).spec == parse("resnext5_2x4d_b1")


def test_trained_weights_name_their_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "cifar10.safetensors"
    assert main(["export", "--weights", "cifar10", "--format", "safetensors", "--out", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == "trained"
    assert load_checkpoint(path).spec == bundled_spec()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["export", "--format", "onnx"], "NAME is missing"),
        (["export", "--format", "onnx", "--weights", "cifar10", "--cardinality", "2"], "NAME is missing"),
        (["export", "resnet50", "--format", "onnx", "--weights", "cifar10"], "the weights are those of resnext20"),
        (["export", "resnet50_1024x1024d", "--format", "pt2"], "params"),
        (["export", "resnet50", "--format", "h5"], "'h5' does not fit"),
        (["export", "resnet50", "--format", "onnx", "--seed", "-1"], "--seed"),
        (["export", "resnet50", "--format", "onnx", "--image-size", "0"], "image_size is 0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: list[str], words: str
) -> None:
    try:
        status = main([*argv, "--out", str(tmp_path / "n")])
    except SystemExit as stopped:  # argparse's own way
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not list(tmp_path.iterdir())


def test_only_a_file_is_replaced_and_only_a_folder_is_written_to(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("nothing")
    before = sorted(tmp_path.iterdir())
    for place, force, words in (
        ("pipe", True, "is no file and is not replaced"),
        ("folder", True, "is no file and is not replaced"),
        ("link", False, "is there already"),
        ("none/n", True, "none is no folder"),
        ("a" * 300, True, "cannot be a file"),
        ("\udcff", True, "cannot be a file"),
        ("a\0b", True, "cannot be a file"),
    ):
        assert main([*EXPORT, "--out", str(tmp_path / place), *(["--force"] if force else [])]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert words in err
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "pipe").is_fifo()


def test_a_name_may_be_as_long_as_names_are(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    assert main([*EXPORT, "--out", str(path), "--json"]) == 0
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_disk_that_is_full_is_told_in_a_line(tmp_path: Path) -> None:
    command = f"ulimit -f 1; {sys.executable} -m resnext_viz export resnext5_2x4d_b1 --format pt2 --out {tmp_path}/n"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "resnext_viz: [Errno 27] File too large\n")
    assert not list(tmp_path.iterdir())
