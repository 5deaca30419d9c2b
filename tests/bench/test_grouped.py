"""Every way of the study computes the same layer; how long it takes is never tested."""

from __future__ import annotations

import json

import pytest
import torch

from resnext_viz.bench import grouped, measure
from resnext_viz.bench.result import BenchError
from resnext_viz.cli import main
from resnext_viz.layers import Layer
from resnext_viz.spec import map_size
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]
TINY = "resnext11_4x4d_cifar10"


def layer_of(groups: int, width: int, stride: int) -> Layer:
    return grouped.grouped_layers(TINY)[0]._replace(
        c_in=groups * width, c_out=groups * width, groups=groups, stride=stride,
        size_in=map_size(8), size_out=map_size(8 // stride),
    )  # fmt: skip


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("groups", "width"), [(4, 4), (8, 2), (2, 3)])
def test_every_way_gives_the_grouped_layer_and_its_gradients(groups: int, width: int, stride: int) -> None:
    layer = layer_of(groups, width, stride)
    torch.manual_seed(0)
    theirs = torch.nn.Conv2d(layer.c_in, layer.c_out, 3, stride, 1, groups=groups, bias=False, dtype=torch.float64)
    x = torch.randn(2, layer.c_in, 8, 8, dtype=torch.float64, requires_grad=True)
    y = theirs(x)
    towards = torch.randn_like(y)
    expected = torch.autograd.grad(y, (x, theirs.weight), towards)
    for name, way in {"grouped": grouped.grouped, **grouped.ways_of(layer)}.items():
        ours = way(x, theirs.weight, layer)
        torch.testing.assert_close(ours, y, msg=name)
        for one, other in zip(torch.autograd.grad(ours, (x, theirs.weight), towards), expected, strict=True):
            torch.testing.assert_close(one, other, msg=name)


def test_each_layer_has_every_way_once_and_one_is_the_fastest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(grouped, "ROUNDS", 2)
    monkeypatch.setattr(grouped, "BATCH", {"cpu": 1})
    assert main(["bench", "grouped", TINY, "--device", "cpu", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    macs = {"4 paths of 4 at 32x32": 32 * 32 * 16 * 4 * 9, "4 paths of 8 at 32x32 to 16x16": 16 * 16 * 32 * 8 * 9,
            "4 paths of 16 at 16x16 to 8x8": 8 * 8 * 64 * 16 * 9}  # fmt: skip
    assert list(dict.fromkeys(row["engine"].split(",")[0] for row in rows)) == list(macs)
    for name, expected in macs.items():
        for what, times in (("forward", 1), ("forward and backward", 3)):
            found = [row for row in rows if row["engine"].startswith(f"{name}, {what}: ")]
            ways = [row["engine"].split(": ")[1] for row in found]
            assert ways[0] == "float32 NCHW, grouped"
            assert [row["against"] for row in found] == [None, *[ways[0]] * (len(ways) - 1)]
            assert len(set(ways)) == len(ways)
            assert {"float32 NHWC, grouped"} < set(ways)
            assert sum("dense with a block mask" in way for way in ways) == 1
            (fastest,) = (row for row in found if row["is_fastest"])
            assert fastest["median_ms"] == min(row["median_ms"] for row in found)
            for row in found:
                assert row["gmacs_per_s"] * row["median_ms"] * 1e6 == pytest.approx(times * expected, rel=0.01)


@pytest.mark.parametrize(("names", "words"), [
    (("resnet29_cifar10",), "without a grouped 3x3; use one with cardinality above 1"),
    (("resnext50_64x64d",), "too many to measure every way; choose a narrower network"),
])  # fmt: skip
def test_what_cannot_be_measured_is_refused(names: tuple[str, ...], words: str) -> None:
    with pytest.raises(BenchError, match=words):
        measure("grouped", names=names, device="cpu")
