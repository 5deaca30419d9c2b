"""The dials' state: links, what the browser sends, the lock, and the model it counts with."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import PRESETS, ResNeXtSpec, complexity, parse, title_of
from resnext_viz.errors import SpecError
from resnext_viz.ui.kit.dialled import Dialled, dials_text, headline_text, offer, offer_text
from tests.support.specs import image_shapes, specs


@given(specs(), image_shapes(), specs(), st.sampled_from([None, "macs", "params"]))
def test_a_link_and_the_browser_hold_the_whole_state(spec: Any, size: Any, baseline: Any, lock: str | None) -> None:
    state = Dialled(spec, size, baseline, lock)
    assert Dialled.from_query(state.to_query()) == state
    assert Dialled.from_browser(json.loads(json.dumps(state.to_browser()))) == state


def test_an_empty_link_is_the_papers_network_on_its_image() -> None:
    state = Dialled.from_query({})
    assert (state.title, state.image_size, state.baseline_title) == ("ResNeXt-50 (32×4d)", 224, "ResNet-50")
    assert Dialled.from_query({"net": "resnext29_8x64d"}).image_size == 32


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"net": "banana"}, "not understood"),
        ({"net": "<script>alert(1)</script>"}, "not understood"),
        ({"net": "resnext50_99999x4d"}, "from 1 to 1024"),
        ({"net": "resnext34_2x40d"}, "collapse"),
        ({"size": "0"}, "image_size"),
        ({"size": "1e9"}, "image_size"),
        ({"size": "99999999999999999999"}, "image_size"),
        ({"vs": "vgg16"}, "a VGG network"),
        ({"lock": "time"}, "lock is 'time'; use macs or params"),
        ({"net": "x" * 10_000}, "write it like"),
    ],
)
def test_a_link_with_nonsense_is_refused_in_words(query: dict[str, str], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        Dialled.from_query(query)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"spec": []},
        {"spec": {"cardinality": "many"}, "image_size": 224},
        {"spec": {}, "image_size": -1},
        {"spec": {"banana": 1}, "image_size": 224},
        {"spec": {}, "image_size": 224, "baseline": 7},
        {"spec": {}, "image_size": 224, "lock": {}},
    ],
)
def test_the_browser_is_not_trusted(sent: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        Dialled.from_browser(sent)


def test_a_typed_name_becomes_the_network_on_its_image_or_the_baseline() -> None:
    locked = Dialled(parse("resnext50_16x8d"), 320, parse("resnet50"), "macs")
    network = locked.named("network", "CIFAR-100 ResNeXt-29 (16 x 64d)")
    assert (network.spec, network.image_size, network.lock) == (parse("resnext29_16x64d_cifar100"), 32, None)
    baseline = locked.named("baseline", "x101_64x4d")
    assert baseline == Dialled(parse("resnext50_16x8d"), 320, parse("resnext101_64x4d"), "macs")


@pytest.mark.parametrize(
    ("part", "text"), [("network", 7), ("network", "seresnext50"), ("lock", "resnet50"), ([], None)]
)
def test_a_typed_name_that_cannot_be_read_is_refused(part: Any, text: Any) -> None:
    with pytest.raises(SpecError):
        Dialled().named(part, text)


def test_the_lock_keeps_macs_near_the_baseline() -> None:
    locked = Dialled(parse("resnext50_16x8d"), 224, parse("resnet50"), "macs")
    assert locked.spec.base_width == 7
    assert round(locked.complexity.macs / complexity(parse("resnet50")).macs - 1, 3) == -0.043
    assert Dialled(parse("resnext50_32x64d"), 224, parse("resnet50"), "params").spec == parse("resnext50_32x4d")


def test_every_preset_is_offered_with_its_title_and_its_options() -> None:
    offered = json.loads(offer_text())
    assert [row["name"] for row in offered["presets"]] == list(PRESETS)
    for row in offered["presets"]:
        spec = parse(row["name"])
        assert row["title"].startswith(title_of(spec))
        assert ResNeXtSpec.from_dict(offered["start"]["spec"] | row["changed"]) == spec


def test_the_headline_gets_a_part_of_the_model() -> None:
    dialled = Dialled(parse("resnext50_16x7d"), 97)
    model, part = json.loads(dials_text(dialled)), json.loads(headline_text(dialled))
    assert model["dialled"] == dialled.to_browser()
    assert part.items() <= model.items()


@pytest.mark.parametrize("name", ["resnext50_3x5d", "resnext29_3x64d_cifar10"])
def test_a_baseline_that_is_no_preset_can_be_chosen_from_what_the_model_says(name: str) -> None:
    model = json.loads(dials_text(Dialled(baseline=parse(name))))
    assert model["dialled"]["baseline"] == name
    assert ResNeXtSpec.from_dict(model["baseline"]["spec"]) == parse(name)
    assert model["baseline"]["image_size"] == (32 if "cifar" in name else 224)  # as trained in the paper


def test_no_two_networks_of_a_list_bear_one_title() -> None:
    titles = [each["title"] for each in offer()["presets"]]
    assert len(set(titles)) == len(titles)
    assert "ResNeXt-29 (8×64d), CIFAR, 100 classes" in titles
