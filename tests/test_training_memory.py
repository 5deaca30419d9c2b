"""The memory of a training step against what torch keeps: every storage once, to the byte."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from resnext_viz import ResNeXtSpec, parse
from resnext_viz.layers import walk
from resnext_viz.nn import build
from resnext_viz.training_cost import Optimizer, Precision, TrainingCost, training_cost
from tests.support.one_thread import one_thread
from tests.support.specs import specs

__all__ = ["one_thread"]

OPTIMIZERS: dict[Optimizer, Any] = {
    Optimizer.SGD: lambda learned: torch.optim.SGD(learned, lr=0.1),
    Optimizer.MOMENTUM: lambda learned: torch.optim.SGD(learned, lr=0.1, momentum=0.9),
    Optimizer.ADAM: lambda learned: torch.optim.AdamW(learned, lr=0.1),
}
CASTS = {Precision.MIXED_BFLOAT16: torch.bfloat16, Precision.MIXED_FLOAT16: torch.float16}


def storage_bytes(tensors: Iterable[Tensor]) -> int:
    """Bytes of the storages behind tensors, each once; a meta tensor has a storage without bytes in it."""
    storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage() for tensor in tensors}
    return sum(storage.nbytes() for storage in storages.values())


def kept_for_backward(model: nn.Module, x: Tensor, within: AbstractContextManager[Any]) -> int:
    """Bytes that autograd holds on to, without the module's own tensors."""
    own = {tensor.untyped_storage()._cdata for tensor in (*model.parameters(), *model.buffers())}
    kept: list[Tensor] = []

    def pack(tensor: Tensor) -> Tensor:
        if tensor.untyped_storage()._cdata not in own:
            kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), within:
        output = model.train()(x)
    assert output.requires_grad  # the graph, and what it keeps, is alive
    return storage_bytes(kept)


def casting(precision: Precision) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", CASTS[precision]) if precision.is_mixed else nullcontext()


def cast_weights(cost: TrainingCost) -> int:
    """Autograd also keeps mixed precision's cast weights, which the memory lists as weights."""
    return cost.memory.weights if cost.precision.is_mixed else 0


# On meta, networks of any size: torch's own network too, with its in-place ReLUs.
@pytest.mark.parametrize(("name", "batch"), [("resnet50", 32), ("resnext50_32x4d", 32), ("resnext101_32x8d", 3)])
def test_torchvisions_networks_keep_the_same_with_their_relus_in_place(name: str, batch: int) -> None:
    import torchvision

    with torch.device("meta"):
        theirs, ours = getattr(torchvision.models, name)(), build(parse(name))
        images = torch.empty(batch, 3, 224, 224)
    expected = training_cost(parse(name), batch_size=batch).memory.activations
    assert kept_for_backward(theirs, images, nullcontext()) == expected
    assert kept_for_backward(ours, images, nullcontext()) == expected


@pytest.mark.parametrize("precision", Precision)
@given(spec=specs(), size=st.integers(2, 24), batch=st.integers(2, 3))
@settings(max_examples=6)
def test_every_byte_of_any_network(precision: Precision, spec: ResNeXtSpec, size: int, batch: int) -> None:
    assume(sum(spec.depths) < 6 and spec.cardinality * spec.base_width * spec.expansion < 600)
    dtype = torch.bfloat16 if precision is Precision.BFLOAT16 else torch.float32
    cost = TrainingCost(walk(spec, size), batch, precision=precision)
    model, images = build(spec).to(dtype), torch.zeros(batch, spec.in_channels, size, size, dtype=dtype)
    assert kept_for_backward(model, images, casting(precision)) == cost.memory.activations + cast_weights(cost)


@pytest.mark.parametrize("precision", Precision)
@pytest.mark.parametrize("optimizer", Optimizer)
def test_learned_elements_gradients_and_state_after_a_real_step(optimizer: Optimizer, precision: Precision) -> None:
    spec = ResNeXtSpec((1, 1), cardinality=2, base_width=4, num_classes=5, conv_bias=True)
    dtype = torch.bfloat16 if precision is Precision.BFLOAT16 else torch.float32
    model, images = build(spec).to(dtype), torch.rand(2, 3, 16, 16, dtype=dtype)
    stepper = OPTIMIZERS[optimizer](model.parameters())
    with casting(precision):
        loss = model(images).float().square().sum()
    loss.backward()
    stepper.step()
    memory = training_cost(spec, 16, 2, optimizer, precision).memory
    learned = storage_bytes(model.parameters())
    assert (memory.master_weights if precision.is_mixed else memory.weights) == learned
    assert memory.gradients == storage_bytes(p.grad for p in model.parameters() if p.grad is not None)
    assert memory.running_statistics == storage_bytes(model.buffers())
    state = [value for each in stepper.state.values() for value in each.values() if isinstance(value, Tensor)]
    assert memory.optimizer_state == storage_bytes(state)


def test_the_whole_is_the_sum_of_its_rows() -> None:
    cost = training_cost(parse("resnext50_32x4d"), None, 32, Optimizer.ADAM, Precision.MIXED_BFLOAT16)
    memory = cost.memory
    assert memory.total == sum(memory._asdict().values())
    kept = {"images", "norm_inputs", "norm_statistics", "relu_outputs", "pool_outputs", "pool_indices", "linear_inputs"}
    assert memory.activations == sum(size for name, size in memory._asdict().items() if name in kept)


def test_what_a_batch_adds_is_the_same_for_every_image() -> None:
    one, two, three = (training_cost(parse("resnext50_32x4d"), batch_size=n).memory.total for n in (1, 2, 3))
    assert three - two == two - one > 0
