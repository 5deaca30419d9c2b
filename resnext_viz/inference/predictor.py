"""Photos in, classes with probabilities out, with the time it took and on what.

    load_predictor("cifar10").predict(["cat.jpg"])[0].top

The latency of an image is its batch's time from the prepared input to the logits, transfer to the device and back
included, divided by the images in the batch; decoding and preparing are not in it. The first runs, which are slower,
happen at load.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from resnext_viz.complexity import complexity
from resnext_viz.errors import UserError
from resnext_viz.inference.checkpoint import Checkpoint, ClassNames, load_checkpoint
from resnext_viz.inference.download import Progress
from resnext_viz.inference.engines import Engine, eager
from resnext_viz.inference.errors import ImageError, WeightsError
from resnext_viz.inference.photos import Photo, decode_photo, name_of
from resnext_viz.inference.prediction import Answer, Prediction
from resnext_viz.inference.weights import Origin, find_weights, load_weights
from resnext_viz.layers import walk
from resnext_viz.names import remarks_of, title_of
from resnext_viz.nn import build
from resnext_viz.nn.device import choose_device, describe_device
from resnext_viz.spec import ResNeXtSpec

MAX_BATCH = 16
MAX_BATCH_ACTS = 2**27  # elements of the largest layer's output, over a batch: 512 MB
WARM_UP_RUNS = 2


class Predictor:
    """A network with its weights, ready to answer; one copy serves any number of threads.

    Attributes:
        name, title: what was loaded, for code and for people.
        spec, model: the network, in eval mode; `model` is to be read, not changed.
        classes: one label for each output.
        preprocess: how a picture becomes the network's input.
        device, engine: where and how it runs, in words.
        test_accuracy: share of right first answers on the data set's test pictures, 0 to 1, or None.
        notes: what had to be assumed about the weights, in words.
    """

    def __init__(self, name: str, title: str, checkpoint: Checkpoint, device: torch.device) -> None:
        self.name, self.title = name, title
        self.spec, self.classes, self.preprocess = checkpoint.spec, checkpoint.classes, checkpoint.preprocess
        self.test_accuracy, self.notes = checkpoint.test_accuracy, checkpoint.notes
        self.image_size = checkpoint.preprocess.crop
        self.params = complexity(self.spec, self.image_size).params
        self.device = describe_device(device)
        with torch.device("meta"):  # draws no initial weights; the checkpoint's tensors become the network's own
            self.model = build(self.spec)
        self.model.load_state_dict(checkpoint.state_dict, assign=True)
        self.model.eval().requires_grad_(False).to(device)
        self._engine: Engine = eager(self.model, device)
        self._max_batch = largest_batch(self.spec, self.image_size)
        self._one_at_a_time = threading.Lock()
        self._warm_up()

    @property
    def engine(self) -> str:
        """How it runs, the arithmetic included, in words."""
        return self._engine.name

    def predict(self, images: Sequence[Photo], top_k: int = 5) -> list[Prediction]:
        """One prediction for each image, in order; one that cannot be read has an `error`, the others are answered.

        Args:
            images: pictures of Pillow's, decoded ones, paths, or the bytes of files.
            top_k: answers for each image; more than there are classes gives all of them.

        Raises:
            UserError: `top_k` is no whole number above 0.
        """
        if type(top_k) is not int or top_k < 1:
            raise UserError(f"top_k is {top_k!r}; use a whole number from 1 up")
        predictions = []
        for start in range(0, len(images), self._max_batch):
            batch = images[start : start + self._max_batch]
            predictions += self._predict_batch(batch, start, min(top_k, len(self.classes)))
        return predictions

    def _predict_batch(self, images: Sequence[Photo], start: int, top_k: int) -> list[Prediction]:
        predictions: list[Prediction] = []
        inputs: list[Tensor] = []
        for number, image in enumerate(images, start + 1):
            name = name_of(image, number)
            try:
                decoded = decode_photo(image, name)
                inputs.append(self.preprocess.tensor(decoded.image))
            except ImageError as error:
                predictions.append(Prediction(name, self.device, self.engine, error=str(error)))
            else:
                predictions.append(
                    Prediction(
                        name, self.device, self.engine, width=decoded.width, height=decoded.height, notes=decoded.notes
                    )
                )
        if not inputs:
            return predictions
        logits, latency_ms = self._timed(torch.stack(inputs))
        rows = iter(logits.softmax(1))
        return [p if p.error else self._answered(p, next(rows), latency_ms, top_k) for p in predictions]

    def _answered(self, asked: Prediction, probabilities: Tensor, latency_ms: float, top_k: int) -> Prediction:
        values, numbers = probabilities.topk(top_k)
        top = tuple(Answer(self.classes[n], v) for v, n in zip(values.tolist(), numbers.tolist(), strict=True))
        return Prediction(
            asked.image_name, asked.device, asked.engine, top, latency_ms, asked.width, asked.height, asked.notes
        )

    def _timed(self, inputs: Tensor) -> tuple[Tensor, float]:
        """Logits `(N, classes)`, and milliseconds for each image."""
        with self._one_at_a_time:
            began = time.perf_counter()
            logits = self._engine.run(inputs)
            elapsed_s = time.perf_counter() - began
        return logits, 1000 * elapsed_s / len(inputs)

    def _warm_up(self) -> None:
        side = self.image_size
        for _ in range(WARM_UP_RUNS):
            logits, _ = self._timed(torch.zeros(1, self.spec.in_channels, side, side))
        if not bool(torch.isfinite(logits).all()):
            raise WeightsError(
                "The network answers with values that are no numbers; its weights are damaged. Use other weights."
            )


def load_predictor(
    name: str | Path | bytes = "cifar10",
    device: str = "auto",
    progress: Progress | None = None,
    classes: ClassNames | None = None,
    allow_pickle_files: bool = False,
) -> Predictor:
    """A predictor with the weights called `name`, warmed up.

    Args:
        name: "cifar10", a name of torchvision's such as "ResNeXt50_32X4D_Weights.IMAGENET1K_V2", or a checkpoint: the
            path of a .safetensors file, or its bytes.
        device: "auto" (CUDA, then MPS, then CPU), or one of them.
        progress: called with bytes done and bytes in all while weights are downloaded.
        classes: class names for a checkpoint, or a file with them.
        allow_pickle_files: also read .pth checkpoints, weights only: files of one's own, never what a stranger sent.

    Raises:
        WeightsError: no such weights, or they cannot be had or used; says what to do.
        UserError: this machine has no such device.
    """
    chosen = choose_device(device)
    if isinstance(name, bytes) or _is_path(name):
        checkpoint = load_checkpoint(name, classes, allow_pickle_files)
        shown = "uploaded checkpoint" if isinstance(name, bytes) else Path(name).name
        return Predictor(shown, f"{title_of(checkpoint.spec)}, {shown}", checkpoint, chosen)
    if classes is not None:
        raise WeightsError(f"{name} has its own class names; give class names only with a checkpoint file")
    info = find_weights(str(name))
    checkpoint = load_weights(info, progress)
    plain = info.family.removesuffix(remarks_of(info.spec))
    title = info.title if info.origin is Origin.TORCHVISION else f"{plain}, CIFAR-10 weights"
    return Predictor(info.name, title, checkpoint, chosen)


def _is_path(name: str | Path) -> bool:
    return (
        isinstance(name, Path)
        or Path(name).suffix.lower() in (".safetensors", ".pth", ".pt")
        or "/" in name
        or "\\" in name
    )


def largest_batch(spec: ResNeXtSpec, image_size: int) -> int:
    """Images in a batch: fewer for a network whose maps are large."""
    largest = max(layer.acts for layer in walk(spec, image_size).layers)
    return max(1, min(MAX_BATCH, MAX_BATCH_ACTS // largest))
