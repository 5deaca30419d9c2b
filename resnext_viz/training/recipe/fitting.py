"""Settings that nobody gave: those of what is trained, fitted to the data.

A few hundred photos want smaller steps than fifty thousand.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from resnext_viz.training.recipe.presets import TrainingPreset
from resnext_viz.training.recipe.recipe import Recipe

TUNING_RATE = 0.08  # peak, where a whole network is trained on from its weights
LEAST_STEPS = 4  # of an epoch
LEAST_BATCH = 8  # pictures; batch norm is too noisy with fewer
FITTED = ("batch_size", "peak_rate")  # to how many pictures there are


def usual_settings(preset: TrainingPreset | None, is_tuned: bool) -> dict[str, Any]:
    """What holds in place of the recipe's defaults: for a preset, or where a whole network `is_tuned` from weights."""
    if is_tuned:
        return {"peak_rate": TUNING_RATE}
    return preset.recipe.to_dict() if preset else {}


def fitted(recipe: Recipe, pictures: int, given: Collection[str]) -> Recipe:
    """The recipe with batches small enough for `pictures`, and a peak rate in proportion; what is `given` stays.

    In proportion: Goyal et al., arXiv 1706.02677, section 2.1.
    """
    largest = max(LEAST_BATCH, pictures // LEAST_STEPS)
    if "batch_size" in given or recipe.batch_size <= largest:
        return recipe
    batch_size = 1 << (largest.bit_length() - 1)
    share = 1.0 if "peak_rate" in given else batch_size / recipe.batch_size
    return replace(recipe, batch_size=batch_size, peak_rate=max(1e-6, recipe.peak_rate * share))
