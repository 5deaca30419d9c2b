"""Photos in, classes with probabilities out, with the time it took and on what.

The latency of an image is its batch's time from the prepared input to the logits, transfer to the device and back
included, divided by the images in the batch; decoding, preparing and waiting for others are not in it. The first runs,
which are slower, happen at load.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from resnext_viz.errors import UserError
from resnext_viz.inference.engines.batching import BatchAnswer, BatchingQueue
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.engines.int8 import Int8Record, find_int8
from resnext_viz.inference.engines.selection import REFERENCE, Chosen, Network, choose_engine
from resnext_viz.inference.engines.torch_engines import EXACT_NAME
from resnext_viz.inference.errors import ImageError, WeightsError
from resnext_viz.inference.gate import aside
from resnext_viz.inference.none_of_these import NoneRule
from resnext_viz.inference.photos.uploaded import Photo, decode_photo, photo_name
from resnext_viz.inference.predictor.identity import identity_of
from resnext_viz.inference.predictor.prediction import Answer, Prediction
from resnext_viz.inference.weights.checkpoint import Checkpoint
from resnext_viz.layers import walk
from resnext_viz.nn import build
from resnext_viz.nn.device import describe_device
from resnext_viz.nn.module_counts import measured_params
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_BATCH = {"cpu": 16, "mps": 16, "cuda": 64}
MAX_BATCH_ACTS = 2**27  # elements of the largest layer's output, over a batch: 512 MB
WARM_UP_S = 1.0
BATCHES_AHEAD = 2  # that one caller has in the queue: while one runs, the next is decoded

# Networks on one device take turns: two at once would only wait for each other's threads.
_TURNS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def probabilities_of(logits: Tensor, temperature: float) -> Tensor:
    """Softmax of logits `(..., classes)`; of a single output, trained with binary cross-entropy, its sigmoid."""
    scaled = logits / temperature
    return scaled.sigmoid() if scaled.shape[-1] == 1 else scaled.softmax(-1)


class Predictor:
    """A network with its weights, ready to answer; one copy serves any number of threads.

    Attributes:
        name, title: what was loaded, for code and for people; two networks can have the same ones.
        identity: what tells it from every network that answers otherwise; see `identity_of`.
        spec, model: the network, in float32 and eval mode; `model` is to be read, not changed.
        answering: what engines run: `model`, with one output more where a probe judges; it has the same tensors.
        classes: one label for each output; none where features come out.
        preprocess: how a picture becomes the network's input.
        device: where it runs, in words.
        choice: the engine asked for at loading, used where `predict` is not told another.
        test_accuracy: share of right first answers on the data set's test pictures, 0 to 1, or None.
        max_batch: pictures that are run at once, at most.
        notes: what had to be assumed about the weights, in words.
        temperature: that logits are divided by before they become probabilities.
        none_of_these: when a picture shows none of the classes, probably; None where that was not measured.
        int8: what is known of its 8-bit form, or None if there is none to offer.
    """

    def __init__(
        self,
        name: str,
        title: str,
        checkpoint: Checkpoint,
        device: torch.device,
        choice: EngineChoice = EngineChoice.AUTO,
        keep: bool = False,
    ) -> None:
        self.name, self.title, self.choice = name, title, choice
        self.identity = identity_of(checkpoint)
        self.spec, self.classes, self.preprocess = checkpoint.spec, checkpoint.classes, checkpoint.preprocess
        self.test_accuracy, self.notes = checkpoint.test_accuracy, checkpoint.notes
        self.temperature, self.none_of_these = checkpoint.temperature, checkpoint.none_of_these
        self.image_size = checkpoint.preprocess.crop
        self.device = describe_device(device)
        with torch.device("meta"):  # draws no initial weights; the checkpoint's tensors become the network's own
            self.model = build(self.spec, checkpoint.head)
        self.params = measured_params(self.model)
        self.model.load_state_dict(checkpoint.state_dict, assign=True)
        self.model.eval().requires_grad_(False).to(device)
        self.answering = _with_probe(self.model, self.none_of_these)
        found = find_int8(self.answering) if device.type == "cpu" else None
        self.int8: Int8Record | None = found[1] if found else None
        self.max_batch = largest_batch(self.spec, self.image_size, device.type)
        shape = (self.spec.in_channels, self.image_size, self.image_size)
        self._network = Network(self.answering, device, shape, self.max_batch, keep, _TURNS[str(device)])
        self._queue = BatchingQueue(self.max_batch, self._network.turn)
        self._chosen: dict[EngineChoice, Chosen] = {}
        self._choosing = threading.Lock()
        self._warm_up()

    @property
    def engine(self) -> str:
        """How it runs, the arithmetic included, in words."""
        return self.engine_of(self.choice)

    def engine_of(self, choice: EngineChoice) -> str:
        """The engine that `choice` means here, in words.

        Raises:
            UserError: there is no such engine for these weights.
        """
        if not self.is_ready(choice) and choice is EngineChoice.EXACT:
            return EXACT_NAME  # known before it is made
        return self._ready(choice).fallback.engine.name

    def is_ready(self, choice: EngineChoice) -> bool:
        """Whether that engine is made and proven, so that nobody waits for it."""
        return choice in self._chosen

    def check_of(self, choice: EngineChoice) -> str:
        """How the engine that `choice` means was checked against exact arithmetic, and what it gave up since, in words.

        Raises:
            UserError: there is no such engine for these weights.
        """
        if not self.is_ready(choice) and choice is EngineChoice.EXACT:
            return REFERENCE
        chosen = self._ready(choice)
        return " ".join((chosen.check, *(f"{note}." for note in chosen.fallback.notes)))

    def predict(self, images: Sequence[Photo], top_k: int = 5, engine: EngineChoice | None = None) -> list[Prediction]:
        """One prediction for each image, in order; one that cannot be read has an `error`, the others are answered.

        Args:
            images: pictures of Pillow's, decoded ones, paths, or the bytes of files.
            top_k: answers for each image; more than there are classes gives all of them.
            engine: another than was chosen at loading.

        Raises:
            UserError: `top_k` is no whole number above 0, or there is no such engine for these weights.
            BusyError: too many pictures of others wait.
        """
        if type(top_k) is not int or top_k < 1:
            raise UserError(f"top_k is {top_k!r}; use a whole number from 1 up")
        choice = engine or self.choice
        run = self._ready(choice).fallback.run
        predictions: list[Prediction] = []
        asked: deque[tuple[list[Prediction], Future[BatchAnswer] | None]] = deque()
        for start in range(0, len(images), self.max_batch):
            batch, inputs = self._prepared(images[start : start + self.max_batch], start)
            asked.append((batch, self._queue.submit(run, _stacked(inputs)) if inputs else None))
            if len(asked) == BATCHES_AHEAD:
                predictions += self._answered(*asked.popleft(), top_k, choice)
        while asked:
            predictions += self._answered(*asked.popleft(), top_k, choice)
        return predictions

    def logits_of(self, images: Sequence[Photo], engine: EngineChoice | None = None) -> Tensor:
        """Logits `(N, classes)` of images that are decoded and prepared as `predict` does.

        Raises:
            ImageError: one that cannot be read, by its name.
            UserError: there is no such engine for these weights.
            BusyError: too many pictures of others wait.
        """
        return self._logits(self.outputs(self.inputs_of(images), engine))

    def inputs_of(self, images: Sequence[Photo]) -> Tensor:
        """Inputs `(N, channels, side, side)` of images, decoded and prepared as `predict` does.

        Raises:
            ImageError: one that cannot be read, by its name.
        """
        prepared, inputs = self._prepared(images, 0)
        for prediction in prepared:
            if prediction.error:
                raise ImageError(f"{prediction.image_name} cannot be used: {prediction.error}")
        return _stacked(inputs)

    def probabilities(self, logits: Tensor) -> Tensor:
        """What logits `(..., classes)` become on their way to people."""
        return probabilities_of(logits, self.temperature)

    def logits(self, inputs: Tensor, engine: EngineChoice | None = None) -> Tensor:
        """Logits `(N, classes)` of prepared inputs `(N, channels, side, side)`.

        Raises:
            UserError: there is no such engine for these weights.
            BusyError: too many pictures of others wait.
        """
        return self._logits(self.outputs(inputs, engine))

    def outputs(self, inputs: Tensor, engine: EngineChoice | None = None) -> Tensor:
        """Logits of prepared inputs, and the probe's output behind them where one judges: `(N, classes + 1)`.

        Raises:
            UserError: there is no such engine for these weights.
            BusyError: too many pictures of others wait.
        """
        run = self._ready(engine or self.choice).fallback.run
        return torch.cat([_when_there(self._queue.submit(run, piece)).logits for piece in inputs.split(self.max_batch)])

    def none_scores(self, outputs: Tensor) -> NDArray[np.float64] | None:
        """By what it is decided whether pictures show none of the classes `(N,)`; None where no rule was measured."""
        rule = self.none_of_these
        return rule.scores_of(outputs.numpy(), self.temperature) if rule and self.classes else None

    def _logits(self, outputs: Tensor) -> Tensor:
        return outputs[:, : len(self.classes)] if self.answering is not self.model else outputs

    def _ready(self, choice: EngineChoice) -> Chosen:
        """The engine for `choice`, made and proven at the first call for it."""
        if choice not in self._chosen:  # else nobody waits for another engine that is being made
            with aside(), self._choosing:
                if choice not in self._chosen:
                    self._chosen[choice] = choose_engine(choice, self._network)
        return self._chosen[choice]

    def _prepared(self, images: Sequence[Photo], start: int) -> tuple[list[Prediction], list[Tensor]]:
        """What can be said of the images before they are answered, and the inputs of those that can be."""
        predictions: list[Prediction] = []
        inputs: list[Tensor] = []
        for number, image in enumerate(images, start + 1):
            name = photo_name(image, number)
            try:
                decoded = decode_photo(image, name, crop=self.preprocess.seen_side)
                inputs.append(self.preprocess.tensor(decoded.image))
            except ImageError as error:
                predictions.append(Prediction(name, self.device, "", error=str(error)))
            else:
                predictions.append(
                    Prediction(name, self.device, "", width=decoded.width, height=decoded.height, notes=decoded.notes)
                )
        return predictions, inputs

    def _answered(
        self, asked: list[Prediction], answer: Future[BatchAnswer] | None, top_k: int, choice: EngineChoice
    ) -> list[Prediction]:
        engine = self.engine_of(choice)
        asked = [replace(prediction, engine=engine) for prediction in asked]
        if answer is None:
            return asked
        outputs, latency_ms, batch = _when_there(answer)
        said = self._said(outputs, top_k)
        return [
            prediction if prediction.error else replace(prediction, latency_ms=latency_ms, batch=batch, **next(said))
            for prediction in asked
        ]

    def _said(self, outputs: Tensor, top_k: int) -> Iterator[dict[str, Any]]:
        """Of each row its answers and, where that was measured, whether it shows none of the classes."""
        if not self.classes:
            yield from ({"features": tuple(row)} for row in outputs.tolist())
            return
        values, numbers = self.probabilities(self._logits(outputs)).topk(min(top_k, len(self.classes)))
        judged: list[dict[str, Any]] = [{}] * len(outputs)
        rule, scores = self.none_of_these, self.none_scores(outputs)
        if rule and scores is not None:
            judged = [
                {"none_of_these": none, "score": score}
                for none, score in zip(rule.below(scores).tolist(), scores.tolist(), strict=True)
            ]
        for shares, places, verdict in zip(values.tolist(), numbers.tolist(), judged, strict=True):
            yield {"top": tuple(Answer(self.classes[n], p, n) for p, n in zip(shares, places, strict=True))} | verdict

    def _warm_up(self) -> None:
        """Makes the engine, sees to it that its answers are numbers, and has the usual batch sizes prepared."""
        began = time.monotonic()
        size = 1
        while size <= self.max_batch and time.monotonic() - began < WARM_UP_S:
            logits = self.logits(torch.zeros(size, *self._network.shape))
            size *= 2
        if not bool(torch.isfinite(logits).all()):
            raise WeightsError(
                "The network answers with values that are no numbers; its weights are damaged. Use other weights."
            )


def _when_there(answer: Future[BatchAnswer]) -> BatchAnswer:
    """The answer, waited for."""
    with aside():
        return answer.result()


def _stacked(inputs: Sequence[Tensor]) -> Tensor:
    """Inputs `(C, H, W)` as one `(N, C, H, W)`; a single one is not copied."""
    return inputs[0][None] if len(inputs) == 1 else torch.stack(list(inputs))


def _with_probe(model: ResNeXt, rule: NoneRule | None) -> ResNeXt:
    """The network with a rule's probe as one more output of its linear layer, so that every engine computes it."""
    if rule is None or rule.probe is None or not isinstance(model.fc, nn.Linear):
        return model
    tensors = model.state_dict()
    with torch.device("meta"):
        more = build(model.spec.with_options(num_classes=model.fc.out_features + 1))
    weights, bias = (torch.tensor(values, device=model.fc.weight.device) for values in ([rule.probe.weights],
                                                                                       [rule.probe.bias]))  # fmt: skip
    tensors |= {"fc.weight": torch.cat((model.fc.weight, weights)), "fc.bias": torch.cat((model.fc.bias, bias))}
    more.load_state_dict(tensors, assign=True)
    return more.eval().requires_grad_(False)


def largest_batch(spec: ResNeXtSpec, image_size: int, device: str = "cpu") -> int:
    """Images in a batch: fewer for a network whose maps are large."""
    largest = max(layer.acts for layer in walk(spec, image_size).layers)
    return max(1, min(MAX_BATCH[device], MAX_BATCH_ACTS // largest))
