"""Telling that a picture shows none of the classes: a score of it, and a threshold with its measured rates.

A score is made of the logits, or by a linear probe of the features that the last linear layer gets. No torch: logits
`(N, classes)` and features `(N, C)` are numpy's, which is loaded where something is computed. Every score is high where
a picture looks like one of the classes.
Sources: Alain and Bengio, Understanding intermediate layers using linear classifier probes, 2016 (the probe);
Hendrycks and Gimpel, ICLR 2017 (the largest probability); Liu et al., Energy-based out-of-distribution detection,
NeurIPS 2020 (energy); Hendrycks et al., ICML 2022 (the largest logit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Any

from resnext_viz.inference.temperature import log_probabilities

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from resnext_viz.inference.temperature import Logits

    Scores = NDArray[np.float64]

WORDS = "None of these, probably"


class Score(StrEnum):
    """What can be asked of a picture: logits z, features f, with T the temperature and p the probabilities."""

    PROBABILITY = "probability"  # max p
    LOGIT = "logit"  # max z
    ENERGY = "energy"  # T·log Σ exp(z/T)
    ENTROPY = "entropy"  # Σ p·log p
    PROBE = "probe"  # w·f + b, with w and b of a `Probe`

    @property
    def words(self) -> str:
        """What it is, for people."""
        return _WORDS[self]

    def of(self, logits: Logits, temperature: float) -> Scores:
        """The score of each picture `(N,)`; that of the probe is made of features, by the probe."""
        import numpy as np

        values = np.asarray(logits, np.float64)
        logs = log_probabilities(values, temperature)
        shares = np.exp(logs)
        scores = {
            Score.PROBABILITY: shares.max(1),
            Score.LOGIT: values.max(1),
            Score.ENERGY: values[:, 0] - temperature * logs[:, 0],
            Score.ENTROPY: (shares * logs).sum(1),
        }
        return np.asarray(scores[self], np.float64)


_WORDS = {
    Score.PROBABILITY: "the probability of the first answer",
    Score.LOGIT: "the largest logit",
    Score.ENERGY: "the logarithm of the sum of the exponentials of all logits",
    Score.ENTROPY: "the entropy of all probabilities, with a minus",
    Score.PROBE: "a linear probe of the features",
}
LOGIT_SCORES = tuple(score for score in Score if score is not Score.PROBE)


@dataclass(frozen=True)
class Probe:
    """Linear probe of the features f, which gives w·f + b: one more output of the last linear layer.

    Attributes:
        weights: w, one for each feature.
        bias: b.

    Raises:
        ValueError: no weights, or one that is no finite number.
    """

    weights: tuple[float, ...]
    bias: float

    def __post_init__(self) -> None:
        if not self.weights or not all(map(isfinite, (*self.weights, self.bias))):
            raise ValueError("none_of_these has a probe that is none")

    def of(self, features: Logits) -> Scores:
        """The score of each picture `(N,)`."""
        import numpy as np

        scores: Scores = np.asarray(features, np.float64) @ np.array(self.weights) + self.bias
        return scores

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Probe:
        """The probe of `asdict`'s fields."""
        return cls(tuple(map(float, values["weights"])), float(values["bias"]))


@dataclass(frozen=True)
class NoneRule:
    """A picture whose score lies below the threshold shows none of the classes, probably.

    Attributes:
        threshold: on the scale of `score`.
        wrongly: share of `class_pictures` pictures of the classes that fall below it, 0 to 1.
        rightly: share of `other_pictures` pictures of other things that fall below it, 0 to 1.
        probe: that scores, where `score` is `Score.PROBE`.

    Raises:
        ValueError: a number that cannot be.
    """

    score: Score
    threshold: float
    wrongly: float
    rightly: float
    class_pictures: int
    other_pictures: int
    probe: Probe | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.threshold) and 0 <= self.wrongly <= 1 and 0 <= self.rightly <= 1):
            raise ValueError("none_of_these has a threshold or a share that cannot be")
        if min(self.class_pictures, self.other_pictures) < 1:
            raise ValueError("none_of_these was measured on no pictures")
        if (self.score is Score.PROBE) != (self.probe is not None):
            raise ValueError("none_of_these has a probe without its score, or a score without its probe")

    def scores_of(self, outputs: Logits, temperature: float) -> Scores:
        """The score of each picture `(N,)` from the network's outputs: logits, and behind them the probe's."""
        import numpy as np

        if self.probe:
            return np.asarray(outputs[:, -1], np.float64)
        return self.score.of(outputs, temperature)

    def below(self, scores: Scores) -> NDArray[np.bool_]:
        """Which pictures show none of the classes, probably."""
        return scores < self.threshold

    def in_words(self) -> str:
        """How far it can be trusted: its two rates, as measured."""
        return (
            f"Measured: {100 * self.rightly:.0f} % of {self.other_pictures:,} pictures of other things get this, and "
            f"so do {100 * self.wrongly:.1f} % of {self.class_pictures:,} pictures of the classes."
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        values = asdict(self)
        if self.probe is None:
            del values["probe"]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> NoneRule:
        """The rule that `to_dict` wrote.

        Raises:
            TypeError, ValueError: it is none.
        """
        threshold, wrongly, rightly = (float(values[name]) for name in ("threshold", "wrongly", "rightly"))
        class_pictures, other_pictures = (int(values[name]) for name in ("class_pictures", "other_pictures"))
        probe = Probe.from_dict(values["probe"]) if values.get("probe") else None
        return cls(Score(values["score"]), threshold, wrongly, rightly, class_pictures, other_pictures, probe)


@dataclass(frozen=True)
class Separation:
    """How well a score tells the classes from other things, on the pictures that chose the threshold.

    Attributes:
        rightly: share of pictures of other things below the threshold.
        area: probability that a picture of a class scores above a picture of something else, ties counted half.
    """

    score: Score
    threshold: float
    rightly: float
    area: float


def separation(score: Score, known: Scores, other: Scores, wrongly: float) -> Separation:
    """What comes of a threshold that calls at most the share `wrongly` of the pictures of the classes none."""
    threshold = float(sorted(known)[int(wrongly * len(known))])
    return Separation(score, threshold, float((other < threshold).mean()), area_above(known, other))


def area_above(known: Scores, other: Scores) -> float:
    """Probability that one of `known` scores above one of `other`: the area under the ROC curve."""
    import numpy as np

    ordered = np.sort(other)
    below, up_to = np.searchsorted(ordered, known, "left"), np.searchsorted(ordered, known, "right")
    return float((below + up_to).mean() / 2 / len(other))
