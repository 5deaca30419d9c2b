"""Training throughput: this package's own run against a plain PyTorch loop, over one network and the same files.

Both start from the same weights and take whole epochs over the same pictures, in batches of the same size, in turns,
each in a process of its own. Timed are the steps with all that a picture goes through in an epoch: here augmentation,
there opening, decoding and augmentation. Measuring accuracy and writing checkpoints are not.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resnext_viz.bench.own_process import in_own_process
from resnext_viz.bench.result import BenchError, BenchRow, four_digits, rows_of
from resnext_viz.complexity import BYTES_PER_FLOAT32, complexity
from resnext_viz.kit.number_format import byte_size
from resnext_viz.kit.timing import in_turns
from resnext_viz.names import name_of, parse
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    import torch

    from resnext_viz.bench.plain_loop import PlainLoop
    from resnext_viz.training.run.training_run import Run

NAME = "cifar10"
BATCH = 128  # arXiv 1611.05431, section 5, and nearly every public repository
ROUNDS = 4
LIMIT_S = 150.0
MOST_PICTURES, FEWEST_BATCHES = 12_800, 2  # of one epoch
WORK = {"cpu": 2e11, "cuda": 1e13}  # multiply-adds of one epoch, forward and backward
PLAIN = "plain loop: float32, channels first, DataLoader with PIL"
STEPS_ALONE = "plain loop without its loader: one batch again and again"
MOST_BYTES = 12_000_000_000
_MAPS_KEPT = 2  # of each layer: what the convolution and what ReLU puts out
_RATE = 0.01
_SEED = 0
_MANY_EPOCHS = 1000


@dataclass(frozen=True)
class Trial:
    """What both sides train on: a tree with train/ and test/ in `folder`, whole batches of it in an epoch."""

    spec: ResNeXtSpec
    folder: Path
    side: int
    batch_size: int
    device: str

    def to_words(self) -> tuple[str, ...]:
        """The trial as words for another process."""
        return name_of(self.spec), str(self.folder), str(self.side), str(self.batch_size), self.device

    @classmethod
    def of_words(cls, network: str, folder: str, side: str, batch_size: str, device: str) -> Trial:
        """The trial that gave these words."""
        return cls(parse(network), Path(folder), int(side), int(batch_size), device)


def measure(
    names: Sequence[str] = (NAME,), device: str = "auto", data: Path | None = None, image_size: int | None = None
) -> list[BenchRow]:
    """Rows for this package's training, the plain loop, and the plain loop's steps alone; all against the plain loop.

    Args:
        names: the one network: a training preset, or a network's name.
        device: where.
        data: a name or a folder as for `train`; the sample that ships with the package if None.
        image_size: side of the pictures; the network's own if None.

    Raises:
        UserError: no such network, device or data, or fewer pictures than one batch.
    """
    if len(names) != 1:
        raise BenchError(f"names is {' '.join(names)[:60]!r}; give one network, such as {NAME}")
    from resnext_viz.nn.device import choose_device

    place = choose_device(device)
    spec = network_of(names[0])
    side = image_size or spec.default_image_size
    check_size(spec, side)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        classes = choose_pictures(data, folder, pictures_of_epoch(spec, side, place))
        trial = Trial(spec.with_options(num_classes=classes), folder, side, BATCH, str(place))
        words = trial.to_words()
        with in_own_process(our_engines, *words) as ours, in_own_process(plain_engines, *words) as plain:
            engines = {ours_of(place): partial(ours, ours_of(place)),
                       **{name: partial(plain, name) for name in (PLAIN, STEPS_ALONE)}}  # fmt: skip
            rows = rows_of("train", in_turns(engines, ROUNDS, LIMIT_S), PLAIN, BATCH)
    return [replace(row, per_second=four_digits(BATCH / row.median_ms * 1000)) for row in rows]


def network_of(name: str) -> ResNeXtSpec:
    """The network of a training preset, or the one that is called `name`.

    Raises:
        SpecError: no such network.
    """
    from resnext_viz.training.recipe.presets import TRAINING_PRESETS

    return TRAINING_PRESETS[name].spec if name in TRAINING_PRESETS else parse(name)


def check_size(spec: ResNeXtSpec, side: int) -> None:
    """Nothing, if the network may be trained here.

    Raises:
        BenchError: what the plain loop keeps of a batch until the backward pass takes too much memory.
    """
    size = _MAPS_KEPT * BYTES_PER_FLOAT32 * BATCH * complexity(spec, side).acts
    if size > MOST_BYTES:
        raise BenchError(
            f"network takes {byte_size(size)} for a batch of {BATCH} pictures, at most "
            f"{byte_size(MOST_BYTES)} are measured; choose a smaller network or image_size"
        )


def pictures_of_epoch(spec: ResNeXtSpec, side: int, device: torch.device) -> int:
    """How many pictures an epoch has, in whole batches, so that a large network takes no longer than a small one."""
    work = 3 * complexity(spec, side).macs  # backward is twice forward
    batches = int(min(MOST_PICTURES, WORK.get(device.type, WORK["cpu"]) / work) // BATCH)
    return BATCH * max(FEWEST_BATCHES, batches)


def choose_pictures(data: Path | None, into: Path, count: int) -> int:
    """Copies `count` training pictures, in whole batches and from all classes evenly, below `into`; how many classes.

    `into` becomes a tree train/CLASS and test/CLASS, the second with one picture of each class, which nobody times.

    Raises:
        DataError: no data there.
        BenchError: fewer pictures than a batch.
    """
    from resnext_viz.training.data import cifar
    from resnext_viz.training.data.image_folder import find_files
    from resnext_viz.training.data.named_data import find_data
    from resnext_viz.training.data.sample import SAMPLE

    folder = find_data(SAMPLE if data is None else data)
    if cifar.find_download(folder):
        folder = _as_files(folder, into / "download")
    files = find_files(folder, "train")
    count = min(count, len(files.paths)) // BATCH * BATCH
    if not count:
        raise BenchError(f"data is {folder}, with {len(files.paths)} pictures to train on; at least {BATCH} are needed")
    rows = [number * len(files.paths) // count for number in range(count)]
    for row in rows:
        name = files.classes[files.labels[row]]
        copy = into / "train" / name / f"{row:06}{files.paths[row].suffix}"
        if not copy.parent.is_dir():
            _copy(files.paths[row], into / "test" / name / copy.name)
        _copy(files.paths[row], copy)
    return len({files.labels[row] for row in rows})


def _as_files(download: Path, into: Path) -> Path:
    """The training pictures of a CIFAR download as PNG files, as who uses an ImageFolder has them; gives their tree."""
    from PIL import Image

    from resnext_viz.training.data.cifar import SIDE
    from resnext_viz.training.data.labelled_images import read_images

    pictures = read_images(download, "train", SIDE)
    for row, (image, label) in enumerate(zip(pictures.images, pictures.labels.tolist(), strict=True)):
        place = into / "train" / f"{label:03}"  # not what a strange file says a class is called
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(place / f"{row:06}.png")
    return into


def ours_of(device: torch.device) -> str:
    """What our side is called on a device."""
    from resnext_viz.training.run.precision import training_type

    return f"this package: {str(training_type(device)).removeprefix('torch.')}, channels last, pictures in memory"


def our_engines(*words: str) -> dict[str, Callable[[], float]]:
    """Our side of the trial that gave the words, as `train` runs it: milliseconds of a step, over one epoch."""
    from resnext_viz.training.run.memory import keep_memory

    keep_memory()
    import torch

    trial = Trial.of_words(*words)
    run = our_run(trial)
    epochs = run.epochs()
    steps = len(run.train_set.labels) // trial.batch_size

    def epoch() -> float:
        before_s = run.elapsed_s
        next(epochs)
        return (run.elapsed_s - before_s) / steps * 1000

    return {ours_of(torch.device(trial.device)): epoch}


def our_run(trial: Trial, **settings: Any) -> Run:
    """The run that our side carries on, with `settings` of the recipe in place of the usual ones."""
    import torch

    from resnext_viz.training.data.labelled_images import read_splits
    from resnext_viz.training.recipe.recipe import Recipe
    from resnext_viz.training.run.training_run import Run

    recipe = Recipe(**{"epochs": _MANY_EPOCHS, "peak_rate": _RATE, "seed": _SEED, **settings},
                    batch_size=trial.batch_size)  # fmt: skip
    pictures = read_splits(trial.folder, trial.side)
    return Run(trial.spec, recipe, *pictures, trial.folder / "run", torch.device(trial.device))


def plain_engines(*words: str) -> dict[str, Callable[[], float]]:
    """The plain loop over the same: milliseconds of a step, over one epoch, with and without its loader."""
    import torch

    torch.backends.cudnn.benchmark = True  # as in nearly every such repository
    trial = Trial.of_words(*words)
    loop = plain_loop(trial)
    steps = len(loop.loader)
    batch = next(iter(loop.loader))

    def timed(epoch: Callable[[], float]) -> Callable[[], float]:
        def measured() -> float:
            began = time.perf_counter()
            epoch()  # asks for each loss, so a GPU has done all of it
            return (time.perf_counter() - began) / steps * 1000

        return measured

    return {PLAIN: timed(loop.epoch), STEPS_ALONE: timed(lambda: loop.epoch([batch] * steps))}


def plain_loop(trial: Trial, is_augmented: bool = True) -> PlainLoop:
    """The plain loop over the same files, its network with the weights that our run starts from."""
    import torch

    from resnext_viz.bench.plain_loop import PlainLoop, usual_transform
    from resnext_viz.nn import build
    from resnext_viz.training.data.labelled_images import read_images
    from resnext_viz.training.run.preparation import prepared

    pictures = read_images(trial.folder, "train", trial.side)
    network = build(trial.spec)
    torch.manual_seed(_SEED)
    network.load_state_dict(prepared(trial.spec).state_dict())
    is_sized = pictures.sizes == ((trial.side, trial.side),) * 2
    transform = usual_transform(trial.side, *pictures.mean_and_std(), is_augmented, is_sized)
    return PlainLoop(network, trial.folder / "train", transform, trial.batch_size, torch.device(trial.device))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
