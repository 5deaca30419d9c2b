"""One training run: SGD over pictures in memory, in bf16 channels-last, with checkpoints from which it goes on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from resnext_viz.nn import ResNeXt, build
from resnext_viz.nn.network import ResidualBlock
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.data import LabelledImages
from resnext_viz.training.recipe import Recipe, RecipeError, augmented, order_of

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Normalisation:
    """Colour mean and standard deviation that pictures are normalised with, on the scale 0 to 1."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def apply(self, images: Tensor) -> Tensor:
        """Pictures `(N, 3, H, W)` uint8 -> float32, channels last in memory."""
        scale = torch.tensor(self.std, device=images.device).mul(255).reciprocal()[:, None, None]
        offset = torch.tensor(self.mean, device=images.device).div(torch.tensor(self.std, device=images.device))
        return images.to(memory_format=torch.channels_last).float().mul_(scale).sub_(offset[:, None, None])


@dataclass
class Run:
    """A run in progress; `epochs()` carries it on from where its checkpoint stands."""

    spec: ResNeXtSpec
    recipe: Recipe
    train_set: LabelledImages
    test_set: LabelledImages
    out: Path
    device: torch.device
    epoch: int = 0
    elapsed_s: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        torch.manual_seed(self.recipe.seed)
        self.normalisation = Normalisation(*self.train_set.mean_and_std())
        self.model = _prepared(self.spec).to(self.device)
        self.optimizer = _optimizer(self.model, self.recipe)
        self.out.mkdir(parents=True, exist_ok=True)
        if (self.out / CHECKPOINT).exists():
            self._restore()

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0 to 1, at the start of an epoch."""
        if self.recipe.epochs is not None:
            return min(1.0, self.epoch / self.recipe.epochs)
        assert self.recipe.minutes is not None
        return min(1.0, self.elapsed_s / (60 * self.recipe.minutes))

    def epochs(self) -> Iterator[dict[str, Any]]:
        """Trains to the end; after each epoch, once its checkpoint is safe, gives its row of figures."""
        while self.progress < 1:
            began, before_s = time.perf_counter(), self.elapsed_s
            loss, seen = self._one_epoch(began, before_s)
            self.elapsed_s = before_s + time.perf_counter() - began
            self.epoch += 1
            row = {"epoch": self.epoch, "loss": round(loss, 4), "images_per_s": round(seen / (self.elapsed_s - before_s)),
                   "elapsed_s": round(self.elapsed_s, 1), "progress": round(self.progress, 4),
                   "test_accuracy": accuracy(self.model, self.test_set, self.normalisation)}
            self.history.append(row)
            self._save()
            yield row

    def _one_epoch(self, began: float, before_s: float) -> tuple[float, int]:
        self.model.train()
        images = augmented(self.train_set.images, self.recipe, self.epoch)
        order = order_of(len(images), self.recipe, self.epoch)
        batches = order.split(self.recipe.batch_size)
        if len(batches) > 1 and len(batches[-1]) < self.recipe.batch_size:
            batches = batches[:-1]
        losses = []
        for number, batch in enumerate(batches):
            progress = self._progress_within(number / len(batches), began, before_s)
            if progress >= 1:
                break
            losses.append(self._step(images[batch], self.train_set.labels[batch], self.recipe.rate_at(progress)))
        return (sum(losses) / len(losses) if losses else float("nan")), len(losses) * self.recipe.batch_size

    def _progress_within(self, share: float, began: float, before_s: float) -> float:
        if self.recipe.epochs is not None:
            return (self.epoch + share) / self.recipe.epochs
        assert self.recipe.minutes is not None
        return (before_s + time.perf_counter() - began) / (60 * self.recipe.minutes)

    def _step(self, images: Tensor, labels: Tensor, rate: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        inputs = self.normalisation.apply(images.to(self.device))
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            logits = self.model(inputs)
        loss = cross_entropy(logits.float(), labels.to(self.device), label_smoothing=self.recipe.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def _save(self) -> None:
        state = {"spec": self.spec.to_dict(), "recipe": self.recipe.to_dict(), "epoch": self.epoch,
                 "elapsed_s": self.elapsed_s, "history": self.history, "classes": list(self.train_set.classes),
                 "mean": list(self.normalisation.mean), "std": list(self.normalisation.std),
                 "model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        unfinished = self.out / f"{CHECKPOINT}.part"
        torch.save(state, unfinished)
        os.replace(unfinished, self.out / CHECKPOINT)
        (self.out / "history.json").write_text(json.dumps(self.history, indent=1) + "\n")

    def _restore(self) -> None:
        state = torch.load(self.out / CHECKPOINT, map_location=self.device, weights_only=True)
        if state["spec"] != self.spec.to_dict() or state["recipe"] != self.recipe.to_dict():
            raise RecipeError(f"{self.out} holds a run with other settings; name another --out, or repeat its settings")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.elapsed_s, self.history = state["epoch"], state["elapsed_s"], state["history"]


def accuracy(model: nn.Module, images: LabelledImages, normalisation: Normalisation, batch_size: int = 500) -> float:
    """Share of `images` whose most probable class is the right one, in eval mode and float32."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    right = 0
    with torch.inference_mode():
        for batch, labels in zip(images.images.split(batch_size), images.labels.split(batch_size), strict=True):
            logits = model(normalisation.apply(batch.to(device)))
            right += int((logits.argmax(1).cpu() == labels).sum())
    model.train(was_training)
    return right / len(images.labels)


def _prepared(spec: ResNeXtSpec) -> ResNeXt:
    """The network, channels last, each block starting as its shortcut (the last norm's scale is zero)."""
    model = build(spec).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    for module in model.modules():
        if isinstance(module, ResidualBlock) and module.has_shortcut:
            nn.init.zeros_(module.get_submodule(module.steps[-1][1]).weight)  # type: ignore[arg-type]
    return model


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.SGD(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=recipe.peak_rate, momentum=recipe.momentum, nesterov=True,
    )
