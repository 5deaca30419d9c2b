"""Files as people bring them, by both doors: what a module computes is what is run, and nothing right is accused."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import prune
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.resnet import Bottleneck, ResNet

from resnext_viz.auditing import Audit
from resnext_viz.block_forms.terms import Form
from resnext_viz.errors import UserError
from resnext_viz.inference.weights.checkpoint import Checkpoint, load_checkpoint
from resnext_viz.names import parse
from resnext_viz.nn import audit, build
from resnext_viz.nn.proof.network_forms import network_in_form, random_network
from tests.inference.weights.test_dialects import with_statistics

Content = dict[str, Any]
SPEC = parse("resnext17_4x4d_b1-2-1-1_k7")


def theirs(classes: int = 7, seed: int = 1) -> ResNet:
    """Torchvision's constructor with statistics that no default gives."""
    torch.manual_seed(seed)
    model = ResNet(Bottleneck, [1, 2, 1, 1], num_classes=classes, groups=4, width_per_group=4)
    with_statistics(model)
    return model


def with_head(head: nn.Module) -> ResNet:
    model = theirs()
    model.fc = head  # type: ignore[assignment]
    return model.eval()


def prefixed(state: Mapping[str, Any], begin: str) -> Content:
    return {begin + key: value for key, value in state.items()}


def pruned() -> ResNet:
    model = theirs()
    for part in model.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            prune.random_unstructured(part, "weight", 0.3)
    return model.eval()


def folded(model: nn.Module) -> nn.Module:
    """Torch's own folding of every pair of convolution and batch norm."""
    model = copy.deepcopy(model).eval()
    for folder in [*model.modules()]:
        before = ""
        for name, part in list(folder.named_children()):
            if isinstance(part, nn.BatchNorm2d):
                folder.add_module(before, fuse_conv_bn_eval(folder.get_submodule(before), part))
                folder.add_module(name, nn.Identity())
            before = name
    return model


def lua_names(state: Mapping[str, Any]) -> Content:
    """The names of Cadene's converted networks: numbers of nested lists alone, and `last_linear`."""
    found = {}
    for key, value in state.items():
        parts = key.split(".")
        leaf = parts[-1]
        if parts[0] in ("conv1", "bn1"):
            name = f"features.{('conv1', 'bn1').index(parts[0])}"
        elif parts[0] == "fc":
            name = "last_linear"
        else:
            stage, number, layer = int(parts[0][-1]) + 3, parts[1], parts[2]
            inside = {"conv1": "0.0.0", "bn1": "0.0.1", "conv2": "0.0.3", "bn2": "0.0.4", "conv3": "0.1", "bn3": "0.2"}
            within = inside.get(layer) or f"1.{parts[3]}"
            name = f"features.{stage}.{number}.0.{within}"
        found[f"{name}.{leaf}"] = value
    return found


def detectrons_names(state: Mapping[str, Any]) -> Content:
    """A norm held by its convolution."""
    renamed = {}
    for key, value in state.items():
        name = key.replace("layer", "res").replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm")
        for number in "123":
            name = name.replace(f"bn{number}", f"conv{number}.norm")
        renamed[name] = value
    return renamed


CASES: dict[str, Callable[[], tuple[nn.Module, Content]]] = {}


def case(make: Callable[[], tuple[nn.Module, Content]]) -> Callable[[], tuple[nn.Module, Content]]:
    CASES[make.__name__.replace("_", " ")] = make
    return make


def of_state(change: Callable[[Content], Content], model: nn.Module) -> tuple[nn.Module, Content]:
    return model, change(dict(model.state_dict()))


@case
def a_linear_layer_behind_a_dropout() -> tuple[nn.Module, Content]:
    return of_state(dict, with_head(nn.Sequential(nn.Dropout(), nn.Linear(2048, 7))))


@case
def a_linear_layer_in_a_list_in_a_list() -> tuple[nn.Module, Content]:
    return of_state(dict, with_head(nn.Sequential(nn.Sequential(nn.Flatten(), nn.Linear(2048, 7)))))


