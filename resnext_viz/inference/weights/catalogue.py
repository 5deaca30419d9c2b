"""The weights that have a name: the bundled CIFAR-10 networks, and torchvision's for ResNeXt and ResNet-50/101.

Names, titles and sizes need no torch. Preprocessing, class names, addresses and published accuracies are torchvision's
own records, read when they are needed.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resnext_viz.complexity import complexity
from resnext_viz.inference.errors import CheckpointError, WeightsError
from resnext_viz.inference.weights.metadata import Metadata, read_metadata
from resnext_viz.names import parse, title_of
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from resnext_viz.inference.weights.checkpoint import Checkpoint
    from resnext_viz.inference.weights.download import Progress

BUNDLED_NAME = "cifar10"
ONE_PATH_NAME = "cifar10-c1"  # the same cost and training with a single path, to see what cardinality changes
THOUSAND_CLASSES = "resnext50_32x4d"  # whose weights for ImageNet come first where they are
BUNDLED_NAMES = (BUNDLED_NAME, ONE_PATH_NAME)
FOLDER_VARIABLE = "RESNEXT_VIZ_WEIGHTS"
MAX_FOLDER_FILES = 50
BUNDLED_FILE = Path(__file__).parents[1] / "bundled" / "cifar10.safetensors"
_SHARD = re.compile(r"-\d{5}-of-\d{5}\.safetensors$")  # as Hugging Face calls each of several files
_AGAIN = "Install the package again, or choose other weights."
# torchvision's enumerations of weights: the model's name, and the versions with its DEFAULT last (a test compares).
_PUBLISHED = {
    "ResNeXt50_32X4D_Weights": ("resnext50_32x4d", ("IMAGENET1K_V1", "IMAGENET1K_V2")),
    "ResNeXt101_32X8D_Weights": ("resnext101_32x8d", ("IMAGENET1K_V1", "IMAGENET1K_V2")),
    "ResNeXt101_64X4D_Weights": ("resnext101_64x4d", ("IMAGENET1K_V1",)),
    "ResNet50_Weights": ("resnet50", ("IMAGENET1K_V1", "IMAGENET1K_V2")),
    "ResNet101_Weights": ("resnet101", ("IMAGENET1K_V1", "IMAGENET1K_V2")),
}


class Origin(StrEnum):
    """Where weights come from."""

    BUNDLED = "bundled"
    TORCHVISION = "torchvision"
    FILE = "file"


@dataclass(frozen=True)
class WeightsInfo:
    """One entry of the list of weights; reading it loads no torch, but for `published_accuracy` of torchvision's.

    Attributes:
        name: what `load_predictor` takes; torchvision's are called as torchvision calls them.
        title: for people.
        model: torchvision's name of the network, which also names its default weights; empty for the bundled ones.
    """

    name: str
    title: str
    origin: Origin
    model: str = ""

    @cached_property
    def spec(self) -> ResNeXtSpec:
        """The network that the weights are for.

        Raises:
            WeightsError: the bundled file is missing or damaged.
        """
        if self.origin is Origin.TORCHVISION:
            return parse(self.model)
        return bundled_spec(self.name)

    @property
    def family(self) -> str:
        """The network's title, such as "ResNeXt-50 (32×4d)"."""
        return title_of(self.spec)

    @property
    def classes_count(self) -> int:
        """How many classes it tells apart."""
        return self.spec.num_classes

    @property
    def params(self) -> int:
        """Learned elements of the network, exactly."""
        return complexity(self.spec).params

    @property
    def published_accuracy(self) -> float | None:
        """Share of right first answers, 0 to 1: torchvision's on ImageNet (validation), or ours on test pictures."""
        if self.origin is Origin.TORCHVISION:
            return _accuracy(_record(self.name))
        return bundled_metadata(self.name).test_accuracy


def available_weights() -> tuple[WeightsInfo, ...]:
    """Every set of weights that has a name, the bundled ones that came with this installation first."""
    return tuple(info for info in _ALL if info.name != ONE_PATH_NAME or bundled_file(ONE_PATH_NAME).is_file())


def find_weights(name: str) -> WeightsInfo:
    """The entry called `name`, upper or lower case.

    Understood: "cifar10", "cifar10-c1", "ResNeXt50_32X4D_Weights.IMAGENET1K_V2", that with ".DEFAULT", and
    "resnext50_32x4d" for the default.

    Raises:
        WeightsError: no weights have that name.
    """
    found = _BY_NAME.get(name.strip().lower())
    if found is None:
        names = ", ".join(info.name for info in available_weights())
        raise WeightsError(f"weights is {name[:80]!r}; use {names}, or a .safetensors file")
    return found


def is_known(name: str) -> bool:
    """Whether some weights have that name, as `find_weights` understands it."""
    return name.strip().lower() in _BY_NAME


def bundled_file(name: str = BUNDLED_NAME) -> Path:
    """Where the bundled weights of that name lie, if they came with this installation."""
    return BUNDLED_FILE if name == BUNDLED_NAME else BUNDLED_FILE.with_name(f"{name}.safetensors")


