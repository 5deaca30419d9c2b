"""Random dialled networks and measurements for the lessons."""

from typing import Any

from hypothesis import strategies as st

from resnext_viz.lessons import DialledNetwork, FormsMeasured, PathMeasured, TimeMeasured
from resnext_viz.names import PRESETS
from tests.support.specs import image_sizes, specs


def dialled_networks() -> st.SearchStrategy[DialledNetwork]:
    """Presets and any legal network, against presets and any other, on images of any size."""
    networks = st.sampled_from(sorted(PRESETS)).map(PRESETS.__getitem__) | specs()
    return st.builds(DialledNetwork, networks, image_sizes() | st.none(), networks)


@st.composite
def measurements(draw: st.DrawFn, number: int, dialled: DialledNetwork) -> Any:
    """What is measured for lesson 3, 4 or 5; None for the others."""
    if number == 3:
        return FormsMeasured(dialled.spec, draw(st.floats(0, 1e6) | st.just(float("inf"))), draw(st.integers(1, 96)))
    if number == 4:
        low, ratio, high = sorted(draw(st.lists(st.floats(0.01, 9), min_size=3, max_size=3)))
        return TimeMeasured(dialled.spec, dialled.baseline, dialled.size, 8, ratio, low, high,
                            draw(st.none() | st.floats(0.1, 9)))  # fmt: skip
    if number == 5:
        paths = draw(st.integers(1, 64))
        share = st.floats(0, 1)
        return PathMeasured("chelsea.png", "cifar10", "cat", 3, paths, 3, 1, draw(st.integers(1, paths)), draw(share),
                            draw(share), draw(st.none() | share))  # fmt: skip
    return None
