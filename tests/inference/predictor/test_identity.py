"""Which network this is: the same however it is called, another with anything that changes an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from resnext_viz.inference.none_of_these import NoneRule, Probe, Score
from resnext_viz.inference.photos.preprocess import Interpolation
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.identity import identity_of
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.catalogue import BUNDLED_FILE
from resnext_viz.inference.weights.checkpoint import Checkpoint, load_checkpoint
from resnext_viz.spec import Stem
from tests.inference.conftest import CLASSES

RULE = NoneRule(Score.ENERGY, 1.5, 0.05, 0.6, 5000, 500)
PROBED = replace(RULE, score=Score.PROBE, probe=Probe((0.5, 0.25), 1.0))


def turned(checkpoint: Checkpoint) -> Checkpoint:
    """One weight in another place, all bytes as they were."""
    state = dict(checkpoint.state_dict)
    state["conv1.weight"] = state["conv1.weight"].flip(0).contiguous()
    return replace(checkpoint, state_dict=state)


def nudged(checkpoint: Checkpoint) -> Checkpoint:
    """One weight by one bit."""
    state = dict(checkpoint.state_dict)
    state["fc.bias"] = state["fc.bias"].clone()
    state["fc.bias"].view(torch.int32)[0] ^= 1
    return replace(checkpoint, state_dict=state)


def exchanged(checkpoint: Checkpoint) -> Checkpoint:
    """Two tensors of one shape under each other's names."""
    state = dict(checkpoint.state_dict)
    state["bn1.weight"], state["bn1.bias"] = state["bn1.bias"], state["bn1.weight"]
    return replace(checkpoint, state_dict=state)


OTHERS: dict[str, Callable[[Checkpoint], Checkpoint]] = {
    "a bit of a weight": nudged,
    "the order of weights": turned,
    "names of weights": exchanged,
    "class names": lambda given: replace(given, classes=("bee", "ant", *CLASSES[2:])),
    "class names that read alike in a row": lambda given: replace(given, classes=("ant bee", "", *CLASSES[2:])),
    "temperature": lambda given: replace(given, temperature=1.25),
    "a rule": lambda given: replace(given, none_of_these=RULE),
    "another rule": lambda given: replace(given, none_of_these=replace(RULE, threshold=1.6)),
    "a probe": lambda given: replace(given, none_of_these=PROBED),
    "another probe": lambda given: replace(given, none_of_these=replace(PROBED, probe=Probe((0.5, 0.26), 1.0))),
    "size": lambda given: replace(given, preprocess=replace(given.preprocess, crop=40)),
    "crop": lambda given: replace(given, preprocess=replace(given.preprocess, resize=36)),
    "mean": lambda given: replace(given, preprocess=replace(given.preprocess, mean=(0.5, 0.5, 0.5))),
    "filter": lambda given: replace(given, preprocess=replace(given.preprocess, interpolation=Interpolation.NEAREST)),
    "a stem with the same tensors": lambda given: replace(given, spec=replace(given.spec, stem=Stem.CIFAR)),
}


def test_whatever_changes_an_answer_makes_another_network(tiny_file: Path) -> None:
    given = load_checkpoint(tiny_file)
    identities = {identity_of(given), *(identity_of(change(given)) for change in OTHERS.values())}
    assert len(identities) == 1 + len(OTHERS)
    assert all(len(identity) == 64 and int(identity, 16) for identity in identities)


def test_a_network_is_the_same_by_whatever_name_and_in_whatever_process(tiny_file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model.safetensors"
    copy.write_bytes(tiny_file.read_bytes())
    from_file, again, uploaded = (load_predictor(source, "cpu") for source in (tiny_file, copy, copy.read_bytes()))
    assert len({from_file.name, again.name, uploaded.name}) == 3
    assert from_file.identity == again.identity == uploaded.identity == identity_of(load_checkpoint(tiny_file))


def test_class_names_that_come_beside_a_checkpoint_count(tiny_file: Path) -> None:
    plain, named = (load_predictor(tiny_file, "cpu", classes=names) for names in (None, CLASSES[::-1]))
    assert plain.identity != named.identity


def test_the_bundled_network_is_the_one_in_its_file() -> None:
    """What its pictures' statistics are called is no part of it."""
    assert load_predictor("cifar10", "cpu").identity == load_predictor(BUNDLED_FILE, "cpu").identity


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_it_is_of_the_weights_as_they_were_loaded(dtype: torch.dtype, tiny_file: Path) -> None:
    """A file in half precision is another network than the one it was rounded from."""
    given = load_checkpoint(tiny_file)
    rounded = replace(given, state_dict={key: value.to(dtype).float() for key, value in given.state_dict.items()})
    predictor = Predictor("a", "A", rounded, torch.device("cpu"))
    assert predictor.identity == identity_of(rounded)
    assert (predictor.identity == identity_of(given)) == (dtype is torch.float32)
