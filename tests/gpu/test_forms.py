"""Forms A, B and C are one block on the GPU too, in each dtype, and it is the block that the processor computes."""

import pytest
import torch

from resnext_viz.block_forms.terms import Form
from resnext_viz.nn.proof.equivalence import Dtype, block_of, check_forms
from resnext_viz.nn.proof.form_run import FormRun, What, largest_difference, random_block
from resnext_viz.nn.proof.forms import to_form
from resnext_viz.nn.proof.whole_network import check_network
from resnext_viz.spec import ResNeXtSpec, StrideOn

pytestmark = pytest.mark.gpu

NARROW = ResNeXtSpec((2, 1), cardinality=4, base_width=4)
IMAGE = 64


@pytest.mark.usefixtures("tf32_allowed")
@pytest.mark.parametrize("dtype", list(Dtype))
@pytest.mark.parametrize(
    "spec",
    [
        NARROW,
        NARROW.with_options(cardinality=32),
        NARROW.with_options(cardinality=1, base_width=64),
        NARROW.with_options(conv_bias=True, stride_on=StrideOn.CONV1X1),
    ],
    ids=["4x4d", "32x4d", "one path", "bias and stride on 1x1"],
)
def test_forms_are_equal(gpu: torch.device, spec: ResNeXtSpec, dtype: Dtype) -> None:
    rows = list(check_forms(spec, IMAGE, dtypes=[dtype], device=str(gpu), seed=5))
    assert rows
    assert [row for row in rows if not row.equal] == []


@pytest.mark.usefixtures("tf32_allowed")
@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
@pytest.mark.parametrize("form", list(Form))
def test_a_form_is_what_the_processor_makes_of_it_in_float64(
    gpu: torch.device, form: Form, dtype: torch.dtype, limit: float
) -> None:
    """Gradients only in float64: in float32 a ReLU's input may lie on the other side of zero. TF32 is 1e-3 off."""
    module = to_form(random_block(block_of(NARROW, 1, 2), seed=1), form)
    x = torch.randn(2, 256, 14, 14, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    there = FormRun(to_form(module, form).to(gpu, dtype), x)
    here = FormRun(module, x)
    kinds = list(What) if dtype is torch.float64 else [What.OUTPUT]
    if dtype is torch.float64:
        upstream = torch.randn(here.output.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
        here.backward(upstream, here, 0)
        there.backward(upstream, there, 0)
    for what in kinds:
        _, relative = largest_difference(there.results(what), here.results(what))
        assert relative < limit


def test_a_whole_network_is_the_same_in_all_forms_through_steps_of_training(gpu: torch.device) -> None:
    rows = list(check_network(NARROW.with_options(num_classes=5), image_size=IMAGE, steps=2, device=str(gpu)))
    assert {row.dtype for row in rows} == {Dtype.FLOAT64, Dtype.FLOAT32}
    assert [row for row in rows if row.equal is False] == []
