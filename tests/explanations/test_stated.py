"""Numbers as people write them."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resnext_viz.errors import UserError
from resnext_viz.explanations.stated import IN_1024S, Fit, Kind, StatedNumber, read_number


def values(number: StatedNumber, *, in_1024s: bool = False) -> set[tuple[str, float]]:
    return {
        (reading.kind.value, round(number.value_in(reading), 3))
        for reading in number.readings
        if (reading.farness >= IN_1024S) == in_1024s
    }


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
    ("4.23 gigaflops", "operations", 4.23e9, 3),
    ("8.46 giga-FLOPs", "operations", 8.46e9, 3),
    ("25.03 mega params", "params", 25.03e6, 4),
    ("25,03 Mio. Parameters", "params", 25.03e6, 4),
    ("25,03 Millionen Parametern", "params", 25.03e6, 4),
    ("25,03 mln params", "params", 25.03e6, 4),
    ("25,03 млн параметров", "params", 25.03e6, 4),
    ("4,230 Mrd. MACs", "operations", 4.23e9, 4),
    ("4,23 milliards FLOPs", "operations", 4.23e9, 3),
    ("42.3亿次乘加", "operations", 4.23e9, 3),
    ("2503万参数", "params", 25.03e6, 4),
    ("42.3 億 FLOPs", "operations", 4.23e9, 3),
])  # fmt: skip
def test_a_number_with_its_unit_is_read(text: str, kind: str, value: float, digits: int) -> None:
    number = read_number(text)
    assert values(number) == {(kind, round(value, 3))}
    assert number.digits == digits


# Each country's marks of thousands and decimals; blanks that do not break; powers; digits of other scripts.
@pytest.mark.parametrize(("text", "value"), [
    ("4,230.480 M MACs", 4_230_480_000), ("4.230,480 M MACs", 4_230_480_000), ("4 230.480 M MACs", 4_230_480_000),
    ("4'230.48 M MACs", 4_230_480_000), ("4\u202f230,48 M MACs", 4_230_480_000), ("4_230.48 M MACs", 4_230_480_000),
    ("1,234.5 M MACs", 1_234_500_000), ("1.234,5 M MACs", 1_234_500_000), ("1 234,5 M MACs", 1_234_500_000),
    ("1 234 M MACs", 1_234_000_000), ("1,234 M MACs", 1_234_000_000), ("1.234 M MACs", 1_234_000),
    ("4.230.479.872 MACs", 4_230_479_872), ("4 230 479 872 MACs", 4_230_479_872),
    ("4,23,04,79,872 MACs", 4_230_479_872), ("2,55,57,032 MACs", 25_557_032),
    ("4\u00a0230\u00a0479\u00a0872 MACs", 4_230_479_872),
    ("4.23E9 MACs", 4.23e9), ("4.23E+09 MACs", 4.23e9), ("4.23×10⁹ MACs", 4.23e9), ("4.23·10^9 MACs", 4.23e9),
    ("4.23 * 10**9 MACs", 4.23e9), ("3.94 × 2³⁰ MACs", 3.94 * 2**30), ("3.94*2^30 MACs", 3.94 * 2**30),
    ("４．２３ ＧMACs", 4.23e9), ("４，２３０．４８ M MACs", 4_230_480_000), ("٤٫٢٣ G MACs", 4.23e9),
    ("٤٬٢٣٠٬٤٧٩٬٨٧٢ MACs", 4_230_479_872), ("४.२३ G MACs", 4.23e9), ("4.23¹ G MACs", 4.23e9),
])  # fmt: skip
def test_a_number_is_read_as_any_country_writes_it(text: str, value: float) -> None:
    assert values(read_number(text)) == {("operations", round(value, 3))}
    assert values(read_number(f"about {text}")) == {("operations", round(value, 3))}


@given(st.integers(1, 999_999_999), st.integers(0, 9_999), st.sampled_from([*",.' _", "\u202f"]), st.sampled_from(",."))
def test_marks_of_thousands_are_read_whatever_they_are(whole: int, part: int, thousands: str, point: str) -> None:
    assume(thousands != point)
    text = f"{whole:,}".replace(",", thousands) + f"{point}{part:04d} GMACs"
    (reading,) = (each for each in read_number(text).readings if each.scale == 10**9)
    assert read_number(text).value_in(reading) == pytest.approx((whole + part / 10_000) * 1e9)


@pytest.mark.parametrize(("text", "kind", "value"), [
    ("24.37M params", "params", 24.37 * 2**20), ("3.81 G mult-adds", "operations", 3.81 * 2**30),
    ("10.6 M activations", "acts", 10.6 * 2**20), ("7.88 GFLOPs", "operations", 7.88 * 2**30),
])  # fmt: skip
def test_counts_too_may_be_in_units_of_1024(text: str, kind: str, value: float) -> None:
    assert values(read_number(text), in_1024s=True) == {(kind, round(value, 3))}


def test_units_of_1024_that_are_written_are_no_guess() -> None:
    assert values(read_number("24.37 Mi params")) == {("params", round(24.37 * 2**20, 3))}


# As torchinfo, torchsummary, ptflops, thop, mmengine, calflops, Lightning, timm, Keras and people print them.
@pytest.mark.parametrize(("line", "kind", "value"), [
    ("Total params: 25,028,904", "params", 25_028_904),
    ("Trainable params: 25,028,904 (95.48 MB)", "params", 25_028_904),
    ("Total params: 25,097,128 (95.74 MB)", "params", 25_097_128),
    ("Number of parameters:           25.03 M", "params", 25.03e6),
    ("25,028,904 trainable parameters", "params", 25_028_904),
    ("the model has 25,028,904 parameters", "params", 25_028_904),
    ("25.0 M    Trainable params", "params", 25e6),
    ("#Params(M) 25.03", "params", 25.03e6),
    ("Total Training Params:                                                  25.03 M", "params", 25.03e6),
    ("Model resnext50_32x4d created, param count: 25028904", "params", 25_028_904),
    ("ResNeXt-50 (32x4d): 25.03M params", "params", 25.03e6),
    ("Computational complexity:       4.29 GMac", "operations", 4.29e9),
    ("Total mult-adds (G): 4.23", "operations", 4.23e9),
    ("Total mult-adds (Units.GIGABYTES): 4.23", "operations", 4.23e9),
    ("flops=4.26G", "operations", 4.26e9),
    ("FLOPs: 4259381248", "operations", 4_259_381_248),
    ("MACs: 4288184320.0, Params: 25028904.0", "operations", 4_288_184_320),
    ("fwd FLOPs:                                                              8.5036 GFLOPS", "operations", 8.5036e9),
    ("GFLOPs: 4.26", "operations", 4.26e9),
    ("Total: 9.741 BFLOPS", "operations", 9.741e9),
    ("4.29 GMac, 100.000% MACs", "operations", 4.29e9),
    ("ResNet(25.03 M, 100.000% Params, 4.29 GMac, 100.000% MACs, ", "params", 25.03e6),
    ("Params(M): 25.03 FLOPs(G): 4.26", "params", 25.03e6),
    ("params 25.03M flops 4.26G", "params", 25.03e6),
    ("FLOPs=4259381248 params=25028904", "operations", 4_259_381_248),
    ("GMACs: 4.26 MParams: 25.03", "operations", 4.26e9),
    ("4.26 GFLOPs 25.03 M params", "operations", 4.26e9),
    ("FLOPs: 4.29 GFLOPs 25.03 M params", "operations", 4.29e9),
    ("Total params: 25.028.904", "params", 25_028_904),
    ("25 028 904 trainable parameters", "params", 25_028_904),
    ("Total params: 2,50,28,904", "params", 25_028_904),
    ("| module | #parameters or shape | #flops |\n|:---|:---|:---|\n| model | 25.029M | 4.259G |", "params", 25.029e6),
    ("| model        | 25.029M                | 4.259G   |", "params", 25.029e6),
    ("|  layer1      |  0.205M                |  0.643G  |", "params", 0.205e6),
    ("| Model | Params (M) | Flops (G) | Top-1 |\n|:-:|:-:|:-:|:-:|\n| x | 25.03 | 4.27 | 77.9 |", "params", 25.03e6),
    ("| Model | Top-1 | FLOPs (G) |\n|---|---:|---:|\n| ResNeXt-50 (32x4d) | 77.9 | 4.27 |", "operations", 4.27e9),
    ("| model | 25.029M | 4.259G | 14.402M |" + " " * 300, "params", 25.029e6),
])  # fmt: skip
def test_a_line_is_read_as_a_tool_prints_it(line: str, kind: str, value: float) -> None:
    assert values(read_number(line)) == {(kind, round(value, 3))}


@pytest.mark.parametrize("line", ["Forward/backward pass size (MB): 230.42", "Model size: 230.42 MB",
                                  "230.42   Total estimated model params size (MB)"])  # fmt: skip
def test_a_line_about_memory_is_read(line: str) -> None:
    assert values(read_number(line)) == {("bytes", 230.42e6), ("bytes", round(230.42 * 2**20, 3))}


def test_what_else_stands_in_a_line_is_told() -> None:
    assert read_number("MACs: 4.288G, Params: 25.029M").left_out == ("25.029 M params",)
    assert read_number("Total params: 25,097,128 (95.74 MB)").left_out == ()
    assert read_number("Total params: 25,028,904 Trainable params: 25,028,904").left_out == ()
    assert read_number("Params: 25.03 M (25,028,904 params)").left_out == ()
    assert read_number("Total params: 25,028,904 Trainable params: 25,028,904").left_out == ()
    assert read_number("ResNet(25.03 M, 100.000% Params, 4.29 GMac, 100.000% MACs").left_out == ("4.29 G MACs",)
    assert read_number("ResNeXt-50: 25.03M params, 4.23 GMACs at 224x224").left_out == ("4.23 G MACs",)
    assert read_number("25.03M params 4.26 GFLOPs 14.4M acts").left_out == ("4.26 G FLOPs", "14.4 M acts")
    assert read_number("params 25.03M flops 4.26G").left_out == ("4.26 G FLOPs",)
    assert read_number("| model | 25.029M | 4.259G |").left_out == ("4.259 G FLOPs",)


@pytest.mark.parametrize("line", ["Params: 25.03M FLOPs: 4.26G", "params=25.03M  flops=4.26G",
                                  "#Params 25.03M MACs 4.26G", "Params (M): 25.03 FLOPs (G): 4.26",
                                  "25.03M params 4.26G FLOPs 14.4M acts",
                                  "Total params: 25.03 M Total mult-adds (G): 4.26"])  # fmt: skip
def test_a_word_between_two_numbers_is_whose_it_is(line: str) -> None:
    number = read_number(line)
    assert values(number) == {("params", 25.03e6)}
    assert values(read_number(number.left_out[0])) == {("operations", 4.26e9)}


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
                                  "1/2", "nan", "inf", "<script>", "9" * 5000, "4.1 MB params",
                                  "1,23 4 G", "10⁹ FLOPs", "FLOPs: 2²⁰", "4.2.3 G", "4.1±0.1 G",
                                  "| a | b |", "|" * 9000, "| model | 77.1 | 93.2 |"])  # fmt: skip
def test_what_is_no_number_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match="number is|unit is") as refused:
        read_number(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("text", [
    "8.46 GFLOP/s", "4.23 Gmacs/s", "4.23 G MACs per second", "256 FPS", "312 img/sec", "1,024 images per second",
])  # fmt: skip
def test_a_rate_is_told_from_a_count(text: str) -> None:
    with pytest.raises(UserError, match="what a machine does in a second"):
        read_number(text)


@pytest.mark.parametrize(("text", "decimal"), [("0x17e9ae8", "25,074,408"), ("0X2F", "47")])
def test_a_hexadecimal_number_is_told_as_a_decimal_one(text: str, decimal: str) -> None:
    with pytest.raises(UserError, match=f"hexadecimal; write it as {decimal}"):
        read_number(text)


def test_the_digits_written_say_what_agrees() -> None:
    number = read_number("68.1M params")
    fits = {
        count: number.fit(count, number.readings[0])
        for count in (68_049_999, 68_050_000, 68_100_000, 68_149_999, 68_155_210, 68_199_999, 68_200_000)
    }
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


_LINES = (
    ("Total params: {:,}", Kind.PARAMS, 1), ("Trainable params: {:,} (95.48 MB)", Kind.PARAMS, 1),
    ("Number of parameters:           {:.2f} M", Kind.PARAMS, 10**6), ("#Params(M) {:.2f}", Kind.PARAMS, 10**6),
    ("params={:.3f}M", Kind.PARAMS, 10**6), ("{:,} trainable parameters", Kind.PARAMS, 1),
    ("Total mult-adds (G): {:.2f}", Kind.OPERATIONS, 10**9), ("Total mult-adds (M): {:.2f}", Kind.OPERATIONS, 10**6),
    ("Computational complexity:       {:.2f} GMac", Kind.OPERATIONS, 10**9), ("flops={:.2f}G", Kind.OPERATIONS, 10**9),
    ("GFLOPs: {:.3f}", Kind.OPERATIONS, 10**9), ("MACs: {}", Kind.OPERATIONS, 1),
    ("Forward/backward pass size (MB): {:.2f}", Kind.BYTES, 10**6), ("Params size (MB): {:.2f}", Kind.BYTES, 10**6),
)  # fmt: skip


@given(st.integers(10**8, 10**12), st.sampled_from(_LINES), st.sampled_from(["", "  ", "ResNeXt-50 (32x4d): "]))
def test_whatever_a_tools_line_says_is_read_from_it(count: int, line: tuple[str, Kind, int], before: str) -> None:
    words, kind, scale = line
    number = read_number(before + words.format(count if scale == 1 else count / scale))
    assert {reading.kind for reading in number.readings} == {kind}
    plain = next(reading for reading in number.readings if reading.scale == scale)
    assert number.fit(count, plain)
