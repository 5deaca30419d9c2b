"""Bytes of stored weights, beside what torch really stores."""

import io

import pytest
import torch

from resnext_viz import complexity, parse
from resnext_viz.conventions import tallies
from resnext_viz.explanations.storage import STORAGES, stored
from resnext_viz.nn import build


@pytest.mark.parametrize(
    "name", ["resnext11_4x4d_cifar10", "resnext11_4x4d_cifar10_bias_noshortcut", "resnet20_cifar10"]
)
def test_storages_are_torchs(name: str) -> None:
    counts = complexity(parse(name))
    sums = {storage.convention.key: sum(term.value for term in stored(tallies(counts.walk), storage))
            for storage in STORAGES.values()}  # fmt: skip
    module = build(parse(name))
    state = module.state_dict()
    file = io.BytesIO()
    torch.save(state, file)
    tensors = sum(tensor.nbytes for tensor in state.values())
    assert sums["float32"] == sum(param.nbytes for param in module.parameters())
    assert sums["float16"] == sum(param.nbytes for param in module.half().parameters())
    assert sums["state_dict"] == tensors
    assert sums["file"] - tensors == pytest.approx(len(file.getvalue()) - tensors, rel=0.02)
