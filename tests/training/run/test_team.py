"""Two processes that torchrun starts train as one does; what one of them suffers ends both, and one goes on alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
import torch
from torch import nn
from torch.distributed import HashStore, destroy_process_group, init_process_group

from resnext_viz.errors import UserError
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.labelled_images import read_splits
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run import training_run as run_module
from resnext_viz.training.run.run_checkpoint import CHECKPOINT
from resnext_viz.training.run.shared_batch_norm import SharedBatchNorm2d, share_statistics
from resnext_viz.training.run.team import Team
from resnext_viz.training.run.training_run import Run
from tests.support.pictures import picture_tree
from tests.training.run.command_worker import LeadersClock

ROOT = Path(__file__).parents[3]
CPU = torch.device("cpu")
SPEC = ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4, expansion=1, stem=Stem.CIFAR_POOL, num_classes=3)
RECIPE = Recipe(  # batches of 5 = 3 + 2 pictures
    minutes=0.051, batch_size=5, peak_rate=0.01, translate=1, cutout=4, ema=0.7, muon=True, whiten=True, sam=0.05
)
NETWORK = ["--depths", "1,1", "--cardinality", "2", "--base-width", "4", "--expansion", "1"]
SETTINGS = ["--minutes", "0.051", "--batch-size", "5", "--peak-rate", "0.01", "--translate", "1", "--cutout", "4",
            "--ema", "0.7", "--muon", "--whiten", "--sam", "0.05", "--device", "cpu"]  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_tree(tmp_path_factory.mktemp("data"), side=32)


@pytest.fixture(autouse=True)
def like_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "training_type", lambda _: torch.float32)
    monkeypatch.setattr(run_module, "time", LeadersClock())


def alone(data: Path, out: Path) -> Run:
    return Run(SPEC, RECIPE, *read_splits(data, 32), out, CPU)


def epochs_of(run: Run) -> Iterator[dict[str, Any]]:
    """With somebody who looks at the clock at every step, as the command does."""
    return run.epochs(lambda _: None)


class Ended(NamedTuple):
    stdout: str
    stderr: str
    returncode: int


def two_processes(what: str, data: Path, out: Path) -> Ended:
    """What a run by two processes leaves to be read; none of them outlives this call."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m",
               "tests.training.run.command_worker", what, "train", "--data", data, "--out", out]  # fmt: skip
    launcher = subprocess.Popen(
        [*map(str, command), *NETWORK, *SETTINGS], cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        return Ended(*launcher.communicate(timeout=300), launcher.returncode)
    finally:
        if launcher.poll() is None:
            for process in (*psutil.Process(launcher.pid).children(recursive=True), launcher):
                process.kill()
            launcher.communicate()


def curve(out: Path) -> Sequence[float]:
    rows = json.loads((out / "history.json").read_text())
    return [row[name] for row in rows for name in ("loss", "test_loss")]


def weights(out: Path) -> dict[str, torch.Tensor]:
    model: dict[str, torch.Tensor] = torch.load(out / CHECKPOINT, weights_only=True)["model"]
    return model


class Alone(NamedTuple):
    out: Path
    first: dict[str, torch.Tensor]  # the weights after the first epoch


@pytest.fixture(scope="module")
def by_one(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    out = tmp_path_factory.mktemp("one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "training_type", lambda _: torch.float32)
        patch.setattr(run_module, "time", LeadersClock())
        epochs = epochs_of(alone(data, out))
        next(epochs)
        first = weights(out)
        assert [row["epoch"] for row in epochs] == [2, 3, 4]  # the time runs out within the last one
    return Alone(out, first)


def assert_close(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor], share: float) -> None:
    """To within a share of the largest number in each tensor; what began as zeros is still small."""
    for name, value in expected.items():
        assert (found[name] - value).abs().max() <= share * max(value.abs().max().item(), 0.1), name


def assert_along(out: Path, by_one: Alone) -> None:
    """Sums over a batch are added up in another order, which at a ReLU's kink becomes a thousandth in a few steps."""
    assert curve(out) == pytest.approx(curve(by_one.out), abs=1e-3)
    assert_close(weights(out), weights(by_one.out), 0.02)


def test_a_run_begun_alone_goes_on_by_two_processes_along_the_curve_of_one(
    data: Path, tmp_path: Path, by_one: Alone
) -> None:
    next(epochs_of(alone(data, tmp_path)))
    ended = two_processes("whole", data, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Going on after epoch 1" in ended.stdout
    assert [ended.stdout.count(words) for words in ("2 processes", "epoch   2", "epoch   4", "Written to")] == [1] * 4
    assert_along(tmp_path, by_one)
    both = [torch.load(tmp_path / f"rank{rank}.pt", weights_only=True) for rank in (0, 1)]
    for name, value in both[0].items():
        assert torch.equal(value, both[1][name]), name
    assert list(both[0]) == list(by_one.first)


def test_a_leader_killed_while_it_writes_ends_both_and_one_process_goes_on(
    data: Path, tmp_path: Path, by_one: Alone
) -> None:
    ended = two_processes("in_a_write", data, tmp_path)
    assert ended.returncode != 0
    assert (tmp_path / f"{CHECKPOINT}.part").exists()
    assert_close(weights(tmp_path), by_one.first, 1e-3)
    again = alone(data, tmp_path)
    assert again.epoch == 1
    list(epochs_of(again))
    assert_along(tmp_path, by_one)


def test_shares_are_the_batch_in_order_and_as_even_as_can_be() -> None:
    shares = [Team(rank, 3).share(torch.arange(11)) for rank in range(3)]
    assert [len(share) for share in shares] == [4, 4, 3]
    assert torch.equal(torch.cat(shares), torch.arange(11))


def test_more_processes_than_pictures_of_a_batch_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a batch has 5 pictures for 6 processes; start at most 5"):
        Run(SPEC, RECIPE, *read_splits(data, 32), tmp_path, CPU, Team(0, 6))


@pytest.mark.parametrize("name", ["mps", "cuda:0"])
def test_a_device_that_processes_cannot_share_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnext_viz.training.run.team.choose_device", torch.device)
    with pytest.raises(UserError, match="several processes train on cpu, or each on its own GPU by cuda"):
        Team(1, 2, 1).device(name)
    assert Team(1, 2, 1).device("cuda") == torch.device("cuda:1")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_shared_batch_norm_is_torchs_where_one_process_has_it_all(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    theirs = nn.Sequential(nn.BatchNorm2d(6, eps=1e-3, momentum=0.3))
    nn.init.uniform_(theirs[0].weight)
    nn.init.uniform_(theirs[0].bias)
    ours = nn.Sequential(nn.BatchNorm2d(6, eps=1e-3, momentum=0.3))
    ours.load_state_dict(theirs.state_dict())
    weight = ours[0].weight
    share_statistics(ours, CPU)
    assert isinstance(ours[0], SharedBatchNorm2d)
    assert ours[0].weight is weight  # an optimizer that holds it goes on with it
    x = (3 * torch.randn(5, 6, 4, 3) + 2).to(dtype, memory_format=torch.channels_last)
    found = []
    init_process_group("gloo", store=HashStore(), rank=0, world_size=1)
    try:
        for norm in (ours, theirs):
            pixels = x.clone().requires_grad_()
            (norm(pixels) * torch.arange(3)).square().mean().backward()
            found.append((pixels.grad, norm[0].weight.grad, norm[0].bias.grad, *norm.state_dict().values()))
    finally:
        destroy_process_group()
    torch.testing.assert_close(found[0], found[1], atol=1e-4, rtol=1e-4 if dtype is torch.float32 else 1e-2)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))
