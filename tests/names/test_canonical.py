"""Canonical names: one for every spec, strict, and the only ones whose tokens set what is this program's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import PRESETS, ResNeXtSpec, name_of, parse, preset, title_of
from resnext_viz.errors import SpecError
from tests.support.specs import specs


@given(specs(), st.randoms(use_true_random=False))
def test_every_spec_has_a_name_that_gives_it_back_in_any_order(spec: ResNeXtSpec, random: st.DrawFn) -> None:
    tokens = name_of(spec).split("_")
    assert parse("_".join(tokens)) == spec
    random.shuffle(tokens)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert parse("_".join(tokens)) == spec


@pytest.mark.parametrize("name", PRESETS)
def test_presets_go_by_their_canonical_names_and_titles(name: str) -> None:
    assert name_of(PRESETS[name]) == name
    assert preset(name) is PRESETS[name]
    if "," not in title_of(PRESETS[name]):
        assert parse(title_of(PRESETS[name])) == PRESETS[name]


@pytest.mark.parametrize("token", ["x2", "b3-4-6-3", "k10", "in1", "bias", "out2cd", "features", "noshortcut"])
@pytest.mark.parametrize("pattern", ["resnext50-32x4d-{}", "ResNeXt50_32x4d_{}", "ResNeXt-50 (32x4d) {}", "x50_{}"])
def test_tokens_of_canonical_names_are_read_in_canonical_names_only(token: str, pattern: str) -> None:
    assert name_of(parse(f"resnext50_32x4d_{token}")) == f"resnext50_32x4d_{token}" or token == "b3-4-6-3"
    with pytest.raises(SpecError):
        parse(pattern.format(token))


def test_blocks_that_are_told_need_no_number_of_layers() -> None:
    assert parse("resnext_32x4d_b3-4-8-3_bias") == parse("resnext56_32x4d_b3-4-8-3_bias")


def test_a_token_of_a_canonical_name_stands_once() -> None:
    with pytest.raises(SpecError):
        parse("resnext50_32x4d_k10_k20")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "name is ''"),
        ("banana", "'banana' in it is not understood"),
        ("resnext50_32x4d; rm -rf", "'rm' in it is not understood"),
        ("<script>alert(1)</script>", "not understood"),
        ("x" * 1001, "write it like resnext50_32x4d"),
        ("resnext51", "use 18, 26, 34, 50, 101, 152, 200, or 9n+2"),
        ("resnext50_0x4d", "cardinality is 0; use a whole number"),
        ("resnext34_2x40d", "collapse to one wide block"),
        ("resnext18", "collapse to one wide block"),
        ("resnet50_b3-4-6-4", "make 53"),
        ("groups=many", "cardinality is 'many'"),
        ("colour=red", "is no option"),
        ("resnext50_999999x999999d", "from 1 to 1024"),
        ("resnext50_32x4d-k10", "'k10' is read in canonical names only, such as resnext50_32x4d_k10"),
    ],
)
def test_what_is_no_network_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(text)
    assert words in str(caught.value)


@given(st.text(max_size=60) | st.from_regex(r"(resnext|resnet)[ _-]?\d{1,3}[_ (]\w{1,9}", fullmatch=True))
def test_any_text_is_understood_or_refused_never_a_crash(text: str) -> None:
    try:
        spec = parse(text)
    except SpecError:
        return
    assert parse(name_of(spec)) == spec


def test_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(SpecError, match="resnext50_32x4d"):
        preset("nope")
