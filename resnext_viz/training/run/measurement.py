"""What a network gets right: over the steps of an epoch, and on labelled pictures in memory, in float32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from resnext_viz.nn.device import exact_float32
from resnext_viz.training.data.labelled_images import LabelledImages


@dataclass(frozen=True)
class Normalisation:
    """Colour mean and standard deviation that pictures are normalised with, on the scale 0 to 1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def apply(self, images: Tensor) -> Tensor:
        """Pictures `(N, 3, H, W)` uint8 -> float32, channels last in memory."""
        std = torch.tensor(self.std, device=images.device)[:, None, None]
        mean = torch.tensor(self.mean, device=images.device)[:, None, None]
        return images.to(memory_format=torch.channels_last).float().mul_(1 / (255 * std)).sub_(mean / std)


@dataclass(frozen=True)
class Measurement:
    """Share of pictures whose most probable class is the right one, in all and by class, and the mean loss."""

    accuracy: float
    class_accuracy: tuple[float, ...]
    loss: float  # cross-entropy in nats, labels not smoothed


class Seen(NamedTuple):
    """What an epoch's steps added up to: losses and right first answers over all pictures, on the device."""

    loss: Tensor
    right: Tensor
    steps: int
    pictures: int


def measure(
    model: nn.Module, images: LabelledImages, normalisation: Normalisation, batch_pixels: int = 500 * 32 * 32
) -> Measurement:
    """What `model` gets right on `images`, one view of each, in eval mode and float32.

    A batch has so many pixels at most, for memory grows with them: fewer pictures where they are larger.
    """
    batch_size = max(1, batch_pixels // (images.images.shape[2] * images.images.shape[3]))
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    right, loss = [], 0.0
    with torch.inference_mode():
        for batch, labels in zip(images.images.split(batch_size), images.labels.split(batch_size), strict=True):
            with exact_float32(device):
                logits = model(normalisation.apply(batch.to(device))).cpu()
            right.append(logits.argmax(1) == labels)
            loss += cross_entropy(logits, labels, reduction="sum").item()
    model.train(was_training)
    hits = torch.cat(right)
    classes = len(images.classes)
    by_class = torch.bincount(images.labels[hits], minlength=classes) / torch.bincount(images.labels, minlength=classes)
    return Measurement(int(hits.sum()) / len(hits), tuple(by_class.tolist()), loss / len(hits))
