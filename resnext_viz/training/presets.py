"""Training runs with a name: the network and the recipe behind weights that ship with the package."""

from __future__ import annotations

from dataclasses import dataclass

from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.recipe import Recipe


@dataclass(frozen=True)
class TrainingPreset:
    """A network and how it is trained."""

    spec: ResNeXtSpec
    recipe: Recipe


# Paths 16 wide, because a CPU runs a grouped 3x3 with paths of 4 as slowly as a dense one; a pooling stem and six
# blocks, because two cores then see the 50,000 pictures often enough within the time.
TRAINING_PRESETS = {
    "cifar10": TrainingPreset(
        ResNeXtSpec(depths=(2, 2, 2), cardinality=4, base_width=16, expansion=2, stem=Stem.CIFAR_POOL, num_classes=10),
        Recipe(minutes=92),
    ),
}
