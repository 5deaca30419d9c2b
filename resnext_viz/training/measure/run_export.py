"""A finished run as a product: its weights as safetensors, and the card that tells where they come from."""

from __future__ import annotations

import platform
import shlex

import torch

from resnext_viz.complexity import complexity
from resnext_viz.inference.predictor.measured import sha256_of
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.names import name_of, title_of
from resnext_viz.nn.device import describe_device
from resnext_viz.training.data.data_report import notes
from resnext_viz.training.measure.measured_card import table
from resnext_viz.training.recipe.fitting import FITTED, fitted, usual_settings
from resnext_viz.training.recipe.presets import TRAINING_PRESETS
from resnext_viz.training.recipe.recipe import Recipe, Schedule
from resnext_viz.training.run.measurement import measure
from resnext_viz.training.run.run_folder import CARD, WEIGHTS
from resnext_viz.training.run.training_run import Run

_FALLS = {
    Schedule.LINEAR: "falls to zero in a line",
    Schedule.COSINE: "falls to zero along a cosine",
    Schedule.STEPS: "is a tenth from the middle of the run and a hundredth from three quarters of it",
}
_CHANGES = {
    "translate": "shifted with reflected borders",
    "flip": "mirrored every other epoch",
    "cutout": "covered by a grey square",
}  # of pictures, by the setting that asks for it


def export_run(run: Run, data_name: str) -> float:
    """Accuracy on the test pictures of the weights as they are written, beside the checkpoint, with their card."""
    run.result.load_state_dict(_rounded(run.result.state_dict()))
    measured = measure(run.result, run.test_set, run.normalisation).accuracy
    save_checkpoint(
        run.out / WEIGHTS,
        run.result.state_dict(),
        run.spec,
        run.train_set.classes,
        run.normalisation.mean,
        run.normalisation.std,
        run.train_set.side,
        measured,
    )
    card = model_card(run, data_name, measured, sha256_of(run.out / WEIGHTS))
    write_whole(run.out / CARD, lambda file: file.write(card.encode()))
    return measured


def model_card(run: Run, data_name: str, measured: float, digest: str) -> str:
    """The Markdown that goes with the weights: network, data, recipe, what was measured, on what, and their SHA-256."""
    side, classes, normalisation = run.train_set.side, run.train_set.classes, run.normalisation
    counts = complexity(run.spec, side)
    facts = {
        "data": f"{data_name}: {exact(len(run.train_set.labels))} pictures to train on, "
                f"{exact(len(run.test_set.labels))} to test on",
        "classes": ", ".join(classes),
        **_origins(run),
        "accuracy on the test pictures": f"{percent(measured, 2)}, measured with these weights in float32 arithmetic, "
                                         "one view of each picture",
        "epochs done": f"{run.epoch}, in {run.elapsed_s / 60:.1f} minutes of training",
        "machine": f"{describe_device(run.device)}; torch {torch.__version__}, Python {platform.python_version()}",
        "weights": f"safetensors in float16; pictures normalised by mean {_listed(normalisation.mean)}, "
                   f"deviation {_listed(normalisation.std)}",
        "SHA-256 of the weights": f"`{digest}`",
    }  # fmt: skip
    settings = [(name, str(value)) for name, value in run.recipe.to_dict().items() if value is not None]
    return f"""# {title_of(run.spec)}

`{name_of(run.spec)}`: {exact(counts.params)} params, {exact(counts.macs)} MACs on a picture of {side} x {side} pixels.

{table(("", ""), [*facts.items()])}

The test pictures were looked at after each epoch, to show progress; nothing was chosen by them.

## Recipe

{_recipe_in_words(run.recipe)} The same again:

    {command_of(run)}

{table(("setting", "value"), settings)}
"""


def command_of(run: Run) -> str:
    """The command that trains this, with DATA and OUT for the folders."""
    recipe, preset = run.recipe, _preset_of(run)
    words = ["python -m resnext_viz train", *_network_words(run, preset)]
    words.append(f"--epochs {recipe.epochs}" if recipe.epochs is not None else f"--minutes {recipe.minutes:g}")
    settings = usual_settings(TRAINING_PRESETS.get(preset), bool(run.start and not run.start.frozen))
    usual = Recipe(**{**settings, "epochs": recipe.epochs, "minutes": recipe.minutes})
    said = FITTED if fitted(usual, len(run.train_set.labels), ()) != usual else ()  # else they would be fitted again
    for name, value in recipe.to_dict().items():
        if name in said or value != usual.to_dict()[name]:
            words.append(_option(name, value))
    return " ".join([*words, "--data DATA --out OUT"])


def _preset_of(run: Run) -> str:
    """The preset of a run's network; empty where there is none, or where the network comes with weights."""
    named = (name for name, preset in TRAINING_PRESETS.items() if preset.spec == run.spec and not run.start)
    return next(named, "")


def _network_words(run: Run, preset: str) -> list[str]:
    """The options that name network and size."""
    usual, side = run.spec.default_image_size, run.train_set.side
    if run.start:
        words = [f"--from {shlex.quote(run.start.name)}", *(["--freeze"] if run.start.frozen else [])]
        words += [_option(name, value) for name, value in run.start.options.items()]
        usual = run.start.image_size
    else:
        words = [f"--preset {preset or name_of(run.spec)}"]
    return words if side == usual else [*words, f"--image-size {side}"]


def _option(name: str, value: object) -> str:
    """A setting as an option of the command."""
    option = name.replace("_", "-")
    return f"--{'' if value else 'no-'}{option}" if isinstance(value, bool) else f"--{option} {shlex.quote(str(value))}"


def _recipe_in_words(recipe: Recipe) -> str:
    done = [words for name, words in _CHANGES.items() if getattr(recipe, name)]
    orthogonal = ", the steps of the convolutions after the stem made orthogonal for each path" if recipe.muon else ""
    uphill = f", gradients taken {recipe.sam:g} uphill (sharpness-aware)" if recipe.sam else ""
    return (
        f"SGD with {'Nesterov' if recipe.momentum else 'no'} momentum{orthogonal}{uphill}. The rate rises over the "
        f"warm-up, then {_FALLS[recipe.schedule]}. Pictures are {', '.join(done) or 'taken as they are'}."
    )


def _origins(run: Run) -> dict[str, str]:
    """Rows of the card on what pictures and weights went through before; none where there is nothing to say."""
    said = notes(run.train_set, run.test_set)
    rows = {"notes on the data": "; ".join(said)} if said else {}
    if run.start:
        rows["started from"] = f"{run.start.in_words(run.train_set.classes)}; SHA-256 `{run.start.sha256}`"
    return rows


def _rounded(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights as half precision holds them."""
    return {name: value.half().to(value.dtype) if value.is_floating_point() else value for name, value in state.items()}


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)