@case
def an_encoder_in_a_model_in_a_model() -> tuple[nn.Module, Content]:
    return of_state(lambda state: prefixed(state, "model.model.encoder."), theirs())


@case
def a_lightning_file_with_a_loss() -> tuple[nn.Module, Content]:
    model = theirs()
    inner = {**prefixed(model.state_dict(), "net."), "criterion.weight": torch.ones(7)}
    optimiser = {"state": {0: {"exp_avg": torch.ones(64, 3, 7, 7)}}, "param_groups": []}
    return model, {"epoch": 3, "state_dict": inner, "optimizer_states": [optimiser], "optimizer": optimiser}


@case
def names_from_lua() -> tuple[nn.Module, Content]:
    return of_state(lua_names, theirs())


@case
def norms_inside_convolutions() -> tuple[nn.Module, Content]:
    return of_state(detectrons_names, theirs())


@case
def norms_inside_convolutions_in_alphabetical_order() -> tuple[nn.Module, Content]:
    return of_state(lambda state: dict(sorted(detectrons_names(state).items())), theirs())


@case
def weights_pruned_by_torch() -> tuple[nn.Module, Content]:
    return of_state(dict, pruned())


@case
def batch_norm_folded_by_torch() -> tuple[nn.Module, Content]:
    return of_state(dict, folded(theirs()))


@case
def a_bias_on_one_convolution_alone() -> tuple[nn.Module, Content]:
    model = theirs()
    model.conv1.bias = nn.Parameter(torch.randn(64))
    return of_state(dict, model)


@case
def weight_norm_on_a_convolution() -> tuple[nn.Module, Content]:
    model = theirs()
    nn.utils.parametrizations.weight_norm(model.layer2[0].conv2)
    return of_state(dict, model)


@case
def a_classifier_that_is_a_convolution() -> tuple[nn.Module, Content]:
    model = theirs()
    return model, {
        key: value[:, :, None, None] if key == "fc.weight" else value for key, value in model.state_dict().items()
    }


@case
def a_linear_layer_without_bias() -> tuple[nn.Module, Content]:
    return of_state(dict, with_head(nn.Linear(2048, 7, bias=False)))


for wrapper in ("module", "model_state", "weights", "params", "anything at all"):
    CASES[f"wrapped as {wrapper}"] = lambda name=wrapper: of_state(lambda state: {name: state, "epoch": 1}, theirs())


def both_doors(content: Content, tmp_path: Path, part: str | None = None) -> tuple[Audit, Checkpoint]:
    torch.save(content, tmp_path / "theirs.pth")
    return audit(content, part=part), load_checkpoint(tmp_path / "theirs.pth", None, True, part)


def assert_same_logits(loaded: Checkpoint, module: nn.Module) -> None:
    ours = build(loaded.spec).eval()
    ours.load_state_dict(loaded.state_dict, strict=False)
    image = torch.randn(2, loaded.spec.in_channels, 40, 40)
    with torch.inference_mode():
        expected = module.eval()(image)
        torch.testing.assert_close(ours(image), expected, rtol=1e-4, atol=1e-4 * float(expected.abs().max()))


@pytest.mark.parametrize("name", CASES)
def test_what_the_module_computes_is_what_is_run(name: str, tmp_path: Path) -> None:
    module, content = CASES[name]()
    found, loaded = both_doors(content, tmp_path)
    assert loaded.spec == SPEC
    assert_same_logits(loaded, module)
    accused = [finding.mistake.value for finding in found.mistakes]
    assert accused == (["bias before batch norm"] if name.startswith("a bias") else [])


def test_what_is_left_over_is_named(tmp_path: Path) -> None:
    _, content = a_lightning_file_with_a_loss()
    found, loaded = both_doors(content, tmp_path)
    assert found.reading.left_over == ("state_dict.criterion",)
    assert "Left over, and not run: state_dict.criterion.weight." in loaded.notes


