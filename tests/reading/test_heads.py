"""Heads of several layers as people put them behind a network: what their modules compute is what is run."""

from __future__ import annotations

import itertools
import json
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor, nn

from resnext_viz.cli import main
from resnext_viz.errors import UserError
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.network_export import export_network
from resnext_viz.inference.weights.carrying_out import carried_out
from resnext_viz.inference.weights.checkpoint import load_checkpoint
from resnext_viz.nn import audit, build
from resnext_viz.reading.inventory import inventory_of_shapes
from resnext_viz.reading.reader import read
from resnext_viz.reading.recipe import WeightRecipe, recipe_of
from resnext_viz.training.run.starting_weights import load_start
from tests.reading.disguises import ORDERS, PREFIXES, State, prefixed
from tests.reading.test_cases_of_files import SPEC, theirs

CHANNELS = 2048
CASES = int(os.environ.get("HEADS_CASES", "8"))


class ConcatPool(nn.Module):
    """fastai's AdaptiveConcatPool2d: maxima, then averages."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat((nn.functional.adaptive_max_pool2d(x, 1), nn.functional.adaptive_avg_pool2d(x, 1)), 1)


def hidden(c_in: int, c_out: int, layers: str, bias: bool = True) -> list[nn.Module]:
    """Layers by their letters: Linear, ReLU, Batch norm, Dropout."""
    made: list[nn.Module] = []
    width = c_in
    for letter in layers:
        if letter == "L":
            made.append(nn.Linear(c_in, c_out, bias=bias))
            width = c_out
        else:
            made.append({"R": nn.ReLU(), "B": nn.BatchNorm1d(width), "D": nn.Dropout()}[letter])
    return made


def in_fastais_way(layers: list[nn.Module], concat: bool) -> nn.Module:
    body = nn.Sequential(*list(theirs().children())[:-2])
    pool = ConcatPool() if concat else nn.AdaptiveAvgPool2d(1)
    return nn.Sequential(body, nn.Sequential(pool, nn.Flatten(), *layers))


def in_torchvisions_way(layers: list[nn.Module], concat: bool) -> nn.Module:
    model = theirs()
    model.fc = nn.Sequential(*layers)  # type: ignore[assignment]
    if concat:
        model.avgpool = ConcatPool()  # type: ignore[assignment]
    return model


WAYS = {"fastai": in_fastais_way, "torchvision": in_torchvisions_way}


def filled(model: nn.Module, seed: int) -> nn.Module:
    """In float64 and eval mode, no norm at its default."""
    torch.manual_seed(seed)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
    return model.double().eval()


def recipe_for(state: Mapping[str, Tensor]) -> WeightRecipe:
    return recipe_of(read(inventory_of_shapes({name: tuple(value.shape) for name, value in state.items()})))


def assert_run_as(model: nn.Module, state: State) -> None:
    recipe = recipe_for(state)
    ours = build(recipe.spec, recipe.head).double().eval()
    ours.load_state_dict(carried_out(recipe, state, torch.float64), strict=False)
    image = torch.randn(2, 3, 40, 40, dtype=torch.float64)
    with torch.inference_mode():
        expected = model(image)
        torch.testing.assert_close(ours(image), expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


# What stands in front of the first linear layer, between two, and behind the last.
FRONTS = ("", "B", "BD", "D")
BETWEEN = ("RD", "R", "RB", "RBD", "BR", "BRD", "DR")


@st.composite
def heads(draw: st.DrawFn) -> tuple[list[nn.Module], bool]:
    concat = draw(st.booleans())
    widths = [CHANNELS * (1 + concat), *draw(st.lists(st.sampled_from((16, 24, 33, 512)), max_size=2)), 7]
    letters = draw(st.sampled_from(FRONTS))
    layers: list[nn.Module] = hidden(widths[0], widths[0], letters)
    between = draw(st.sampled_from(BETWEEN))
    for number, (c_in, c_out) in enumerate(itertools.pairwise(widths)):
        last = number == len(widths) - 2
        layers += hidden(c_in, c_out, "L" if last else f"L{between}", draw(st.booleans()))
    return layers, concat


@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(heads(), st.sampled_from(sorted(WAYS)), st.sampled_from(sorted(ORDERS)), st.sampled_from(PREFIXES))
def test_any_usual_head_gives_its_modules_logits(
    head: tuple[list[nn.Module], bool], way: str, order: str, prefix: str
) -> None:
    model = filled(WAYS[way](*head), 3)
    state = ORDERS[order](prefixed(dict(model.state_dict()), prefix), random.Random(5))
    assert_run_as(model, state)
    assert not audit(state).mistakes


class Named(nn.Module):
    """A head whose layers have names in place of numbers."""

    def __init__(self, layers: dict[str, nn.Module]) -> None:
        super().__init__()
        self.layers = list(layers)
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Tensor:
        for name in self.layers:
            x = self.get_submodule(name)(x)
        return x


NAMED: dict[str, Callable[[], dict[str, nn.Module]]] = {
    "fc1 and fc2": lambda: {"fc1": nn.Linear(CHANNELS, 32), "act": nn.ReLU(), "fc2": nn.Linear(32, 7)},
    "a norm by name": lambda: {
        "fc1": nn.Linear(CHANNELS, 32, bias=False), "bn1": nn.BatchNorm1d(32), "act": nn.ReLU(), "fc2": nn.Linear(32, 7)
    },
    "three": lambda: {
        "hidden1": nn.Linear(CHANNELS, 64), "a": nn.ReLU(), "hidden2": nn.Linear(64, 32), "b": nn.ReLU(),
        "out": nn.Linear(32, 7),
    },
    "a norm behind, as for faces": lambda: {"fc": nn.Linear(CHANNELS, 32), "features": nn.BatchNorm1d(32)},
    "a norm in front": lambda: {
        "bn": nn.BatchNorm1d(CHANNELS), "drop": nn.Dropout(), "classifier": nn.Linear(CHANNELS, 7)
    },
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_heads_with_names_are_run_too(name: str) -> None:
    model = theirs()
    model.fc = Named(NAMED[name]())  # type: ignore[assignment]
    assert_run_as(filled(model, 4), dict(model.state_dict()))


def test_predict_runs_fastais_head_and_says_what_it_assumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = [*hidden(4096, 512, "BDLR", False), nn.BatchNorm1d(512), nn.Dropout(),
              nn.Linear(512, 7, bias=False)]  # fmt: skip
    model = filled(in_fastais_way(layers, True), 5).float()
    torch.save({"model": model.state_dict(), "opt": None}, tmp_path / "export.pth")
    predictor = load_predictor(tmp_path / "export.pth", "cpu", allow_pickle_files=True, engine="exact")
    image = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        expected = model(image)
    torch.testing.assert_close(predictor.logits(image), expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))
    assert predictor.params == sum(parameter.numel() for parameter in model.parameters()) + 512 + 7  # zeros as biases
    Image.new("RGB", (50, 40), "teal").save(tmp_path / "teal.png")
    options = ["predict", str(tmp_path / "teal.png"), "--weights", str(tmp_path / "export.pth"), "--device", "cpu"]
    assert main(options) == 0
    said = capsys.readouterr().out
    assert "maxima and averages, batch norm, linear layer 4,096 → 512, ReLU, batch norm, linear layer 512 → 7" in said
    assert "what leaves no tensors between them is assumed" in said


def test_what_is_made_for_one_linear_layer_says_so(tmp_path: Path) -> None:
    model = in_torchvisions_way([nn.Linear(CHANNELS, 32), nn.ReLU(), nn.Linear(32, 7)], False)
    torch.save(model.state_dict(), tmp_path / "x.pth")
    with pytest.raises(UserError, match="a head of several layers; training starts from one linear layer"):
        load_start(tmp_path / "x.pth")
    trained = load_checkpoint(tmp_path / "x.pth", None, True)
    for kind in ("safetensors", "onnx"):
        with pytest.raises(UserError, match="a head of several layers"):
            export_network(tmp_path / "out", kind, trained.spec, trained=trained)
    assert not (tmp_path / "out").exists()


def test_features_are_what_the_head_would_get(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = theirs()
    torch.save(model.state_dict(), tmp_path / "x.pth")
    bare = {name: value for name, value in model.state_dict().items() if not name.startswith("fc")}
    torch.save(bare, tmp_path / "headless.pth")
    model.fc = nn.Identity()  # type: ignore[assignment]
    image = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        expected = model.eval()(image)
    Image.new("RGB", (50, 40), "teal").save(tmp_path / "teal.png")
    for name in ("x.pth", "headless.pth"):
        predictor = load_predictor(tmp_path / name, "cpu", allow_pickle_files=True, head="features", engine="exact")
        found = predictor.logits(image)
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3 * float(expected.abs().max()))
        options = ["predict", str(tmp_path / "teal.png"), "--weights", str(tmp_path / name), "--head", "features"]
        assert main([*options, "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["results"][0]["features"]) == CHANNELS
        assert main(options) == 0
        assert "2,048 features: " in capsys.readouterr().out


def test_without_its_head_is_said_to_be_possible_where_the_usual_does_not_fit(tmp_path: Path) -> None:
    state = {**theirs().state_dict(), "fc.weight": torch.zeros(7, 999)}
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(UserError, match="features"):
        load_checkpoint(tmp_path / "x.pth", None, True)
    with pytest.raises(UserError, match="use one of usual, features"):
        load_predictor(tmp_path / "x.pth", "cpu", allow_pickle_files=True, head="none")


# Layers with tensors that are none of the usual ones: (a head, what is refused).
STRANGE: dict[str, Callable[[], tuple[nn.Module, str]]] = {
    "PReLU": lambda: (nn.Sequential(nn.Linear(CHANNELS, 32), nn.PReLU(), nn.Linear(32, 7)), "fc.1"),
    "PReLU of a number for each": lambda: (
        nn.Sequential(nn.Linear(CHANNELS, 32), nn.PReLU(32), nn.Dropout(), nn.Linear(32, 7)), "fc.1"
    ),
    "layer norm": lambda: (
        nn.Sequential(nn.Linear(CHANNELS, 32), nn.LayerNorm(32), nn.ReLU(), nn.Linear(32, 7)), "fc.1"
    ),
    "layer norm by name": lambda: (
        Named({"hidden": nn.Linear(CHANNELS, 32), "ln": nn.LayerNorm(32), "out": nn.Linear(32, 7)}), "fc.ln"
    ),
    "two norms in a row": lambda: (
        nn.Sequential(nn.Linear(CHANNELS, 32), nn.BatchNorm1d(32), nn.BatchNorm1d(32), nn.Linear(32, 7)), "fc.2"
    ),
    "a gate beside": lambda: (
        nn.ModuleDict({"a": nn.Linear(CHANNELS, 32), "gate": nn.Linear(CHANNELS, 32), "b": nn.Linear(32, 7)}), "fc."
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_a_head_with_other_layers_is_refused_and_its_features_are_offered(name: str) -> None:
    head, refused = STRANGE[name]()
    model = theirs()
    model.fc = head  # type: ignore[assignment]
    with pytest.raises(UserError, match=f"{refused}.*--head features"):
        recipe_for(dict(model.state_dict()))


def test_the_spec_of_a_network_with_such_a_head_is_still_read() -> None:
    model = in_torchvisions_way([nn.Linear(CHANNELS, 32), nn.ReLU(), nn.Linear(32, 7)], False)
    assert recipe_for(dict(model.state_dict())).spec == SPEC
