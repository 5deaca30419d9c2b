"""What a check of a whole network will take: counted from the walk, timed here, and refused where it is too much."""

import pytest
import torch
from torch import nn

from resnext_viz import complexity, parse
from resnext_viz.block_forms.terms import Form
from resnext_viz.errors import UserError
from resnext_viz.nn.proof import network_estimate
from resnext_viz.nn.proof.equivalence import Dtype
from resnext_viz.nn.proof.network_estimate import (
    PATIENCE_S,
    CheckSetting,
    MachineSpeed,
    Speeds,
    estimate,
    estimated,
    machine_speeds,
    smaller_settings,
)
from resnext_viz.nn.proof.network_forms import network_in_form, random_network
from resnext_viz.spec import ResNeXtSpec, Stem

TINY = ResNeXtSpec((2, 1), cardinality=4, base_width=4, stem=Stem.CIFAR, num_classes=10)
SLOW = Speeds(dict.fromkeys(Form, MachineSpeed(1e-3, 1e-9)), 1e-9)


def test_form_a_of_resnext_101_64x4d_has_6341_convolutions() -> None:
    found = estimate(CheckSetting(parse("resnext101_64x4d"), 224))
    assert found.convolutions[Form.A] == 6341
    assert found.convolutions[Form.C] == 104  # 3·33 in blocks, 4 projections, the stem


def test_convolutions_are_those_of_the_built_network() -> None:
    network = random_network(TINY, seed=0)
    found = estimate(CheckSetting(TINY, 8)).convolutions
    for form in Form:
        wired = network_in_form(network, form)
        assert found[form] == sum(isinstance(module, nn.Conv2d) for module in wired.modules())


def test_the_macs_are_those_of_all_passes() -> None:
    spec = parse("resnext50_32x4d")
    found = estimate(CheckSetting(spec, 224, (Dtype.FLOAT32,), steps=2))
    # Four networks; forward in eval mode, then twice forward and backward (at twice a forward pass); batch 2.
    assert found.macs == 4 * (1 + 2 * 3) * 2 * complexity(spec, 224).macs
    assert found.seconds is None


def test_seconds_come_from_calls_and_multiply_adds() -> None:
    setting = CheckSetting(TINY, 8, (Dtype.FLOAT64,), steps=1)
    calls_only = Speeds(dict.fromkeys(Form, MachineSpeed(1.0, 0.0)), 0.0)
    found = estimate(setting, calls_only)
    convolutions = [found.convolutions[form] for form in (Form.A, Form.B, Form.C, Form.C)]
    assert found.seconds == pytest.approx(sum(convolutions) * 4 / 3)
    macs_only = Speeds(dict.fromkeys(Form, MachineSpeed(0.0, 1.0)), 0.0)
    assert estimate(setting, macs_only).seconds == pytest.approx(found.macs / 3)


def test_a_calibration_finds_that_everything_takes_time() -> None:
    speeds = machine_speeds(CheckSetting(TINY, 8))
    assert set(speeds.forms) == set(Form)
    assert all(speed.a_mac > 0 and speed.a_call >= 0 for speed in speeds.forms.values())
    assert speeds.a_weight > 0
    assert torch.get_num_threads() == 1  # as this test's fixture left it


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("resnext50_1024x4d", 32, "form \\(a\\) of this network has 49,157 convolutions; a check takes up to 20,000"),
        ("resnext101_64x4d", 224, "at 224 px the check would need 10.7 GB; the limit is"),
        ("resnet34", 64, "only bottlenecks have three forms"),
    ],
)
def test_the_huge_is_refused_before_anything_is_computed(
    monkeypatch: pytest.MonkeyPatch, name: str, size: int, words: str
) -> None:
    monkeypatch.setattr(network_estimate, "machine_speeds", lambda _: pytest.fail("computed"))
    with pytest.raises(UserError, match=words):
        estimated(CheckSetting(parse(name), size))


def test_what_would_take_hours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # 4 networks, 2 dtypes, the work of 1 + 3·3 forward passes of 2 images: 677 G multiply-adds, 3.3 ns each.
    monkeypatch.setattr(
        network_estimate, "machine_speeds", lambda _: Speeds(dict.fromkeys(Form, MachineSpeed(0.0, 1e-8)), 0.0)
    )
    with pytest.raises(UserError, match="would take about 38 minutes; the limit is 30, so choose a smaller image"):
        estimated(CheckSetting(parse("resnext50_32x4d"), 224))


def test_smaller_settings_keep_what_they_can_within_patience() -> None:
    setting = CheckSetting(parse("resnext50_32x4d"), 224)
    offers = list(smaller_settings(setting, SLOW))
    both, one = setting.dtypes, setting.dtypes[-1:]
    assert [(smaller.dtypes, smaller.steps) for smaller, _ in offers] == [(both, 3), (both, 1), (one, 3), (one, 1)]
    for smaller, found in offers:
        assert smaller.image_size <= 224
        assert found == estimate(smaller, SLOW)
        assert found.seconds is not None
        assert found.seconds <= PATIENCE_S
    sizes = [smaller.image_size for smaller, _ in offers]
    assert sizes == sorted(sizes)  # the less is asked for, the larger the image may be
    assert list(smaller_settings(CheckSetting(TINY, 8, one, 1), SLOW)) == []  # nothing less to ask for, and it fits
