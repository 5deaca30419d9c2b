"""Makes a network's probabilities honest, and teaches it to say that a picture shows none of its classes.

Each figure is measured on pictures that had no part in what it judges. The temperature is fitted on training pictures
that the network was not trained on. One half of these and a third of the pictures of other things fit the probe of the
features; the other half and another third choose score and threshold; the test pictures and the last third judge.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from resnext_viz.errors import UserError
from resnext_viz.inference.calibration import fit_temperature
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.none_of_these import LOGIT_SCORES, NoneRule, Probe, Score, Separation, separation
from resnext_viz.inference.photos.picture_formats import SUFFIXES
from resnext_viz.inference.photos.uploaded import decode_photo
from resnext_viz.inference.predictor.measured import Measured, OtherThings
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.metadata import described, read_metadata
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.training.data.labelled_images import DataError, read_images, split_off
from resnext_viz.training.measure.evaluation import (
    AT_ONCE,
    LabelledPhotos,
    answers_to,
    photos_of,
    read_test_photos,
)
from resnext_viz.training.measure.larger_photos import measure_larger
from resnext_viz.training.measure.probe_fit import fit_probe
from resnext_viz.training.measure.seen import Sight, joined, seen_in, seen_in_photos
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.run_checkpoint import read_checkpoint
from resnext_viz.training.run.run_folder import CHECKPOINT

LEAST_HELD_OUT, LEAST_OTHERS = 200, 40  # pictures; fewer say too little
WRONGLY = 0.04  # share of held-out pictures of the classes that the threshold may call none
_SEED = 0

Progress = Callable[[str, int, int], None]  # what is done, how far, of how much
Colours = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class HeldOut:
    """Which training pictures the network was not trained on: so many, drawn by a seed.

    Attributes:
        colours: mean and deviation of those that it was trained on, by which they are known again; None where no run
            says them.
    """

    pictures: int
    seed: int
    colours: Colours | None = None


@dataclass(frozen=True)
class Others:
    """Pictures of none of the classes: what the network sees in them, and where each comes from."""

    seen: Sight
    sources: tuple[str, ...]


def held_out_of(weights: Path) -> HeldOut | None:
    """What the training run says beside its weights, of no pictures too; None where there is no run.

    Raises:
        UserError: the run's state is damaged.
    """
    if not (weights.parent / CHECKPOINT).is_file():
        return None
    state = read_checkpoint(weights.parent, torch.device("cpu"))
    if state is None:
        return None
    recipe = Recipe(**state["recipe"])
    return HeldOut(recipe.hold_out, recipe.seed, state.get("colours"))


def calibrate(
    predictor: Predictor,
    data: Path,
    data_name: str,
    held_out: HeldOut,
    others: Path | None = None,
    larger: bool = True,
    progress: Progress | None = None,
) -> Measured:
    """All that is measured of a network; `weights` is left empty, because the file is yet to be written.

    Args:
        predictor: the network.
        data: a folder with train/ and test/.
        data_name: what is said of it.
        held_out: training pictures that it was not trained on.
        others: a folder of pictures of none of the classes; its folders are named as where they come from.
        larger: whether the test pictures are also tried as larger photos.
        progress: called as it goes.

    Raises:
        UserError: too few pictures, ones that cannot be read, or others than the network was trained on.
    """
    say = _saying(progress)
    kept_back = _held_out(predictor, data, held_out)
    known = answers_to(predictor, kept_back, str(data), say("held-out pictures"))
    temperature = fit_temperature(known.logits, known.labels)
    given = read_test_photos(data)
    test = answers_to(predictor, given, str(data), say("test pictures"))
    found = Measured(
        "", predictor.title, data_name, f"{predictor.engine}, {predictor.device}", test.classes, test.confusion,
        temperature, known.pictures, test.calibration(1.0), test.calibration(temperature),
    )  # fmt: skip
    if others:
        pictures = _others(predictor, others, say("pictures of other things"))
        fitting = seen_in_photos(predictor, kept_back.photos, say("features of held-out pictures"))
        judging = seen_in_photos(predictor, given.photos, say("features of test pictures"))
        found = _with_rule(found, fitting, judging, pictures, _usual_length(predictor))
    if larger:
        rows = measure_larger(predictor, given.photos, test, say("test pictures as larger photos"), found.rule,
                              temperature)  # fmt: skip
        found = replace(found, larger=tuple(rows))
    return found


def describe(weights: Path, out: Path, found: Measured) -> None:
    """Writes a copy of the weights that says what was measured of it; its tensors stay the same."""
    said = replace(
        read_metadata(weights), test_accuracy=found.right / found.pictures, temperature=found.temperature,
        none_of_these=found.rule,
    )  # fmt: skip
    content = described(weights.read_bytes(), said)
    write_whole(out, lambda file: file.write(content))


def _held_out(predictor: Predictor, data: Path, held_out: HeldOut) -> LabelledPhotos:
    if held_out.pictures < LEAST_HELD_OUT:
        raise UserError(f"hold_out is {held_out.pictures}; at least {LEAST_HELD_OUT} pictures are needed")
    pictures = read_images(data, "train", predictor.image_size)
    trained_on, kept_back = split_off(pictures, held_out.pictures, held_out.seed)
    if held_out.colours and trained_on.mean_and_std() != held_out.colours:
        raise DataError(
            f"{data} is not what the network was trained on, so that nobody knows which of its pictures it "
            "has not seen; give the data of its run, unchanged"
        )
    return photos_of(kept_back)


def _others(predictor: Predictor, folder: Path, say: Callable[[int, int], None]) -> Others:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    _check_enough(folder, len(files))
    random.Random(_SEED).shuffle(files)
    pieces, sources = list[Sight](), list[str]()
    for start in range(0, len(files), AT_ONCE):
        inputs = []
        for path in files[start : start + AT_ONCE]:
            try:
                inputs.append(
                    predictor.preprocess.tensor(
                        decode_photo(path, str(path), crop=predictor.preprocess.seen_side).image
                    )
                )
            except ImageError:
                continue  # the app refuses it too, so it gets no answer that could be wrong
            parts = path.relative_to(folder).parts
            sources.append(parts[0] if len(parts) > 1 else folder.name)
        pieces += [seen_in(predictor, torch.stack(inputs))] if inputs else []
        say(min(start + AT_ONCE, len(files)), len(files))
    _check_enough(folder, len(sources))
    return Others(joined(pieces), tuple(sources))


def _check_enough(folder: Path, others: int) -> None:
    if others < LEAST_OTHERS:
        raise DataError(
            f"{folder} has {others} pictures of other things that can be read; at least {LEAST_OTHERS} are needed"
        )


def _with_rule(found: Measured, known: Sight, test: Sight, others: Others, length: float = 0.0) -> Measured:
    """With the rule by the score that tells most of the others that choose, and its rates on pictures that only judge.

    Args:
        found: what was measured so far.
        known: held-out pictures of the classes; every other one fits, the rest choose.
        test: pictures of the classes that judge.
        others: in an order of chance: the first third fits, the second chooses, the last judges.
        length: of a probe's weights.
    """
    third, temperature = len(others.sources) // 3, found.temperature
    choose, judge = slice(third, 2 * third), slice(2 * third, None)
    probe = _probe(known, others.seen[:third], length)

    def apart(score: Score, by: Probe | None) -> Separation:
        sides = (known[1::2].scores(score, temperature, by), others.seen[choose].scores(score, temperature, by))
        return separation(score, *sides, WRONGLY)

    compared = [apart(score, probe) for score in (*LOGIT_SCORES, *([Score.PROBE] if probe else []))]
    best = max(compared, key=lambda each: each.rightly)
    used = probe if best.score is Score.PROBE else None
    wrongly = test.scores(best.score, temperature, used) < best.threshold
    called = others.seen[judge].scores(best.score, temperature, used) < best.threshold
    shares = (float(wrongly.mean()), float(called.mean()))
    rule = NoneRule(best.score, best.threshold, *shares, len(wrongly), len(called), used)

    def strange(source: str) -> NDArray[np.bool_] | None:
        """What is called none where the source had no part in fitting and choosing; None where nothing was fitted."""
        beside = np.array([name != source for name in others.sources])
        fit, pick = (others.seen[part][beside[part]] for part in (slice(third), choose))
        if used is None or not len(fit.logits):
            return None
        by = _probe(known, fit, length)
        threshold = separation(Score.PROBE, known[1::2].scores(Score.PROBE, temperature, by),
                               pick.scores(Score.PROBE, temperature, by), WRONGLY).threshold  # fmt: skip
        return others.seen[judge].scores(Score.PROBE, temperature, by) < threshold

    sources = tuple(_sources(others.sources[judge], called, strange))
    return replace(found, rule=rule, compared=tuple(compared), sources=sources)


def _probe(known: Sight, others: Sight, length: float) -> Probe | None:
    """Fitted on every other picture of the classes; None where there are no features."""
    if known.features is None or others.features is None:
        return None
    return fit_probe(known.features[::2], others.features, length)


def _usual_length(predictor: Predictor) -> float:
    """Of the weights of one output of the linear layer; 0 where the head is another."""
    return float(predictor.model.fc.weight.norm(dim=1).mean()) if isinstance(predictor.model.fc, nn.Linear) else 0.0


def _sources(
    names: Sequence[str], called: NDArray[np.bool_], strange: Callable[[str], NDArray[np.bool_] | None]
) -> Iterator[OtherThings]:
    for name in sorted(set(names)):
        of_it = np.array([other == name for other in names])
        unseen = strange(name)
        yield OtherThings(name, int(of_it.sum()), int(called[of_it].sum()),
                          None if unseen is None else int(unseen[of_it].sum()))  # fmt: skip


def _saying(progress: Progress | None) -> Callable[[str], Callable[[int, int], None]]:
    """How far one thing is, told to whoever watches all."""

    def of(what: str) -> Callable[[int, int], None]:
        return lambda done, total: progress(what, done, total) if progress else None

    return of
