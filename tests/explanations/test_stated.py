"""Numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.errors import UserError
from resnext_viz.explanations.stated import Fit, Kind, StatedNumber, read_number


def values(number: StatedNumber) -> set[tuple[str, float]]:
    return {(reading.kind.value, round(number.value_in(reading), 3)) for reading in number.readings}


@pytest.mark.parametrize(("text", "kind", "value", "digits"), [
    ("22.84 GFLOPs", "operations", 22.84e9, 4),
    ("22.84GFlops", "operations", 22.84e9, 4),
    ("4.12 GMac", "operations", 4.12e9, 3),
    ("4.1B FLOPs", "operations", 4.1e9, 2),
    ("4.1 billion multiply-adds", "operations", 4.1e9, 2),
    ("4089 MMACs", "operations", 4089e6, 4),
    ("4,089 G mult-adds", "operations", 4.089e9, 4),
    ("4.23×10^9 MACs", "operations", 4.23e9, 3),
    ("22840000000 FLOPs", "operations", 22.84e9, 4),
    ("25.0M params", "params", 25e6, 3),
    ("≈ 25.5 million parameters", "params", 25.5e6, 3),
    ("89,700,288 params", "params", 89_700_288, 8),
    ("89 700 288 weights", "params", 89_700_288, 8),
    ("25.557.032 params", "params", 25_557_032, 8),
    ("70k params", "params", 70_000, 2),
    ("0.22 GFLOPs", "operations", 0.22e9, 2),
    ("11.1 M acts", "acts", 11.1e6, 3),
    ("97.8 MiB", "bytes", 97.8 * 2**20, 3),
    ("102228128 bytes", "bytes", 102_228_128, 9),
])  # fmt: skip
def test_a_number_with_its_unit_is_read(text: str, kind: str, value: float, digits: int) -> None:
    number = read_number(text)
    assert values(number) == {(kind, round(value, 3))}
    assert number.digits == digits


def test_a_megabyte_is_a_million_bytes_or_a_mebibyte() -> None:
    assert values(read_number("95.8 MB")) == {("bytes", 95.8e6), ("bytes", round(95.8 * 2**20, 3))}


@pytest.mark.parametrize(("text", "taken"), [
    ("22.84", {("operations", 22.84e9), ("operations", 22.84e6), ("params", 22.84e6), ("acts", 22.84e6),
               ("bytes", 22.84e6), ("bytes", round(22.84 * 2**20, 3))}),
    ("4,12 G", {("operations", 4.12e9)}),
    ("22.6 M", {("operations", 22.6e6), ("params", 22.6e6), ("acts", 22.6e6)}),
    ("8.46e9", {("operations", 8.46e9), ("params", 8.46e9), ("acts", 8.46e9)}),
    ("25557032", {("operations", 25557032), ("params", 25557032), ("acts", 25557032)}),
])  # fmt: skip
def test_what_is_not_written_is_left_open(text: str, taken: set[tuple[str, float]]) -> None:
    assert values(read_number(text)) == taken


@pytest.mark.parametrize("text", ["", "x", "five", "-3 G", "0", "0.0 M", "1e99", "5 apples", "4.1 G G", "22.84 GHz",
                                  "1/2", "nan", "inf", "<script>", "9" * 5000, "4.1 MB params"])  # fmt: skip
def test_what_is_no_number_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match="number is|unit is") as refused:
        read_number(text)
    assert len(str(refused.value)) < 200


def test_the_digits_written_say_what_agrees() -> None:
    number = read_number("68.1M params")
    fits = {count: number.fit(count, number.readings[0])
            for count in (68_049_999, 68_050_000, 68_100_000, 68_149_999, 68_155_210, 68_199_999, 68_200_000)}
    assert list(fits.values()) == [None, Fit.ROUNDS, Fit.EXACT, Fit.ROUNDS, Fit.CUT_OFF, Fit.CUT_OFF, None]


@given(st.integers(10_000, 10**12), st.integers(0, 6))
def test_every_count_agrees_with_itself_rounded(count: int, places: int) -> None:
    for text in (f"{count:,} MACs", f"{count / 1e9:.{places}f} GMACs"):
        try:
            number = read_number(text)
        except UserError:
            assert float(text.split()[0].replace(",", "")) == 0
            continue
        assert number.readings[0].kind is Kind.OPERATIONS
        assert number.fit(count, number.readings[0])


@given(st.text(max_size=80))
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    try:
        assert read_number(text).readings
    except UserError:
        with pytest.raises(UserError, match=r"^.{20,200}$"):
            read_number(text)
