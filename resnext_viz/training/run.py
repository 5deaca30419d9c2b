"""One training run: SGD over pictures in memory, channels last, with checkpoints from which it goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from resnext_viz.nn import ResNeXt, build
from resnext_viz.nn.network import ResidualBlock
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.augmentation import plan_epoch
from resnext_viz.training.checkpoint import check_same_settings, read_checkpoint, write_checkpoint
from resnext_viz.training.data import DataError, LabelledImages, split_off
from resnext_viz.training.measurement import Normalisation, measure
from resnext_viz.training.metrics import write_metrics
from resnext_viz.training.precision import training_type
from resnext_viz.training.recipe import Recipe, RecipeError
from resnext_viz.training.whitening import whiten

WHITENED_BY = 2000  # pictures


class Seen(NamedTuple):
    """What an epoch's steps added up to: losses and right first answers, as tensors on the device, over pictures."""

    loss: Tensor
    right: Tensor
    steps: int
    pictures: int


@dataclass
class Run:
    """A run in progress; `epochs()` carries it on from where its checkpoint stands.

    `train_set` becomes the pictures that are trained on, without the recipe's `hold_out` pictures.

    Raises:
        RecipeError: the folder holds a run with other settings, or the recipe does not fit the pictures.
        DataError: the pictures are not those of the run that the folder holds, or not the network's.
    """

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
        self._check_fit()
        torch.manual_seed(self.recipe.seed)
        self.train_set, _ = split_off(self.train_set, self.recipe.hold_out, self.recipe.seed)
        self.normalisation = Normalisation(*self.train_set.mean_and_std())
        self.model = _prepared(self.spec)
        if self.recipe.whiten:
            whiten(self.model.conv1, self.normalisation.apply(self.train_set.images[:WHITENED_BY]))
        self.model.to(self.device)
        self.averaged = _averaged(self.model, self.recipe)
        self.optimizer = _optimizer(self.model, self.recipe)
        # The pictures stay where they are used: one copy at the start instead of one for each batch.
        self._images, self._labels = self.train_set.images.to(self.device), self.train_set.labels.to(self.device)
        self._make_folder()
        self._restore()

    @property
    def result(self) -> nn.Module:
        """The module that is measured and exported: the averaged weights if the recipe asks for them."""
        return self.averaged.module if self.averaged else self.model

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0 to 1, at the start of an epoch."""
        return min(1.0, self._progress_at(0.0, self.elapsed_s))

    @property
    def finished(self) -> bool:
        """Whether nothing is left to train."""
        return self.progress >= 1

    @property
    def left_s(self) -> float:
        """Seconds that the rest of the run will take, judged by what is done; 0 before the first epoch."""
        return self.elapsed_s * (1 / self.progress - 1) if self.progress else 0.0

    def epochs(self) -> Iterator[dict[str, Any]]:
        """Trains to the end; after each epoch, once its checkpoint is safe, gives its row of figures.

        Raises:
            RecipeError: the loss is no number any more.
        """
        while not self.finished:
            began, before_s = time.perf_counter(), self.elapsed_s
            seen = self._one_epoch(began, before_s)
            self.elapsed_s = before_s + time.perf_counter() - began
            self.epoch += 1
            row = self._row(seen, self.elapsed_s - before_s)
            self.history.append(row)
            self._save()
            yield row

    def _check_fit(self) -> None:
        if not self.spec.head:
            raise RecipeError("head is False; training needs the linear layer")
        if self.spec.in_channels != 3:
            raise RecipeError(f"in_channels is {self.spec.in_channels}; pictures have 3")
        if self.spec.num_classes != len(self.train_set.classes):
            raise DataError(f"num_classes is {self.spec.num_classes}; the data has {len(self.train_set.classes)}")
        if self.recipe.translate >= self.train_set.side:
            raise RecipeError(
                f"translate is {self.recipe.translate}; use less than the {self.train_set.side} pixels "
                "of a picture's side"
            )

    def _row(self, seen: Seen, seconds: float) -> dict[str, Any]:
        """The figures of the epoch that just ended."""
        tested = measure(self.result, self.test_set, self.normalisation)
        return {
            "epoch": self.epoch,
            "loss": round(seen.loss.item() / seen.steps, 4) if seen.steps else None,
            "train_accuracy": round(seen.right.item() / seen.pictures, 4) if seen.steps else None,
            "test_loss": round(tested.loss, 4),
            "test_accuracy": tested.accuracy,
            "class_accuracy": [round(share, 4) for share in tested.class_accuracy],
            "rate": self.recipe.rate_at(self.progress),
            "images_per_s": round(seen.pictures / seconds),
            "elapsed_s": round(self.elapsed_s, 1),
            "progress": round(self.progress, 4),
        }

    def _one_epoch(self, began: float, before_s: float) -> Seen:
        """Trains on the pictures once; the time may run out before the last batch, and before the first."""
        self.model.train()
        plan = plan_epoch(len(self._labels), self.recipe, self.epoch)
        batches = plan.order.split(self.recipe.batch_size)
        if len(batches) > 1 and len(batches[-1]) < self.recipe.batch_size:
            batches = batches[:-1]  # the next epoch's order brings its pictures in
        loss, right, steps, pictures = torch.zeros((), device=self.device), torch.zeros((), device=self.device), 0, 0
        for number, batch in enumerate(batches):
            progress = self._progress_at(number / len(batches), before_s + time.perf_counter() - began)
            if progress >= 1:
                break
            images = plan.cut(self.normalisation.apply(plan.batch(self._images, batch)), batch)
            step_loss, step_right = self._step(images, self._labels[batch.to(self.device)], progress)
            loss, right, steps, pictures = loss + step_loss, right + step_right, steps + 1, pictures + len(batch)
        if not math.isfinite(loss.item()):
            raise RecipeError(
                f"the loss is no number any more in epoch {self.epoch + 1}; use a lower peak_rate than "
                f"{self.recipe.peak_rate:g}"
            )
        return Seen(loss, right, steps, pictures)

    def _progress_at(self, share: float, elapsed_s: float) -> float:
        """Share of the run done, `share` into the current epoch and `elapsed_s` seconds into the run."""
        return self.recipe.share_done(self.epoch + share, elapsed_s)

    def _step(self, images: Tensor, labels: Tensor, progress: float) -> tuple[Tensor, Tensor]:
        """One update of the weights; gives loss and right answers, still on the device: a GPU is not waited for."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_at(progress)
        number_type = training_type(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=number_type is torch.bfloat16):
            logits = self.model(images)
        loss = cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.averaged:
            self.averaged.update_parameters(self.model)
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    def _make_folder(self) -> None:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecipeError(f"{self.out} cannot be a folder ({error.strerror}); name another --out") from error

    def _save(self) -> None:
        write_checkpoint(
            self.out,
            {
                "spec": self.spec.to_dict(),
                "recipe": self.recipe.to_dict(),
                "epoch": self.epoch,
                "elapsed_s": self.elapsed_s,
                "history": self.history,
                "classes": list(self.train_set.classes),
                "mean": list(self.normalisation.mean),
                "std": list(self.normalisation.std),
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "averaged": self.averaged.state_dict() if self.averaged else None,
            },
        )
        write_metrics(self.out, self.history, self.train_set.classes)

    def _restore(self) -> None:
        state = read_checkpoint(self.out, self.device)
        if state is None:
            return
        check_same_settings(state, self.spec, self.recipe, self.out)
        there = (list(state["classes"]), list(state["mean"]), list(state["std"]))
        if there != (list(self.train_set.classes), list(self.normalisation.mean), list(self.normalisation.std)):
            raise DataError(f"{self.out} holds a run on other pictures; give the same --data, or name another --out")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.averaged:
            self.averaged.load_state_dict(state["averaged"])
        self.epoch, self.elapsed_s, self.history = state["epoch"], state["elapsed_s"], state["history"]


def _prepared(spec: ResNeXtSpec) -> ResNeXt:
    """The network, channels last, each block starting as its shortcut (the last norm's scale is zero)."""
    model = build(spec).to(memory_format=torch.channels_last)
    for module in model.modules():
        if isinstance(module, ResidualBlock) and module.has_shortcut:
            nn.init.zeros_(module.get_submodule(module.steps[-1][1]).weight)  # type: ignore[arg-type]
    return model


def _averaged(model: nn.Module, recipe: Recipe) -> AveragedModel | None:
    """A copy of `model` that follows it by the recipe's moving average, batch norm's statistics too."""
    if not recipe.ema:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True)


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.SGD(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=recipe.peak_rate,
        momentum=recipe.momentum,
        nesterov=recipe.momentum > 0,
    )
