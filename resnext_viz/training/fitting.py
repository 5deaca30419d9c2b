"""Settings that nobody gave, fitted to the data: a few hundred photos want smaller steps than fifty thousand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from resnext_viz.training.recipe import Recipe

TUNING_RATE = 0.08  # peak, where a whole network is trained on from its weights
LEAST_STEPS = 4  # of an epoch
LEAST_BATCH = 8  # pictures; batch norm is too noisy with fewer


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
