"""Random legal specs for property tests."""

from hypothesis import strategies as st

from resnext_viz.spec import BlockKind, ImageSize, OutputRule, ResNeXtSpec, Stem, StrideOn

_SHARED = {
    "depths": st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    "base_width": st.integers(1, 64),
    "stem": st.sampled_from(Stem),
    "shortcut": st.booleans(),
    "conv_bias": st.booleans(),
    "num_classes": st.integers(1, 1000),
    "head": st.booleans(),
    "in_channels": st.integers(1, 4),
}
_BOTTLENECK = _SHARED | {"cardinality": st.integers(1, 64), "stride_on": st.sampled_from(StrideOn)}


def specs() -> st.SearchStrategy[ResNeXtSpec]:
    """Bottlenecks with the paper's output rule or the tutorials', and basic blocks."""
    return st.one_of(
        st.builds(ResNeXtSpec, **_BOTTLENECK, expansion=st.integers(1, 8)),
        st.builds(ResNeXtSpec, **_BOTTLENECK, output_rule=st.just(OutputRule.WIDTH)),
        st.builds(ResNeXtSpec, **_SHARED, block=st.just(BlockKind.BASIC), expansion=st.integers(1, 4)),
    )


def image_shapes() -> st.SearchStrategy[ImageSize]:
    """Sides of squares, and heights and widths that differ, in pixels."""
    sides = image_sizes()
    return sides | st.tuples(sides, sides).filter(lambda sides: sides[0] != sides[1])


def image_sizes() -> st.SearchStrategy[int]:
    """Small, usual and odd sides of an image, in pixels."""
    return st.integers(1, 300)
