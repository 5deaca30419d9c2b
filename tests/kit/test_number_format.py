"""Numbers in words: prefixes, bytes, times."""

import pytest

from resnext_viz.kit.number_format import byte_size, duration, estimated_duration


@pytest.mark.parametrize(("seconds", "words"), [
    (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3900, "1 h 5 min"),
])  # fmt: skip
def test_times_are_said_in_their_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (89.4, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"), (12_600, "3.5 h")],
)
def test_what_will_take_is_no_more_exact_than_an_estimate(seconds: float, words: str) -> None:
    assert estimated_duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "places", "words"),
    [(512, 2, "512 B"), (1000, 2, "1.00 kB"), (5_980_000_000, 2, "5.98 GB"), (2_320_000_000, 1, "2.3 GB")],
)
def test_bytes_have_prefixes_of_a_thousand(count: int, places: int, words: str) -> None:
    assert byte_size(count, places) == words
