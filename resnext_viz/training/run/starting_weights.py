"""Trained weights that a run starts from: their network, with a linear layer for the pictures' own classes.

The body keeps its weights to the bit, and pictures are normalised as they were in its training. The linear layer is
kept where it tells the same classes apart, in whatever order; else it is a fresh one, drawn from the run's seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.predictor.by_name import is_path
from resnext_viz.inference.predictor.measured import sha256_of
from resnext_viz.inference.weights.catalogue import find_weights, load_weights, weights_file
from resnext_viz.inference.weights.checkpoint import Checkpoint, load_checkpoint
from resnext_viz.names import title_of
from resnext_viz.nn import ResNeXt
from resnext_viz.reading.tensor_names import first_mismatch
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.recipe.recipe import Recipe, RecipeError

if TYPE_CHECKING:
    from resnext_viz.inference.weights.download import Progress

_HEAD = "fc."


@dataclass(frozen=True)
class StartingWeights:
    """Weights to start from.

    Attributes:
        name: of the weights, or of their file.
        sha256: of their file.
        checkpoint: network, tensors, class names, and how its pictures were prepared.
        frozen: whether the linear layer alone is trained, everything before it staying as it is.
        options: of the network, given in place of those that the weights were trained with.
    """

    name: str
    sha256: str
    checkpoint: Checkpoint
    frozen: bool = False
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def image_size(self) -> int:
        """Side of the pictures that the network was trained on, in pixels."""
        return self.checkpoint.preprocess.crop

    @property
    def statistics(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and deviation of the colours that the network expects, on the scale 0 to 1."""
        return self.checkpoint.preprocess.mean, self.checkpoint.preprocess.std

    def spec_for(self, classes: Sequence[str]) -> ResNeXtSpec:
        """The network with an output for each of the classes."""
        return self.checkpoint.spec.with_options(num_classes=len(classes))

    def in_network(self, options: Mapping[str, object]) -> StartingWeights:
        """The same weights in a network with these options in place of its own, such as a stem that does not pool.

        Raises:
            SpecError: an option does not fit.
            RecipeError: that network has other tensors.
        """
        spec = self.checkpoint.spec.with_options(**options)
        shapes = {name: tuple(value.shape) for name, value in self.checkpoint.state_dict.items()}
        mismatch = first_mismatch(spec, shapes)
        if mismatch:
            raise RecipeError(f"{self.name} does not fit a network with another {' and '.join(options)}: {mismatch}")
        return replace(self, checkpoint=replace(self.checkpoint, spec=spec), options={**self.options, **options})

    def keeps_head(self, classes: Sequence[str]) -> bool:
        """Whether the linear layer tells exactly these classes apart already."""
        return sorted(classes) == sorted(self.checkpoint.classes)

    def check_recipe(self, recipe: Recipe) -> None:
        """Refuses what would undo the weights.

        Raises:
            RecipeError: the recipe asks for another stem.
        """
        if recipe.whiten:
            raise RecipeError("whiten is True, which makes a new stem; leave it out with weights to start from")

    def put_into(self, model: ResNeXt, classes: Sequence[str]) -> None:
        """Gives a fresh network of `spec_for(classes)` these weights, and lets the optimiser see what is trained."""
        state = {name: value for name, value in self.checkpoint.state_dict.items() if not name.startswith(_HEAD)}
        if self.keeps_head(classes):
            rows = [self.checkpoint.classes.index(name) for name in classes]
            state |= {name: value[rows] for name, value in self.checkpoint.state_dict.items() if name.startswith(_HEAD)}
        # What is not said keeps its fresh value: a new linear layer, and batch norm's counters, which nothing reads.
        model.load_state_dict({**model.state_dict(), **state})
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(not self.frozen or name.startswith(_HEAD))

    def keep_still(self, model: nn.Module) -> None:
        """Keeps batch norm of a frozen body from following the new pictures; after each `model.train()`."""
        if self.frozen:
            for name, part in model.named_children():
                part.train(name == _HEAD.rstrip("."))

    def record(self) -> dict[str, Any]:
        """What a checkpoint notes, and what a run must share to go on from it."""
        return {"name": self.name, "sha256": self.sha256, "frozen": self.frozen}

    def in_words(self, classes: Sequence[str]) -> str:
        """What the run starts from, in one line."""
        layer = f"linear layer {self._head(classes)}"
        if not self.keeps_head(classes):
            layer += f" for {len(classes):,} classes in place of {len(self.checkpoint.classes):,}"
        trained = "it alone is trained" if self.frozen else "all is trained"
        return f"{title_of(self.checkpoint.spec)} from {self.name}; {layer}, {trained}"

    def _head(self, classes: Sequence[str]) -> str:
        return "kept" if self.keeps_head(classes) else "new"


def load_start(name: str | Path, frozen: bool = False, progress: Progress | None = None) -> StartingWeights:
    """The weights of a name or of a file; named ones are checked by their hash and fetched on first use.

    Raises:
        WeightsError: no such weights, they cannot be had, or the file is none that can be used.
    """
    if is_path(name):
        path = Path(name).expanduser()
        checkpoint = load_checkpoint(path, allow_pickle_files=True)
        if checkpoint.head:
            raise WeightsError(f"{path.name} has a head of several layers; training starts from one linear layer.")
        return StartingWeights(path.name, sha256_of(path), checkpoint, frozen)
    info = find_weights(str(name))
    checkpoint = load_weights(info, progress)
    return StartingWeights(info.name, sha256_of(weights_file(info)), checkpoint, frozen)


def check_same_start(there: Mapping[str, Any] | None, here: Mapping[str, Any] | None, folder: Path) -> None:
    """Refuses to go on with a run that began from other weights, or trains other parts of them.

    Raises:
        RecipeError: with what differs.
    """
    if there and here and (there["sha256"], there["frozen"]) == (here["sha256"], here["frozen"]):
        return  # the file may have another name by now
    if there is here is None:
        return
    if there is None or here is None or there["sha256"] != here["sha256"]:
        began, asked = (f"from {start['name']}" if start else "from fresh weights" for start in (there, here))
        differ = f"it began {began}, and {asked} was asked for"
        if there and here and there["name"] == here["name"]:
            differ = f"{here['name']} is another file than it began from"
    else:
        differ = "it trains the linear layer alone" if there["frozen"] else "it trains the whole network"
    raise RecipeError(f"{folder} holds another run: {differ}; repeat its --from and --freeze, or name another --out")
