"""What a visitor's training run is of: a network, pictures and a few settings, each within what this server trains."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from resnext_viz.errors import UserError
from resnext_viz.kit.number_format import exact, short
from resnext_viz.names import name_of, parse, title_of
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.data.sample import SAMPLE, TEST_EACH, TITLE, TRAIN_EACH, sample_classes
from resnext_viz.training.recipe.fitting import fitted
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training_cost import training_cost
from resnext_viz.ui.kit.dialled import counted

START_NAME = "resnext11_4x16d_cifarpool10_x2"  # trains on the sample in a minute or two on one core
SIDES = (16, 64)  # px of a picture
MAX_MACS, MAX_PARAMS = 200_000_000, 6_000_000
EPOCHS, BATCH, RATE = (1, 100), (8, 512), (0.001, 2.0)
DEFAULT_EPOCHS, DEFAULT_BATCH, DEFAULT_RATE = 20, 64, 0.1
MAX_STEP_BYTES = 4_000_000_000  # that a step keeps; what computes it comes on top
_OTHERS_BYTES = 2_000_000  # of a run's folder, beside its weights


@dataclass(frozen=True)
class TrainingData:
    """Pictures with classes.

    Attributes:
        title: what they are called, in words.
        classes: names, in order.
        train_count, test_count: pictures.
        folder: where they lie; None for the sample that ships.
        keeper: whoever removes the folder when nobody needs it any more.
    """

    title: str
    classes: tuple[str, ...]
    train_count: int
    test_count: int
    folder: Path | None = None
    keeper: object = field(default=None, compare=False, repr=False)

    @property
    def word(self) -> str:
        """What `train --data` gets."""
        return SAMPLE if self.folder is None else str(self.folder)


def sample_data() -> TrainingData:
    """The sample that ships."""
    classes = sample_classes()
    return TrainingData(TITLE, classes, TRAIN_EACH * len(classes), TEST_EACH * len(classes))


@dataclass(frozen=True)
class TrainingSettings:
    """All that a run depends on; two with the same settings give the same weights on one machine.

    Raises:
        UserError: the network does not train here.
    """

    spec: ResNeXtSpec
    side: int
    data: TrainingData
    epochs: int = DEFAULT_EPOCHS
    peak_rate: float = DEFAULT_RATE
    batch_size: int = DEFAULT_BATCH
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "spec", self.spec.with_options(num_classes=len(self.data.classes)))
        if refused := refusal(self.spec, self.side) or too_large(self.spec, self.side, self.batch_size):
            raise UserError(refused)

    @property
    def about_bytes(self) -> int:
        """About how much its folder takes: weights and momentum in float32, twice while they are replaced."""
        return 18 * counted(self.spec, self.side).params + _OTHERS_BYTES

    def argv(self, out: Path) -> tuple[str, ...]:
        """The words after `python -m resnext_viz` that run it in the folder `out`."""
        return (
            "train", "--preset", name_of(self.spec), "--image-size", str(self.side), "--data", self.data.word,
            "--data-name", self.data.title, "--epochs", str(self.epochs), "--peak-rate", f"{self.peak_rate:g}",
            "--batch-size", str(self.batch_size), "--seed", str(self.seed), "--out", str(out),
        )  # fmt: skip

    def in_words(self) -> dict[str, str]:
        """Each setting by its name, with its unit."""
        counts = counted(self.spec, self.side)
        return {
            "Network": title_of(self.spec),
            "Params": exact(counts.params),
            "MACs of a picture": exact(counts.macs),
            "Data": self.data.title,
            "Pictures": f"{exact(self.data.train_count)} to train on, {exact(self.data.test_count)} to test on",
            "Side of a picture": f"{self.side} px",
            "Epochs": exact(self.epochs),
            "Peak rate": f"{self.peak_rate:g}",
            "Batch": f"{self.batch_size} pictures",
            "Seed": str(self.seed),
        }


def refusal(spec: ResNeXtSpec, side: int) -> str:
    """Why this network does not train here, in words; empty if it does."""
    if spec.stem is Stem.IMAGENET:
        return f"its stem is for ImageNet; networks with a stem for CIFAR train here, on up to {SIDES[1]} px"
    if spec.in_channels != 3 or not spec.head:
        return "it has no linear layer at its end, or does not take pictures of three colours"
    if not SIDES[0] <= side <= SIDES[1]:
        return f"its pictures have a side of {side} px; {SIDES[0]} to {SIDES[1]} px train here"
    counts = counted(spec, side)
    if counts.params > MAX_PARAMS:
        return f"it has {short(counts.params)} params; up to {short(MAX_PARAMS, 0)} train here"
    if counts.macs > MAX_MACS:
        return f"a picture takes {short(counts.macs)} MACs; up to {short(MAX_MACS, 0)} train here"
    return too_large(spec, side, BATCH[0])


def too_large(spec: ResNeXtSpec, side: int, batch_size: int) -> str:
    """Why a step of so many pictures needs too much memory, in words; empty if it does not."""
    wanted = _step_bytes(spec, side, batch_size)
    if wanted <= MAX_STEP_BYTES:
        return ""
    of_picture = _step_bytes(spec, side, 2) - _step_bytes(spec, side, 1)
    fits = batch_size - ceil((wanted - MAX_STEP_BYTES) / of_picture)
    remedy = f"a batch of up to {fits} pictures" if fits >= BATCH[0] else "a network with fewer blocks"
    return (
        f"a step with {batch_size} pictures of {side} px would keep {wanted / 1e9:.1f} GB in memory, and there are "
        f"{MAX_STEP_BYTES / 1e9:.0f} GB for it here; use {remedy}"
    )


def _step_bytes(spec: ResNeXtSpec, side: int, batch_size: int) -> int:
    """What a step keeps in float32; in bfloat16, where the machine has it, about half."""
    return training_cost(spec, side, batch_size).memory.total


def fitted_defaults(pictures: int) -> tuple[int, float]:
    """Batch and peak rate that stand in the fields at first, for so many pictures to train on."""
    recipe = fitted(Recipe(epochs=DEFAULT_EPOCHS, batch_size=DEFAULT_BATCH, peak_rate=DEFAULT_RATE), pictures, ())
    return recipe.batch_size, max(RATE[0], recipe.peak_rate)


def start_spec() -> ResNeXtSpec:
    """A network that learns something within a minute."""
    return parse(START_NAME)
