"""One training run: SGD over pictures in memory, channels last, with checkpoints from which it goes on.

Processes that make one run together (`Team`) draw the same from the seed, take each its share of every batch, and end
in the same weights; their leader alone measures and writes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from resnext_viz.errors import ErrorCode
from resnext_viz.nn.merged_groups import merge_narrow_groups
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.data.augmentation import plan_epoch
from resnext_viz.training.data.labelled_images import DataError, LabelledImages, split_off
from resnext_viz.training.recipe.recipe import Recipe, RecipeError
from resnext_viz.training.recipe.sharpness_aware import uphill
from resnext_viz.training.recipe.whitening import whiten_by_some
from resnext_viz.training.run.compiling import compiled
from resnext_viz.training.run.folder_lock import keep_others_out, kept_in
from resnext_viz.training.run.measurement import Normalisation, Seen, measure
from resnext_viz.training.run.metrics import FigureFiles
from resnext_viz.training.run.out_of_memory import told_when_short
from resnext_viz.training.run.precision import training_type
from resnext_viz.training.run.preparation import averaged, check_fit, optimizer_of, prepared
from resnext_viz.training.run.run_checkpoint import check_same_settings, read_checkpoint, write_checkpoint
from resnext_viz.training.run.run_folder import EpochProgress, Watch, time_left
from resnext_viz.training.run.starting_weights import StartingWeights, check_same_start
from resnext_viz.training.run.team import ALONE, Team


@dataclass
class Run:
    """A run in progress; `epochs()` carries it on from where its checkpoint stands.

    `train_set` becomes the pictures that are trained on, without the recipe's `hold_out` pictures.

    Attributes:
        team: the processes that make this run together.
        compiler: the backend of torch.compile, "inductor" say; None trains without.
        start: trained weights to start from, with the colours that they expect; None starts from fresh ones.

    Raises:
        RecipeError: the folder holds a run with other settings, or the recipe does not fit the pictures.
        DataError: the pictures are not those of the run that the folder holds, or not the network's.
        RunFolderError: another process is at work in the folder, or it cannot be written to.
    """

    spec: ResNeXtSpec
    recipe: Recipe
    train_set: LabelledImages
    test_set: LabelledImages
    out: Path
    device: torch.device
    team: Team = ALONE
    compiler: str | None = None
    start: StartingWeights | None = None
    epoch: int = 0
    kept: int = 0  # the epoch whose checkpoint is safe
    elapsed_s: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_fit(self.spec, self.recipe, self.train_set, self.team, self.start)
        if self.team.leads:
            keep_others_out(self.out, self)
        torch.manual_seed(self.recipe.seed)
        self.train_set, _ = split_off(self.train_set, self.recipe.hold_out, self.recipe.seed)
        self._colours = self.train_set.mean_and_std()
        self.normalisation = Normalisation(*(self.start.statistics if self.start else self._colours))
        self.model = prepared(self.spec, self.start, self.train_set.classes)
        if self.recipe.whiten:
            whiten_by_some(self.model.conv1, self.train_set.images, self.normalisation.apply)
        self.team.prepare(self.model, self.device)
        merge_narrow_groups(self.model, self.device, training_type(self.device))
        self.averaged = averaged(self.model, self.recipe)
        self.optimizer = optimizer_of(self.model, self.recipe)
        # The pictures stay where they are used: one copy at the start instead of one for each batch.
        with told_when_short(self._too_many_pictures):
            self._images, self._labels = self.train_set.images.to(self.device), self.train_set.labels.to(self.device)
        self._restore()
        self._trained = compiled(self.team.joined(self.model), self.compiler)

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
        return time_left(self.progress, self.elapsed_s)

    @property
    def kept_in_words(self) -> str:
        """What a stop now leaves."""
        return f"epoch {self.kept} is kept" if self.kept else "no epoch was done"

    def epochs(self, watch: Watch | None = None) -> Iterator[dict[str, Any]]:
        """Trains to the end; after each epoch, once its checkpoint is safe, gives its row of figures.

        `watch` is told of every step.

        Raises:
            RecipeError: the loss is no number any more.
            RunFolderError: the folder cannot be written to.
        """
        files = FigureFiles(self.out, self.train_set.classes)
        try:
            if self.epoch and self.team.leads:  # a stop may have come between the last checkpoint and its figures
                self._write_figures(files)
            while not self.finished:
                before_s, began = self.elapsed_s, time.perf_counter() - self.elapsed_s
                with told_when_short(self._too_large_a_step):
                    seen = self._one_epoch(began, watch)
                self.elapsed_s = self.team.agreed_s(time.perf_counter() - began)
                self.epoch += 1
                row = self.team.agreed(self._row(seen, self.elapsed_s - before_s) if self.team.leads else {})
                self.history.append(row)
                if self.team.leads:
                    self._save()
                    self._write_figures(files)
                yield row
        finally:
            files.close()

    def _too_many_pictures(self) -> str:
        return (
            f"{self.device} has no memory for {len(self.train_set.labels):,} pictures of {self.train_set.side} px; "
            "use fewer pictures or smaller ones (--image-size)"
        )

    def _too_large_a_step(self) -> str:
        return (
            f"{self.device} is out of memory in a step with {self.recipe.batch_size} pictures of "
            f"{self.train_set.side} px; {self.kept_in_words}. Use a lower batch_size in a new --out, or a smaller "
            "network or --image-size"
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

    def _one_epoch(self, began: float, watch: Watch | None) -> Seen:
        """Trains on the pictures once; the time may run out before the last batch, and before the first."""
        self.model.train()
        if self.start:
            self.start.keep_still(self.model)
        plan = plan_epoch(len(self._labels), self.recipe, self.epoch)
        batches = plan.batches(self.recipe.batch_size)
        loss, right, steps, pictures = torch.zeros((), device=self.device), torch.zeros((), device=self.device), 0, 0
        for number, batch in enumerate(batches):
            progress = self._progress_at(number / len(batches), self._seconds_since(began))
            if progress >= 1:
                break
            share = self.team.share(batch)
            images = plan.cut(self.normalisation.apply(plan.batch(self._images, share)), share)
            weight = len(share) * self.team.size / len(batch)  # the processes' gradients are averaged
            step_loss, step_right = self._step(images, self._labels[share.to(self.device)], progress, weight)
            loss, right, steps, pictures = loss + step_loss, right + step_right, steps + 1, pictures + len(batch)
            if watch:
                done, now_s = (number + 1) / len(batches), time.perf_counter() - began
                rate = pictures / max(now_s - self.elapsed_s, 1e-9)
                watch(EpochProgress(self.epoch + 1, done, rate, time_left(self._progress_at(done, now_s), now_s)))
        loss, right = self.team.total(torch.stack([loss / self.team.size, right]))
        if not math.isfinite(loss.item()):
            raise RecipeError(
                f"the loss is no number any more in epoch {self.epoch + 1}; use a lower peak_rate than "
                f"{self.recipe.peak_rate:g}",
                ErrorCode.DIVERGED,
                epoch=self.epoch + 1,
                peak_rate=self.recipe.peak_rate,
            )
        return Seen(loss, right, steps, pictures)

    def _seconds_since(self, began: float) -> float:
        """The run's clock, the same for all processes; only a run bounded by minutes looks at it at every step."""
        seconds = time.perf_counter() - began
        return seconds if self.recipe.minutes is None else self.team.agreed_s(seconds)

    def _progress_at(self, share: float, elapsed_s: float) -> float:
        """Share of the run done, `share` into the current epoch and `elapsed_s` seconds into the run."""
        return self.recipe.share_done(self.epoch + share, elapsed_s)

    def _step(self, images: Tensor, labels: Tensor, progress: float, weight: float) -> tuple[Tensor, Tensor]:
        """One update of the weights; gives loss, `weight` times the mean, and right answers of this process's pictures.

        Both still on the device: a GPU is not waited for.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate_at(progress)
        self.optimizer.zero_grad()
        loss, logits = self._gradient(images, labels, weight)
        if self.recipe.sam:
            with uphill(self.model, self.recipe.sam):
                self._gradient(images, labels, weight)
        self.optimizer.step()
        if self.averaged:
            self.averaged.update_parameters(self.model)
        return loss, (logits.argmax(1) == labels).sum()

    def _gradient(self, images: Tensor, labels: Tensor, weight: float) -> tuple[Tensor, Tensor]:
        """Adds the gradient of the loss to the parameters'; gives loss and logits."""
        number_type = training_type(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=number_type is torch.bfloat16):
            logits = self._trained(images)
        loss = cross_entropy(logits.float(), labels, label_smoothing=self.recipe.label_smoothing) * weight
        loss.backward()
        return loss.detach(), logits.detach()

    def _save(self) -> None:
        with kept_in(self.out, self.kept_in_words):
            write_checkpoint(self.out, self._state())
        self.kept = self.epoch

    def _write_figures(self, files: FigureFiles) -> None:
        with kept_in(self.out, self.kept_in_words):
            files.write(self.history)

    def _state(self) -> dict[str, Any]:
        return {
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
            "start": self.start.record() if self.start else None,
            "colours": self._colours,
        }

    def _restore(self) -> None:
        state = self.team.agreed(read_checkpoint(self.out, torch.device("cpu")) if self.team.leads else None)
        if state is None:
            return
        check_same_settings(state, self.spec, self.recipe, self.out)
        check_same_start(state.get("start"), self.start.record() if self.start else None, self.out)
        colours = state.get("colours", (tuple(state["mean"]), tuple(state["std"])))
        if (tuple(state["classes"]), colours) != (self.train_set.classes, self._colours):
            raise DataError(f"{self.out} holds a run on other pictures; give the same --data, or name another --out")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.averaged:
            self.averaged.load_state_dict(state["averaged"])
        self.epoch, self.elapsed_s, self.history = state["epoch"], state["elapsed_s"], state["history"]
        self.kept = self.epoch
