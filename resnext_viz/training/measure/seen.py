"""What a network sees in pictures, in exact arithmetic: its logits, and the features that its linear layer gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.none_of_these import NoneRule, Probe, Score
from resnext_viz.inference.photos.uploaded import Photo
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.nn.device import exact_float32
from resnext_viz.training.data.labelled_images import DataError
from resnext_viz.training.measure.evaluation import AT_ONCE, Progress


@dataclass(frozen=True)
class Sight:
    """Logits `(N, classes)` of pictures and their features `(N, C)`; None where the head is not one linear layer."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32] | None

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> Sight:
        return Sight(self.logits[rows], None if self.features is None else self.features[rows])

    def scores(self, score: Score, temperature: float, probe: Probe | None = None) -> NDArray[np.float64]:
        """The score of each picture `(N,)`; that of the probe takes one."""
        if score is not Score.PROBE:
            return score.of(self.logits, temperature)
        if probe is None or self.features is None:
            raise ValueError("a probe is needed, and the features that it scores")
        return probe.of(self.features)

    def called_none(self, rule: NoneRule, temperature: float) -> NDArray[np.bool_]:
        """Which pictures show none of the classes, probably."""
        return rule.below(self.scores(rule.score, temperature, rule.probe))


def joined(pieces: Sequence[Sight]) -> Sight:
    """What was seen in all, in order."""
    features = [piece.features for piece in pieces if piece.features is not None]
    return Sight(np.concatenate([piece.logits for piece in pieces]), np.concatenate(features) if features else None)


def seen_in(predictor: Predictor, inputs: Tensor) -> Sight:
    """What the network sees in prepared inputs `(N, channels, side, side)`."""
    model = predictor.model
    if not isinstance(model.fc, nn.Linear):
        return Sight(predictor.logits(inputs).numpy(), None)
    device, pieces = model.fc.weight.device, list[Sight]()
    with exact_float32(device), torch.inference_mode():
        for some in inputs.split(predictor.max_batch):
            features = model.features(some.to(device)).mean((2, 3))
            pieces.append(Sight(model.fc(features).cpu().numpy(), features.cpu().numpy()))
    return joined(pieces)


def seen_in_photos(predictor: Predictor, photos: Sequence[Photo], progress: Progress | None = None) -> Sight:
    """What the network sees in photos, decoded and prepared as `predict` does.

    Raises:
        DataError: one that cannot be read.
    """
    pieces = []
    for start in range(0, len(photos), AT_ONCE):
        try:
            inputs = predictor.inputs_of(photos[start : start + AT_ONCE])
        except ImageError as error:
            raise DataError(f"{error} Or remove it.") from error
        pieces.append(seen_in(predictor, inputs))
        if progress:
            progress(min(start + AT_ONCE, len(photos)), len(photos))
    return joined(pieces)
