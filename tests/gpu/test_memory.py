"""A GPU that is short of memory: smaller batches, then the next engine, and words where training cannot go on."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.engines.engine import fixed_pictures
from resnext_viz.inference.engines.fallback import Fallback
from resnext_viz.inference.engines.torch_engines import exact_engine
from resnext_viz.names import preset
from resnext_viz.nn.network import ResNeXt
from resnext_viz.training.data.labelled_images import read_splits
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.training_run import Run
from tests.gpu.conftest import Capped, little_memory
from tests.inference.conftest import trained
from tests.support.pictures import picture_tree

pytestmark = pytest.mark.gpu

BATCH = 8
MB = 2**20


@pytest.fixture(scope="module")
def pictures(gpu: torch.device) -> Tensor:
    """So large on a GPU that the stem's three maps of one take about 50 MB, whatever else is held there."""
    side = 512 if gpu.type == "cuda" else 64
    return fixed_pictures((3, side, side), BATCH)


@pytest.fixture(scope="module")
def model(gpu: torch.device, pictures: Tensor) -> ResNeXt:
    spec = preset("resnext50_32x4d").with_options(depths=(1, 1), num_classes=5)
    model = trained(spec).requires_grad_(False).to(gpu)
    exact_engine(model, gpu).run(pictures)  # kernels and their libraries' own memory are there
    return model


def test_batches_are_halved_until_they_fit(gpu: torch.device, model: ResNeXt, pictures: Tensor, capped: Capped) -> None:
    engine = exact_engine(model, gpu)
    wanted = engine.run(pictures)
    with capped(engine, 160 * MB) as short:
        fallback = Fallback([lambda: short], BATCH)
        found = fallback.run(pictures)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
    assert f"{engine.name}: out of memory, so at most {BATCH // 2} pictures at once" in fallback.notes
    assert fallback.engine is short


def test_where_not_even_one_fits_the_next_engine_answers(
    gpu: torch.device, model: ResNeXt, pictures: Tensor, capped: Capped
) -> None:
    engine, processor = exact_engine(model, gpu), exact_engine(trained(model.spec), torch.device("cpu"))
    wanted = engine.run(pictures)
    with capped(engine, 0) as short:
        fallback = Fallback([lambda: short, lambda: processor], BATCH)
        found = fallback.run(pictures)
    assert fallback.engine is processor
    assert fallback.notes[-1] == f"{engine.name} is out of memory; answers come from {processor.name}"
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_with_memory_again_the_device_goes_on(
    gpu: torch.device, model: ResNeXt, pictures: Tensor, capped: Capped
) -> None:
    wanted = exact_engine(model, gpu).run(pictures)
    with capped(exact_engine(model, gpu), 0) as short, pytest.raises(UserError, match="free memory and try again"):
        Fallback([lambda: short], BATCH).run(pictures)
    assert torch.equal(exact_engine(model, gpu).run(pictures), wanted)


def test_a_step_that_does_not_fit_is_told_in_words(real_gpu: torch.device, model: ResNeXt, tmp_path: Path) -> None:
    train_set, test_set = read_splits(picture_tree(tmp_path / "data"), 128)
    spec = model.spec.with_options(num_classes=len(train_set.classes))
    run = Run(spec, Recipe(epochs=1, batch_size=16), train_set, test_set, tmp_path / "run", real_gpu)
    with little_memory(real_gpu, 8 * MB), pytest.raises(UserError, match="is out of memory in a step with 16 pictures"):
        next(run.epochs())
