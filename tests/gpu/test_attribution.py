"""Explanations computed on a GPU are the processor's: what paths add, where the network looks, what stages see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from resnext_viz.inference.attribution.paths import open_block
from resnext_viz.inference.attribution.stages import stage_maps
from resnext_viz.inference.attribution.where import grad_cam
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import trained

pytestmark = [pytest.mark.gpu, pytest.mark.usefixtures("tf32_allowed")]

SPEC = ResNeXtSpec(depths=(2, 2), cardinality=8, base_width=4, stem=Stem.CIFAR, num_classes=5)
STAGE, BLOCK = 2, 2
PICTURE = torch.randn(3, 16, 16, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
FLOAT32 = 1e-4  # of the largest value; TF32 ends about 1e-3 off
EXPLAINED: dict[str, Callable[[ResNeXt, Tensor], Tensor]] = {
    "answer": lambda model, image: open_block(model, image, STAGE, BLOCK).logits,
    "path": lambda model, image: open_block(model, image, STAGE, BLOCK).path_output(3),
    "shares": lambda model, image: open_block(model, image, STAGE, BLOCK).shares(),
    "contributions": lambda model, image: open_block(model, image, STAGE, BLOCK).contributions(2).cells,
    "without two": lambda model, image: open_block(model, image, STAGE, BLOCK).logits_without([2, 5]),
    "without each": lambda model, image: torch.cat([*open_block(model, image, STAGE, BLOCK).logits_without_each()]),
    "Grad-CAM": lambda model, image: torch.stack([grad_cam(model, image, number).values for number in range(5)]),
    "stage maps": lambda model, image: torch.cat([stage.mean.flatten() for stage in stage_maps(model, image)]),
}


@pytest.mark.parametrize("what", EXPLAINED)
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-10), (torch.float32, FLOAT32)])
def test_the_gpu_says_what_the_processor_says(gpu: torch.device, what: str, dtype: torch.dtype, limit: float) -> None:
    here = trained(SPEC).double().requires_grad_(False)
    there = trained(SPEC).to(gpu, dtype).requires_grad_(False)
    wanted = EXPLAINED[what](here, PICTURE)
    found = EXPLAINED[what](there, PICTURE.to(dtype)).cpu().double()
    assert wanted.any()
    assert (found - wanted).abs().max() < limit * wanted.abs().max()
