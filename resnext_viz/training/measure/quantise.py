"""Makes the 8-bit form of a network: calibrated on some pictures, measured on others, kept only if it agrees.

Post-training quantisation by NNCF, which is needed for making one, not for running it (requirements-dev.txt).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.engines.int8 import (
    MIN_AGREEMENT,
    MODEL_FILE,
    RECORD_FILE,
    Int8Record,
    folder_of,
    network_key,
    nncf,
    quantised,
    write_record,
)
from resnext_viz.inference.engines.openvino_engines import converted, quantised_engine, save
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.picture_formats import FORMATS_IN_WORDS, SUFFIXES
from resnext_viz.inference.photos.uploaded import Photo, decode_photo
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.training.data import cifar
from resnext_viz.training.data.image_folder import listed, split_folders
from resnext_viz.training.data.labelled_images import read_images
from resnext_viz.training.measure.evaluation import photos_of

CALIBRATION_PICTURES = 1000  # at most
LEAST_PICTURES = 300  # of each kind, or neither the ranges nor the share mean much
_FORM_FILES = {MODEL_FILE, Path(MODEL_FILE).with_suffix(".bin").name, RECORD_FILE}
_SEED = 0

Progress = Callable[[str, int, int], None]  # what is done, how far, of how much


class NamedPhoto(NamedTuple):
    """A picture, and the name of its class, or of its folder where there are no classes; empty where neither counts."""

    photo: Photo
    name: str


def quantise(
    predictor: Predictor, data: Path, folder: Path | None = None, progress: Progress | None = None
) -> Int8Record:
    """Makes the 8-bit form of the predictor's network and says how often it agrees with the exact one.

    Args:
        predictor: on the CPU.
        data: pictures, or torchvision's CIFAR download; those below train/ calibrate and those below test/ measure.
            val/ and valid/ stand for test/. Without these folders, a fixed random half of all does each. Below test/, a
            folder's name that is a class tells which answer is right.
        folder: where it is put; left out, where `load_predictor` looks for it.
        progress: called as it goes.

    Raises:
        UserError: NNCF is not installed, there are too few pictures, or it agrees too seldom to be kept.
    """
    nncf()  # said before pictures are read
    target = folder or folder_of(network_key(predictor.answering))
    _check_target(target)
    calibration, test = _split(data)
    say = progress or (lambda *_: None)
    samples = torch.stack(_inputs(predictor, calibration, "pictures to calibrate with", say))
    say("networks quantised", 0, 1)
    model = quantised(converted(predictor.answering, (samples.shape[1], samples.shape[2], samples.shape[3])), samples)
    say("networks quantised", 1, 1)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as place:
        made = Path(place) / "int8"
        made.mkdir()
        save(model, made / MODEL_FILE)
        record = _measured(predictor, made, test, len(calibration), say)
        if record.agreement < MIN_AGREEMENT:
            raise UserError(
                f"The 8-bit form gives the same answer on {100 * record.agreement:.1f} % of {record.pictures:,} "
                f"pictures, below {100 * MIN_AGREEMENT:.0f} %, so it is not kept. More pictures like those of training "
                "may help"
            )
        write_record(made, record)
        if target.exists():
            target.replace(Path(place) / "former")
        made.replace(target)
    return record


def _check_target(target: Path) -> None:
    """Refuses a place with anything in it but an 8-bit form, which the new one replaces.

    Raises:
        UserError: with what is there.
    """
    if target.exists() and not target.is_dir():
        raise UserError(f"{target} is a file; name another --out")
    others = sorted({path.name for path in target.glob("*")} - _FORM_FILES)
    if others:
        raise UserError(f"{target} holds other things ({listed(others)}); name an empty or a new folder as --out")


def _split(data: Path) -> tuple[list[NamedPhoto], list[NamedPhoto]]:
    """Pictures to calibrate with and pictures to measure on; no picture is both.

    Halves of a folder without splits are not named: the network may have been trained on them, and how many of such
    pictures it has right says nothing.
    """
    train, test = _of_split(data, "train"), _of_split(data, "test")
    if not (train and test):
        every = [picture._replace(name="") for picture in _pictures(data)]
        random.Random(_SEED).shuffle(every)
        train, test = every[: len(every) // 2], every[len(every) // 2 :]
    if min(len(train), len(test)) < LEAST_PICTURES:
        raise UserError(
            f"data is {data}, with {len(train):,} pictures to calibrate and {len(test):,} to measure; at least "
            f"{LEAST_PICTURES} of each are needed ({FORMATS_IN_WORDS})"
        )
    random.Random(_SEED).shuffle(train)
    return train[:CALIBRATION_PICTURES], test


def _of_split(data: Path, split: str) -> list[NamedPhoto]:
    if cifar.find_download(data):
        found = photos_of(read_images(data, split, cifar.SIDE))
        return [*map(NamedPhoto, found.photos, found.names)]
    part = next(split_folders(data, split), None)
    return _pictures(part) if part else []


def _pictures(folder: Path) -> list[NamedPhoto]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return [NamedPhoto(path, path.parent.name) for path in files]


def _inputs(predictor: Predictor, pictures: Sequence[NamedPhoto], what: str, say: Progress) -> list[Tensor]:
    """The network's input for each picture.

    Raises:
        UserError: one cannot be read.
    """
    inputs = []
    for number, (photo, _) in enumerate(pictures, 1):
        try:
            inputs.append(
                predictor.preprocess.tensor(decode_photo(photo, "", crop=predictor.preprocess.seen_side).image)
            )
        except ImageError as error:
            file = photo if isinstance(photo, Path) else "a picture"
            raise UserError(f"{file} cannot be used: {error} Or remove it") from None
        say(what, number, len(pictures))
    return inputs


def _measured(
    predictor: Predictor, folder: Path, pictures: Sequence[NamedPhoto], calibrated: int, say: Progress
) -> Int8Record:
    """The record of the form in `folder`, over all of `pictures`."""
    engine = quantised_engine(folder / MODEL_FILE)
    right = [predictor.classes.index(name) if name in predictor.classes else -1 for _, name in pictures]
    same = exact_right = int8_right = 0
    for start in range(0, len(pictures), predictor.max_batch):
        batch = pictures[start : start + predictor.max_batch]
        inputs = torch.stack(_inputs(predictor, batch, "", lambda *_: None))
        exact, int8 = predictor.outputs(inputs, EngineChoice.EXACT), engine.run(inputs)
        exact, int8 = (outputs[:, : len(predictor.classes)].argmax(1) for outputs in (exact, int8))
        wanted = torch.tensor(right[start : start + len(batch)])
        same += int((exact == int8).sum())
        exact_right += int((exact == wanted).sum())
        int8_right += int((int8 == wanted).sum())
        say("pictures measured", start + len(batch), len(pictures))
    known = min(right) >= 0
    return Int8Record(
        network_key(predictor.answering),
        same / len(pictures),
        len(pictures),
        exact_right / len(pictures) if known else None,
        int8_right / len(pictures) if known else None,
        calibrated,
        _versions(),
    )


def _versions() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("nncf", "openvino"))
