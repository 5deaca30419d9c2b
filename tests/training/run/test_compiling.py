"""A compiled run is the same run: its checkpoint has the same names, and either kind goes on with the other's."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from resnext_viz.training.recipe.recipe import RecipeError
from resnext_viz.training.run import training_run as run_module
from resnext_viz.training.run.training_run import Run
from tests.support.pictures import picture_tree
from tests.training.run.test_training_run import CPU, RECIPE, SPEC, assert_same, read_splits, run_in


def test_a_compiled_run_goes_on_as_one_that_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "training_type", lambda _: torch.float32)
    splits = read_splits(picture_tree(tmp_path / "data"), 16)
    recipe = replace(RECIPE, epochs=2, ema=0.7)
    plain = run_in(tmp_path / "plain", splits, recipe)
    list(plain.epochs())
    torch.compiler.reset()
    next(Run(SPEC, recipe, *splits, tmp_path / "compiled", CPU, compiler="eager").epochs())
    assert torch._dynamo.utils.counters["stats"]["calls_captured"] > 0
    again = run_in(tmp_path / "compiled", splits, recipe)
    assert again.epoch == 1
    list(again.epochs())
    assert_same(plain, again)
    assert list(again.result.state_dict()) == list(plain.result.state_dict())


def test_without_a_compiler_for_what_torch_writes_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    splits = read_splits(picture_tree(tmp_path / "data"), 16)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(RecipeError, match=r"needs a C\+\+ compiler such as g\+\+"):
        Run(SPEC, RECIPE, *splits, tmp_path / "out", CPU, compiler="inductor")
