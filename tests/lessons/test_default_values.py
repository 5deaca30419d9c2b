"""The values of the six lessons for ResNeXt-50 (32×4d), from the paper's formulas by hand."""

import pytest

from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.weights.catalogue import bundled_spec
from resnext_viz.lessons import DialledNetwork, FormsMeasured, TimeMeasured, answer, forms_measured, lesson_of
from resnext_viz.lessons.dialled_network import BASELINE, START
from resnext_viz.lessons.evidence_lesson import Evidence, evidence
from resnext_viz.lessons.path_lesson import NETWORK, PHOTO, WEIGHTS
from resnext_viz.names import name_of, parse
from resnext_viz.study.shipped_studies import shipped_runs, study_names
from resnext_viz.study.summary import summarise
from resnext_viz.ui.kit import dialled as dials


def values(number: int, measured: object = None) -> dict[str, str]:
    found = answer(lesson_of(number), DialledNetwork(), measured)
    return {choice.key: choice.value.text for choice in found.choices if choice.value}


def test_the_shares_of_a_block() -> None:
    pair, grouped, plain = 2 * 256 * 128, 9 * 128 * 128 / 32, 9 * 128 * 128
    assert values(1) == {
        "A": f"{100 * pair / (pair + plain):.1f} %",
        "B": f"{100 * pair / (pair + grouped):.1f} %",
        "C": f"{100 * 2 / 3:.1f} %",
        "D": f"{100 * (pair / 2) / (pair + grouped):.1f} %",
    }
    assert values(1)["B"] == "93.4 %"
    more = answer(lesson_of(1), DialledNetwork()).more_answer
    assert more
    assert f"d = {512 / 9:.1f}" in more.text


def test_the_widths_of_equal_cost() -> None:
    budget = 256 * 64 + 9 * 64 * 64 + 64 * 256

    def weights(cardinality: int, d: float) -> float:
        return cardinality * (256 * d + 9 * d * d + d * 256)

    assert budget == 69_632
    expected = {"A": 64 / 32, "B": 3.973, "C": 64 / 32**0.5, "D": 64}
    assert weights(32, 3.973) == pytest.approx(budget, rel=1e-3)
    for key, d in expected.items():
        off = weights(32, round(d)) / budget - 1
        text = values(2)[key].replace("−", "-")
        assert text == f"d = {round(d)}: {weights(32, round(d)):,.0f} weights, {100 * off:+,.1f} %"
    more = answer(lesson_of(2), DialledNetwork()).more_answer
    assert more
    assert more.text.startswith("Exactly 7.51.")
    assert f"{100 * (weights(16, 8) / budget - 1):+.1f} %" in more.text
    assert weights(16, 7.51) == pytest.approx(budget, rel=1e-3)


def test_the_convolutions_of_the_forms() -> None:
    found = answer(lesson_of(3), DialledNetwork(), FormsMeasured(parse(START), 18.0, 24))
    assert found.question
    assert f"(a) has {3 * 32} convolutions, (b) {2 * 32 + 1} and (c) 3" in found.question.text
    weights = 2 * 256 * 128 + 9 * 128 * 4
    assert values(3)["A"] == f"each path would read {256 // 32} of 256 channels"
    assert values(3)["B"].startswith(f"{weights:,} weights")
    assert values(3)["D"].startswith(f"{2 * 256 * 128 // 32 + 9 * 128 * 4:,} weights")


def test_rows_of_a_check_make_a_record() -> None:
    rows = [{"max_rel": 2.0**-50, "dtype": "float64"}, {"max_rel": 2.0**-22, "dtype": "float32"}]
    assert forms_measured(parse(START), rows) == FormsMeasured(parse(START), 4.0, 2)
    assert forms_measured(parse(START), [{"max_rel": None, "dtype": "float64"}]).units == float("inf")


def test_the_shares_of_the_3x3_at_equal_macs() -> None:
    # Table 1: places and widths of the four stages; stride 2 sits on the 3x3.
    stages = ((3, 56, 1), (4, 28, 2), (6, 14, 4), (3, 7, 8))
    dense = sum(blocks * side**2 * 9 * (64 * times) ** 2 for blocks, side, times in stages)
    grouped = sum(blocks * side**2 * 9 * (128 * times) ** 2 // 32 for blocks, side, times in stages)
    found = answer(lesson_of(4), DialledNetwork())
    assert found.question
    assert f"do {100 * grouped / 4_230_479_872:.1f} % of its MACs" in found.question.text  # the paper: 4.2 G
    assert f"those of ResNet-50 {100 * dense / 4_089_184_256:.1f} %" in found.question.text  # the paper: 4.1 G
    assert "differ by +3.5 %" in found.question.text
    assert list(values(4).values()) == ["under 0.90 times", "0.90 to 1.10 times", "1.10 to 2.00 times",
                                        "2.00 times or more"]  # fmt: skip
    measured = TimeMeasured(parse(START), parse(BASELINE), 224, 8, 1.3, 1.2, 1.4)
    promised = 1 - dense / 4_089_184_256 * (1 - 1 / 32)
    wrong = answer(lesson_of(4), DialledNetwork(), measured).choices[0].why
    assert wrong
    assert f"promises {promised:.2f} times" in wrong.text


def test_a_path_of_the_bundled_network() -> None:
    assert values(5)["A"] == f"{100 / 4:.1f} % of itself or more is lost"
    assert bundled_spec(WEIGHTS) == parse(NETWORK)
    assert PHOTO in {sample.name for sample in SAMPLES}


def test_the_shipped_study() -> None:
    name = study_names()[0]
    facts = evidence(summarise(shipped_runs(name)), name)
    assert isinstance(facts, Evidence)
    errors = {key: [100 * (1 - run.last_accuracy) for run in shipped_runs(name) if run.setting.key == key]
              for key in ("4", "16")}  # fmt: skip
    gain = sum(errors["4"]) / 2 - sum(errors["16"]) / 2
    assert (facts.many.setting.key, facts.few.setting.key) == ("16", "4")
    assert values(6)["A"] == f"{gain:.2f} points lower"
    found = answer(lesson_of(6), DialledNetwork())
    assert [choice.key for choice in found.right] == ["C"]
    assert found.more_answer
    assert found.more_answer.text.startswith(f"{facts.seeds_needed} seeds")


def test_the_dials_begin_where_the_app_does() -> None:
    assert (START, BASELINE) == (dials.START_NAME, dials.BASELINE_NAME)
    start, app = DialledNetwork(), dials.Dialled()
    assert (start.spec, start.size, start.baseline) == (app.spec, app.image_size, app.baseline)
    assert name_of(start.spec) == START
