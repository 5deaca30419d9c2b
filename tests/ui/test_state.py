"""The dials' state: links, what the browser sends, the lock, and the model it counts with."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import complexity, name_of, parse, title_of
from resnext_viz.errors import SpecError
from resnext_viz.ui.state import PRESET_GROUPS, Dialled, browser_model
from tests.specs import image_sizes, specs


@given(specs(), image_sizes(), specs(), st.sampled_from([None, "macs", "params"]))
def test_a_link_and_the_browser_hold_the_whole_state(spec: Any, size: int, baseline: Any, lock: str | None) -> None:
    state = Dialled(spec, size, baseline, lock)
    assert Dialled.from_query(state.to_query()) == state
    assert Dialled.from_browser(json.loads(json.dumps(state.to_browser()))) == state


def test_an_empty_link_is_the_papers_network_on_its_image() -> None:
    state = Dialled.from_query({})
    assert (state.title, state.image_size, state.baseline_title) == ("ResNeXt-50 (32×4d)", 224, "ResNet-50")
    assert Dialled.from_query({"net": "resnext29_8x64d"}).image_size == 32


@pytest.mark.parametrize(("query", "words"), [
    ({"net": "banana"}, "not understood"),
    ({"net": "<script>alert(1)</script>"}, "not understood"),
    ({"net": "resnext50_99999x4d"}, "from 1 to 1024"),
    ({"net": "resnext34_2x40d"}, "collapse"),
    ({"size": "0"}, "image_size"),
    ({"size": "1e9"}, "image_size"),
    ({"size": "99999999999999999999"}, "image_size"),
    ({"vs": "vgg16"}, "not understood"),
    ({"lock": "time"}, "lock is 'time'; use macs or params"),
    ({"net": "x" * 10_000}, "write it like"),
])
def test_a_link_with_nonsense_is_refused_in_words(query: dict[str, str], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        Dialled.from_query(query)
    assert words in str(caught.value)


@pytest.mark.parametrize("sent", [
    {}, {"spec": []}, {"spec": {"cardinality": "many"}, "image_size": 224}, {"spec": {}, "image_size": -1},
    {"spec": {"banana": 1}, "image_size": 224}, {"spec": {}, "image_size": 224, "baseline": 7},
    {"spec": {}, "image_size": 224, "lock": {}},
])
def test_the_browser_is_not_trusted(sent: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        Dialled.from_browser(sent)


def test_the_lock_keeps_macs_near_the_baseline() -> None:
    locked = Dialled(parse("resnext50_16x8d"), 224, parse("resnet50"), "macs")
    assert locked.spec.base_width == 7
    assert round(locked.complexity.macs / complexity(parse("resnet50")).macs - 1, 3) == -0.043
    assert Dialled(parse("resnext50_32x64d"), 224, parse("resnet50"), "params").spec == parse("resnext50_32x4d")


def test_the_model_is_json_and_names_every_preset() -> None:
    model = json.loads(json.dumps(browser_model(Dialled())))
    offered = {row["name"]: row for row in model["presets"]}
    assert set(offered) == {name for _, names in PRESET_GROUPS for name in names}
    assert all(row["title"] == title_of(parse(name)) for name, row in offered.items())
    far = Dialled(baseline=parse("resnext50_3x5d"))
    assert name_of(far.baseline) in {row["name"] for row in browser_model(far)["presets"]}
