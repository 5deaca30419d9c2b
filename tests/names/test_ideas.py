"""The sentence about a network's idea: true of its layers, whose channels are counted here by other means."""

import re

import pytest
from hypothesis import given

from resnext_viz import PRESETS, complexity
from resnext_viz.names import idea_of
from resnext_viz.spec import BlockKind, ResNeXtSpec
from tests.support.specs import specs

MIX = 9  # weights of a 3×3 for each pair of channels


@pytest.mark.parametrize("spec", PRESETS.values(), ids=PRESETS)
def test_the_idea_of_every_preset_is_true(spec: ResNeXtSpec) -> None:
    assert_true(spec)


@given(specs())
def test_the_idea_of_any_network_is_true(spec: ResNeXtSpec) -> None:
    assert_true(spec)


def test_the_sentence_of_the_papers_network() -> None:
    assert idea_of(PRESETS["resnext50_32x4d"]) == (
        "Each block splits its work over 32 paths, each 4 channels wide in stage 1 and twice as wide in each stage "
        "after it, and adds up what they give."
    )


def assert_true(spec: ResNeXtSpec) -> None:
    """What the sentence says gives the weights that the 3×3 of every stage have."""
    words = idea_of(spec)
    numbers = {**said(words, r"([\d,]+) paths", "paths"), **said(words, r"([\d,]+|one) channels?\b", "width")}
    paths, width = numbers.get("paths", 1), numbers["width"]
    assert ("paths, " in words) == (spec.cardinality > 1)
    assert ("stage 1" in words) == (len(spec.depths) > 1)
    assert ("two 3×3" in words) == (spec.block is BlockKind.BASIC)
    for stage in range(len(spec.depths)):
        wide = width * 2**stage
        first = "conv1" if spec.block is BlockKind.BASIC else "conv2"
        layer = next(each for each in complexity(spec).layers if each.name == f"layer{stage + 1}.0.{first}")
        into = layer.c_in if spec.block is BlockKind.BASIC else wide
        assert layer.weights == MIX * paths * into * wide


def said(words: str, pattern: str, name: str) -> dict[str, int]:
    found = re.search(pattern, words)
    return {name: int(found[1].replace(",", "").replace("one", "1"))} if found else {}
