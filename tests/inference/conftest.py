"""A small network with random weights and random batch-norm statistics, as a checkpoint in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.nn import build
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

CLASSES = ("ant", "bee", "cow", "dog", "eel")
MEAN, STD = (0.5, 0.4, 0.3), (0.25, 0.2, 0.3)


def trained(spec: ResNeXtSpec, seed: int = 0) -> ResNeXt:
    """The network with weights and statistics that no default would give, in eval mode."""
    torch.manual_seed(seed)
    model = build(spec)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean = 0.2 * torch.randn(module.num_features)
            module.running_var = 0.5 + torch.rand(module.num_features)
    return model.eval()


@pytest.fixture(scope="session")
def tiny_spec() -> ResNeXtSpec:
    return ResNeXtSpec(depths=(1, 1), cardinality=2, base_width=4, stem=Stem.CIFAR_POOL, num_classes=len(CLASSES))


@pytest.fixture(scope="session")
def tiny_model(tiny_spec: ResNeXtSpec) -> ResNeXt:
    return trained(tiny_spec)


@pytest.fixture(scope="session")
def tiny_file(tiny_spec: ResNeXtSpec, tiny_model: ResNeXt, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_checkpoint(path, tiny_model.state_dict(), tiny_spec, CLASSES, MEAN, STD, 32, 0.5, dtype=torch.float32)
    return path