def test_a_mask_is_no_weight() -> None:
    model = pruned()
    masks = sum(mask.numel() for name, mask in model.named_buffers() if name.endswith("_mask"))
    assert masks > 0
    assert audit(model.state_dict()).params == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("order", ["student first", "teacher first"])
def test_of_two_networks_one_is_proposed_and_the_other_can_be_asked_for(order: str, tmp_path: Path) -> None:
    student, teacher = theirs(7, 1), theirs(5, 2)
    both = {"student": student.state_dict(), "teacher": teacher.state_dict()}
    content: Content = both if order == "student first" else dict(reversed(both.items()))
    found, loaded = both_doors(content, tmp_path)
    assert (found.reading.part.name, found.reading.part.others, found.mistakes) == ("student", ("teacher",), ())
    assert "student is read" in loaded.notes[0]
    assert_same_logits(loaded, student)
    found, loaded = both_doors(content, tmp_path, "teacher")
    assert found.spec == SPEC.with_options(num_classes=5)
    assert_same_logits(loaded, teacher)
    with pytest.raises(UserError, match="no network called 'aunt'; use one of"):
        both_doors(content, tmp_path, "aunt")


def test_the_running_average_beside_a_network_is_not_proposed(tmp_path: Path) -> None:
    model, average = theirs(), theirs(7, 5)
    content = {"state_dict_ema": average.state_dict(), "state_dict": model.state_dict()}
    found, loaded = both_doors(content, tmp_path)
    assert found.reading.part.name == "state_dict"
    assert_same_logits(loaded, model)


@pytest.mark.parametrize("form", [Form.A, Form.B])
@pytest.mark.parametrize("name", ["resnext11_4x4d_cifar10", "resnext14_8x4d_b1-2-1_k5", "resnext20_3x8d_cifar10_bias"])
def test_the_papers_own_forms_are_the_network(name: str, form: Form, tmp_path: Path) -> None:
    spec = parse(name)
    network = random_network(spec, 0)
    module = network_in_form(network, form)
    words = f"form ({'a' if form is Form.A else 'b'})"
    for each in (module, module.state_dict()):
        found = audit(each, claimed=spec)
        assert found.spec == spec
        assert not found.mistakes
        assert words in found.verdict
        assert found.params == sum(parameter.numel() for parameter in network.parameters())
    _, loaded = both_doors(dict(module.state_dict()), tmp_path)
    assert_same_logits(loaded, network.float())


def test_one_output_is_said_to_be_a_sigmoid(tmp_path: Path) -> None:
    model = theirs(1)
    _, loaded = both_doors(dict(model.state_dict()), tmp_path)
    assert loaded.notes[-2].startswith("It has one output: the answer is the sigmoid")
    assert_same_logits(loaded, model)


def test_a_head_of_several_layers_is_told_layer_by_layer(tmp_path: Path) -> None:
    head = nn.Sequential(nn.Linear(2048, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 7))
    model = with_head(head)
    found = audit(model.state_dict())
    assert not found.mistakes
    assert found.counted
    assert found.counted.params == found.params == sum(parameter.numel() for parameter in model.parameters())
    torch.save(model.state_dict(), tmp_path / "x.pth")
    loaded = load_checkpoint(tmp_path / "x.pth", None, True)
    assert any("linear layer 2,048 → 32, ReLU, linear layer 32 → 7" in note for note in loaded.notes)


def test_fastais_head_is_not_accused() -> None:
    body = nn.Sequential(*list(theirs().children())[:-2])
    head = nn.Sequential(
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.BatchNorm1d(4096), nn.Dropout(), nn.Linear(4096, 512, bias=False),
        nn.ReLU(), nn.BatchNorm1d(512), nn.Dropout(), nn.Linear(512, 7, bias=False),
    )  # fmt: skip
    module = nn.Sequential(body, head)
    found = audit(module.state_dict())
    assert not found.mistakes
    assert found.unaccounted == 0
    assert found.counted
    assert found.counted.params == sum(parameter.numel() for parameter in module.parameters())
