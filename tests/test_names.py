"""Names in every dialect, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import PRESETS, ResNeXtSpec, name_of, parse, preset, title_of
from resnext_viz.errors import SpecError
from tests.specs import specs


@given(specs())
def test_every_spec_has_a_name_that_gives_it_back(spec: ResNeXtSpec) -> None:
    assert parse(name_of(spec)) == spec


@pytest.mark.parametrize("name", PRESETS)
def test_presets_go_by_their_canonical_names_and_titles(name: str) -> None:
    assert name_of(PRESETS[name]) == name
    assert preset(name) is PRESETS[name]
    if "," not in title_of(PRESETS[name]):
        assert parse(title_of(PRESETS[name])) == PRESETS[name]


@pytest.mark.parametrize(("text", "name"), [
    ("ResNeXt-50 (32x4d)", "resnext50_32x4d"),
    ("ResNeXt-50 (32×4d)", "resnext50_32x4d"),
    ("resnext50", "resnext50_32x4d"),
    ("resnext-101-64x4d", "resnext101_64x4d"),
    ("resnext101_32x8d", "resnext101_32x8d"),
    ("32x4d ResNeXt-101", "resnext101_32x4d"),
    ("groups=32, width_per_group=4", "resnext50_32x4d"),
    ("cardinality=32 base_width=4 depth=101", "resnext101_32x4d"),
    ("C=2, d=40", "resnext50_2x40d"),
    ("ResNeXt50_32X4D_Weights.IMAGENET1K_V2", "resnext50_32x4d"),
    ("torchvision.models.resnext101_32x8d", "resnext101_32x8d"),
    ("resnext50_32x4d.a1_in1k", "resnext50_32x4d"),
    ("wide_resnet50_2", "resnet50_1x128d"),
    ("ResNet-50", "resnet50"),
    ("ResNet-101, 1x100d", "resnet101_1x100d"),
    ("resnext29_8x64d", "resnext29_8x64d_cifar10"),
    ("ResNeXt-29, 8×64d", "resnext29_8x64d_cifar10"),
    ("CIFAR-100 ResNeXt-29 (16x64d)", "resnext29_16x64d_cifar100"),
    ("resnet34", "resnet34"),
])
def test_dialects(text: str, name: str) -> None:
    assert name_of(parse(text)) == name


@pytest.mark.parametrize(("text", "words"), [
    ("", "name is ''"),
    ("banana", "'banana' in it is not understood"),
    ("resnext50_32x4d; rm -rf", "'rm' in it is not understood"),
    ("<script>alert(1)</script>", "not understood"),
    ("x" * 1000, "write it like resnext50_32x4d"),
    ("resnext51", "use 18, 26, 34, 50, 101, 152, 200, or 9n+2"),
    ("resnext50_0x4d", "cardinality is 0; use a whole number"),
    ("resnext34_2x40d", "collapse to one wide block"),
    ("resnext18", "collapse to one wide block"),
    ("resnet50_b3-4-6-4", "make 53"),
    ("groups=many", "cardinality is 'many'"),
    ("colour=red", "is no option"),
    ("resnext50_999999x999999d", "from 1 to 1024"),
])
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
