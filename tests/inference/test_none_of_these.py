"""Scores and thresholds by their definitions, written out, and by counting pairs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from resnext_viz.inference.none_of_these import NoneRule, Probe, Score, area_above, separation

LOGITS = np.random.default_rng(0).normal(0, 4, (50, 7))
T = 1.7
SHARES = np.exp(LOGITS / T) / np.exp(LOGITS / T).sum(1, keepdims=True)


@pytest.mark.parametrize(("score", "expected"), [
    (Score.PROBABILITY, SHARES.max(1)),
    (Score.LOGIT, LOGITS.max(1)),
    (Score.ENERGY, T * np.log(np.exp(LOGITS / T).sum(1))),
    (Score.ENTROPY, (SHARES * np.log(SHARES)).sum(1)),
])  # fmt: skip
def test_scores_are_what_their_papers_say(score: Score, expected: NDArray[np.float64]) -> None:
    assert score.of(LOGITS, T) == pytest.approx(expected)


def test_a_threshold_calls_no_more_pictures_of_the_classes_none_than_it_may() -> None:
    random = np.random.default_rng(2)
    known, other = random.normal(2, 1, 1000), random.normal(0, 1, 300)
    found = separation(Score.LOGIT, known, other, 0.05)
    assert (known < found.threshold).mean() == 0.05
    assert found.rightly == pytest.approx((other < found.threshold).mean())
    assert found.area == pytest.approx((known[:, None] > other).mean())  # over all pairs


def test_ties_count_half() -> None:
    assert area_above(np.array([1.0, 1.0]), np.array([1.0, 0.0])) == pytest.approx(0.75)


def test_a_rule_is_kept_as_text_and_says_its_rates() -> None:
    rule = NoneRule(Score.ENERGY, 4.25, 0.049, 0.62, 5000, 530)
    assert NoneRule.from_dict(json.loads(json.dumps(rule.to_dict()))) == rule
    assert "62 % of 530 pictures of other things" in rule.in_words()
    assert "4.9 % of 5,000 pictures of the classes" in rule.in_words()
    assert rule.below(np.array([4.2, 4.25, 4.3])).tolist() == [True, False, False]


def test_a_probe_scores_features_and_its_rule_takes_the_output_behind_the_logits() -> None:
    features = np.random.default_rng(4).normal(size=(6, 3))
    probe = Probe((2.0, 0.0, -0.5), 0.25)
    expected = [2 * f[0] - f[2] / 2 + 0.25 for f in features]
    assert probe.of(features) == pytest.approx(expected)
    rule = NoneRule(Score.PROBE, 0.0, 0.05, 0.9, 5000, 300, probe)
    assert NoneRule.from_dict(json.loads(json.dumps(rule.to_dict()))) == rule
    outputs = np.column_stack((LOGITS[:6], expected))
    assert rule.scores_of(outputs, T) == pytest.approx(expected)
    by_energy = replace(rule, score=Score.ENERGY, probe=None)
    assert by_energy.scores_of(LOGITS, T) == pytest.approx(Score.ENERGY.of(LOGITS, T))
    assert "probe" not in by_energy.to_dict()  # a file of before says the same as ever


@pytest.mark.parametrize("changed", [
    {"score": "probe"}, {"probe": {"weights": [1.0], "bias": 0.0}},
    {"score": "probe", "probe": {"weights": [], "bias": 0}},
    {"score": "probe", "probe": {"weights": [float("inf")], "bias": 0.0}},
    {"threshold": float("nan")}, {"wrongly": 1.5}, {"rightly": -0.1}, {"other_pictures": 0}, {"score": "guess"},
])  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(changed: dict[str, object]) -> None:
    values = NoneRule(Score.LOGIT, 1.0, 0.05, 0.5, 10, 10).to_dict() | changed
    with pytest.raises(ValueError, match="none_of_these|guess"):
        NoneRule.from_dict(values)