def bundled_spec(name: str = BUNDLED_NAME) -> ResNeXtSpec:
    """The network that the bundled weights of that name are for.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    spec = bundled_metadata(name).spec
    if spec is None:
        raise WeightsError(f"The bundled weights do not say what network they are for. {_AGAIN}")
    return spec


def bundled_metadata(name: str = BUNDLED_NAME) -> Metadata:
    """What the bundled file says of its network.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    try:
        metadata = read_metadata(bundled_file(name))
    except OSError:
        raise WeightsError(
            f"The bundled weights {bundled_file(name).name} are missing from this installation. {_AGAIN}"
        ) from None
    except CheckpointError as error:
        raise WeightsError(f"The bundled weights are damaged: {error} {_AGAIN}") from None
    return metadata


def folder_weights() -> dict[str, Path]:
    """The checkpoints that whoever runs this put into the folder that `RESNEXT_VIZ_WEIGHTS` names, by file name.

    One in several files goes by its index; its shards are left out.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if not named:
        return {}
    indexes = sorted(Path(named).glob("*.safetensors.index.json"))
    whole = [path for path in sorted(Path(named).glob("*.safetensors")) if not (indexes and _SHARD.search(path.name))]
    return {path.name: path for path in (*whole, *indexes)[:MAX_FOLDER_FILES] if path.is_file()}


def names_here() -> tuple[str, ...]:
    """Names of the weights that need no network: bundled, or downloaded before. Loads torch."""
    folder = download_folder()
    from resnext_viz.inference.weights.download import file_name

    return tuple(
        info.name
        for info in _ALL
        if (
            bundled_file(info.name) if info.origin is Origin.BUNDLED else folder / file_name(_record(info.name).url)
        ).is_file()
    )


def thousand_classes() -> tuple[WeightsInfo, bool]:
    """ResNeXt-50's weights for ImageNet, and whether they are here: the newest that are, else the newest of all.

    Loads torch.
    """
    here = names_here()
    published = [info for info in reversed(_ALL) if info.model == THOUSAND_CLASSES]
    found = next((info for info in published if info.name in here), None)
    return found or published[0], found is not None


def usual_name() -> str:
    """Name of the weights to begin with: those of a thousand classes where they are. Loads torch."""
    info, is_here = thousand_classes()
    return info.name if is_here else BUNDLED_NAME


def download_folder() -> Path:
    """Where torch.hub keeps weight files; torchvision looks there too. Loads torch."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def load_weights(info: WeightsInfo, progress: Progress | None = None) -> Checkpoint:
    """The weights of an entry, downloaded on first use, with preprocessing and class names.

    Raises:
        WeightsError: they cannot be had; says what is here without a network.
    """
    from resnext_viz.inference.weights.checkpoint import load_checkpoint

    if info.origin is Origin.TORCHVISION:
        return _torchvision(info, progress)
    bundled_spec(info.name)  # says it in words if the file is not there
    checkpoint = load_checkpoint(bundled_file(info.name))
    return replace(checkpoint, preprocess=replace(checkpoint.preprocess, statistics="CIFAR-10"))


def weights_file(info: WeightsInfo) -> Path:
    """Where the file of an entry lies once it has been loaded. Loads torch."""
    from resnext_viz.inference.weights.download import file_name

    if info.origin is Origin.TORCHVISION:
        return download_folder() / file_name(_record(info.name).url)
    return bundled_file(info.name)


def _torchvision(info: WeightsInfo, progress: Progress | None) -> Checkpoint:
    import torch

    from resnext_viz.inference.photos.preprocess import Preprocess
    from resnext_viz.inference.weights.checkpoint import Checkpoint, own_weights
    from resnext_viz.inference.weights.download import fetch

    record = _record(info.name)
    try:
        path = fetch(record.url, download_folder(), progress)
    except WeightsError as error:
        raise WeightsError(f"{error} What is here: {', '.join(names_here()) or 'nothing yet'}.") from None
    state = torch.load(path, map_location="cpu", weights_only=True)  # its hash was checked
    return Checkpoint(
        info.spec,
        own_weights(info.spec, state),
        tuple(record.meta["categories"]),
        Preprocess.of_torchvision(record.transforms()),
        _accuracy(record),
    )


@cache
def _record(name: str) -> Any:
    """What torchvision itself records: address, preprocessing, class names, figures."""
    from torchvision.models import get_weight

    return get_weight(name)


def _accuracy(record: Any) -> float:
    return float(record.meta["_metrics"]["ImageNet-1K"]["acc@1"]) / 100


def _published() -> tuple[WeightsInfo, ...]:
    return tuple(
        WeightsInfo(
            f"{enumeration}.{version}",
            f"{title_of(parse(model))}, ImageNet, {version.removeprefix('IMAGENET1K_')}",
            Origin.TORCHVISION,
            model,
        )
        for enumeration, (model, versions) in _PUBLISHED.items()
        for version in versions
    )


def _names_of(info: WeightsInfo) -> tuple[str, ...]:
    enumeration, _, version = info.name.partition(".")
    if info.origin is Origin.TORCHVISION and version == _PUBLISHED[enumeration][1][-1]:
        return info.name.lower(), f"{enumeration}.default".lower(), info.model
    return (info.name.lower(),)


_ALL = (
    WeightsInfo(BUNDLED_NAME, "CIFAR-10, bundled", Origin.BUNDLED),
    WeightsInfo(ONE_PATH_NAME, "CIFAR-10, bundled, one path (C = 1)", Origin.BUNDLED),
    *_published(),
)
_BY_NAME = {name: info for info in _ALL for name in _names_of(info)}
