"""Two networks measured in turns: both are run, on pictures of their size; how long it takes is never tested."""

import json

import pytest

from resnext_viz import bench
from resnext_viz.bench.result import BenchError
from resnext_viz.cli import main
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]
TINY = ("resnext11_4x4d_cifar10", "resnet11_cifar10")


def test_both_networks_are_measured_with_every_batch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "pair", *TINY, "--image-size", "8", "--device", "cpu", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["batch"] for row in rows] == [1, 1, 8, 8]
    for ours, theirs in (rows[:2], rows[2:]):
        assert ours["engine"] == "resnext11_4x4d_cifar10 at 8, torch eager, float32"
        assert ours["against"] == theirs["engine"] == "resnet11_cifar10 at 8, torch eager, float32"
        assert ours["ratio"] == pytest.approx(theirs["median_ms"] / ours["median_ms"], rel=0.01)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("resnet50",), "give two networks"),
        (("resnet50", "resnet18", "resnet34"), "give two networks"),
        (("resnet50", "ResNet-50"), "one network twice"),
    ],
)
def test_two_different_networks_are_asked_for(names: tuple[str, ...], words: str) -> None:
    with pytest.raises(BenchError, match=words):
        bench.measure("pair", names=names)


def test_only_pair_takes_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "count", "resnet50"]) == 2
    assert "names is not asked for by the subject 'count'" in capsys.readouterr().err
