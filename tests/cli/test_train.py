"""From pictures to a prediction by the shell alone: train, stop, go on, export, evaluate, predict."""

import io
import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from safetensors import safe_open

from resnext_viz.cli import main
from resnext_viz.commands.options import progress_line
from resnext_viz.commands.train import DEFAULT_PRESET
from resnext_viz.inference.weights.catalogue import BUNDLED_NAMES, bundled_spec
from resnext_viz.spec import ResNeXtSpec, Stem
from resnext_viz.training.recipe.presets import TRAINING_PRESETS
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run import event_files
from resnext_viz.training.run.run_folder import Preparation, preparation_in, read_history, step_in
from resnext_viz.training.run.training_run import Run
from tests.support.one_thread import one_thread
from tests.support.pictures import CLASSES, cifar_download, picture_tree

__all__ = ["one_thread"]

NETWORK = ["--depths", "1,1", "--cardinality", "2", "--base-width", "4", "--expansion", "1"]
RECIPE = ["--epochs", "6", "--batch-size", "6", "--peak-rate", "0.05", "--translate", "1", "--device", "cpu"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return picture_tree(tmp_path_factory.mktemp("data") / "three|levels", side=32)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "deep" / "er"
    assert main(["train", "--data", str(data), "--out", str(out), *NETWORK, *RECIPE]) == 0
    return out


def answer(capsys: pytest.CaptureFixture[str], *argv: object, status: int = 0) -> dict[str, object]:
    capsys.readouterr()
    assert main([*map(str, argv), "--json"]) == status
    document: dict[str, object] = json.loads(capsys.readouterr().out)
    return document


def test_the_default_is_the_bundled_networks_run() -> None:
    preset = TRAINING_PRESETS[DEFAULT_PRESET]
    assert preset.recipe == Recipe(epochs=21, batch_size=128, peak_rate=0.03, muon=True, whiten=True)
    assert (
        preset.spec
        == bundled_spec()
        == ResNeXtSpec((2, 2, 2), 4, 32, expansion=1, stem=Stem.CIFAR_POOL, num_classes=10)
    )


def test_both_bundled_networks_are_presets_of_one_recipe() -> None:
    many, one = (TRAINING_PRESETS[name] for name in BUNDLED_NAMES)
    assert many.recipe == one.recipe
    assert [bundled_spec(name) for name in BUNDLED_NAMES] == [many.spec, one.spec]


def test_a_run_leaves_weights_and_their_card(trained: Path) -> None:
    names = {path.name for path in trained.iterdir()}
    assert {name for name in names if not name.startswith("events.out.")} == {
        "checkpoint.pt", "history.json", "metrics.csv", "model.safetensors", "model_card.md", "run.lock",
    }  # fmt: skip
    with safe_open(trained / "model.safetensors", "pt") as file:
        assert {str(file.get_tensor(name).dtype) for name in file.keys()} == {"torch.float16"}  # noqa: SIM118
    card = (trained / "model_card.md").read_text()
    for fact in (
        "three/levels: 24 pictures to train on, 9 to test on",
        "bright, dark, middle",
        "| epochs done | 6,",
        "| seed | 0 |",
        "torch 2.",
    ):
        assert fact in card


def test_the_cards_command_repeats_the_run(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = re.search(r"^ {4}python -m resnext_viz (.*)$", (trained / "model_card.md").read_text(), re.MULTILINE)
    assert line
    words = line[1].replace("DATA", "{data}").replace("OUT", "{out}").split()
    argv = [word.format(data=data, out=tmp_path / "again") for word in words]
    assert main([*argv, "--device", "cpu"]) == 0
    with (
        safe_open(trained / "model.safetensors", "pt") as a,
        safe_open(tmp_path / "again" / "model.safetensors", "pt") as b,
    ):
        assert all((a.get_tensor(name) == b.get_tensor(name)).all() for name in a.keys())  # noqa: SIM118
    assert "loss" in capsys.readouterr().out


def test_evaluate_finds_the_accuracy_that_the_card_says(
    trained: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(capsys, "evaluate", "--data", data, "--weights", trained / "model.safetensors", "--device", "cpu")
    right = found["right"]
    assert isinstance(right, int)
    assert right >= 8
    assert (found["pictures"], found["accuracy"]) == (9, right / 9)
    card = (trained / "model_card.md").read_text()
    assert f"| accuracy on the test pictures | {100 * right / 9:.2f} %," in card


def test_predict_answers_in_order_and_names_what_it_cannot_read(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    files = [data / "test" / "dark" / "000.png", tmp_path / "empty.png", tmp_path / "none.png",
             data / "test" / "bright" / "001.png"]  # fmt: skip
    argv = ("predict", *files, "--weights", trained / "model.safetensors", "--device", "cpu")
    results = answer(capsys, *argv, "--top-k", 2, status=1)["results"]
    assert isinstance(results, list)
    assert [result["image"] for result in results] == list(map(str, files))
    for result, label in ((results[0], "dark"), (results[3], "bright")):
        assert set(result) == {"image", "top", "latency_ms", "device", "engine"}
        assert len(result["top"]) == 2
        assert result["top"][0]["label"] == label
        assert 1 >= result["top"][0]["probability"] >= result["top"][1]["probability"] >= 0
    assert set(results[1]) == set(results[2]) == {"image", "error"}

    assert main([*map(str, argv), "--engine", "exact"]) == 1
    words = capsys.readouterr().out
    assert words.count("error: ") == 2
    assert re.search(r"ms on .*, torch eager", words)


def test_class_names_of_a_file_take_the_place_of_its_own(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "names.txt").write_text("hell\ndunkel\nmittel\n")
    results = answer(capsys, "predict", data / "test" / "dark" / "000.png", "--weights", trained / "model.safetensors",
                     "--classes", tmp_path / "names.txt")["results"]  # fmt: skip
    assert results[0]["top"][0]["label"] == "dunkel"  # type: ignore[index]


def test_a_finished_run_is_only_exported(trained: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (trained / "model.safetensors").unlink()
    assert main(["train", "--data", str(data), "--out", str(trained), *NETWORK, *RECIPE]) == 0
    assert "loss" not in capsys.readouterr().out
    assert (trained / "model.safetensors").is_file()


def test_other_settings_do_not_touch_a_run(trained: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (trained / "checkpoint.pt").read_bytes()
    assert main(["train", "--data", str(data), "--out", str(trained), *NETWORK, *RECIPE, "--seed", "1"]) == 2
    assert "seed is 0 there and 1 here" in capsys.readouterr().err
    assert (trained / "checkpoint.pt").read_bytes() == before


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as in a terminal: a command in the background of a shell, such as these tests may be, does not hear it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_an_end_asked_for_says_how_to_go_on_and_the_same_command_does(
    trained: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:  # fmt: skip
    argv = ["train", "--data", str(data), "--out", str(tmp_path), *NETWORK, *RECIPE]
    step, calls, before = Run._step, iter(range(1000)), signal.getsignal(number)

    def stopping(*arguments: object) -> object:
        if next(calls) == 10:  # four batches an epoch: within the third
            signal.raise_signal(number)
        return step(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_step", stopping)
        assert main(argv) == 130
    err = capsys.readouterr().err
    assert f"stopped; epoch 2 is kept in {tmp_path}" in err
    assert "The same command goes on" in err
    assert signal.getsignal(number) is before
    assert main(argv) == 0
    out = capsys.readouterr().out
    assert "Going on after epoch 2" in out
    assert "\r" not in out
    with safe_open(trained / "model.safetensors", "pt") as a, safe_open(tmp_path / "model.safetensors", "pt") as b:
        assert all((a.get_tensor(name) == b.get_tensor(name)).all() for name in a.keys())  # noqa: SIM118


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_screen(written: str) -> list[str]:
    """What stays to be read: after a carriage return the same line is written over."""
    lines = []
    for line in written.split("\n"):
        screen = ""
        for text in line.split("\r"):
            screen = text + screen[len(text) :]
        lines.append(screen.rstrip())
    return lines


def test_on_a_terminal_a_line_tells_of_the_epoch_under_way_and_nothing_of_it_stays(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr(progress_line, "_EVERY_S", 0.0)
    monkeypatch.setenv("COLUMNS", "70")
    assert main(["train", "--data", str(data), "--out", str(tmp_path), *NETWORK, *RECIPE, "--epochs", "2"]) == 0
    written = terminal.getvalue()
    for share in (25, 50, 75, 100):  # four batches
        assert re.search(rf"\repoch   1  {share:3} % of it +[\d,]+ pictures/s +\d+ s left(\r|\n|$)", written)
    lines = on_screen(written)
    assert [line[:18] for line in lines if line.startswith("epoch")] == ["epoch   1  loss 0.", "epoch   2  loss 0."]
    assert "of it" not in "\n".join(lines)


def test_a_program_that_reads_is_told_of_steps_and_the_run_ends_when_nobody_reads(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["train", "--data", str(data), "--out", str(tmp_path), *NETWORK, *RECIPE, "--epochs", "2", "--tell-steps"]
    reading, writing = os.pipe()
    step, calls, lines = Run._step, iter(range(1000)), list[str]()

    def deserted(*arguments: object) -> object:
        if next(calls) == 5:  # four batches an epoch: within the second
            lines.extend(os.read(reading, 1 << 16).decode().splitlines())
            os.close(reading)
        return step(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(progress_line, "_TOLD_EVERY_S", 0.0)
    with monkeypatch.context() as patch, os.fdopen(writing, "w") as pipe:
        patch.setattr(Run, "_step", deserted)
        patch.setattr("sys.stdout", pipe)
        assert main(argv) == 1
    steps = [told for line in lines if (told := step_in(line))]
    assert [(told.epoch, told.share) for told in steps] == [(1, 0.25), (1, 0.5), (1, 0.75), (1, 1.0), (2, 0.25)]
    assert steps[0].images_per_s > 0
    before = lines[: next(number for number, line in enumerate(lines) if step_in(line))]
    assert list(filter(None, map(preparation_in, before))) == list(Preparation)[1:]  # the first is before any line
    assert next(calls) == 6  # not one step more
    assert len(read_history(tmp_path)) == 1


def test_where_tensorboard_is_missing_it_is_said_once(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_files, "PACKAGE", "nobody_has_this")
    assert main(["train", "--data", str(data), "--out", str(tmp_path), *NETWORK, *RECIPE, "--epochs", "2"]) == 0
    assert capsys.readouterr().out.count("No event files for TensorBoard") == 1
    assert not list(tmp_path.glob("events*"))
    assert len(json.loads((tmp_path / "history.json").read_text())) == 2


def test_the_cifar_download_trains_and_evaluates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = cifar_download(tmp_path / "data")
    argv = ["train", "--data", data, "--out", tmp_path / "out", *NETWORK, "--epochs", "1", "--batch-size", "8"]
    assert main([*map(str, argv), "--data-name", "noise in ten classes"]) == 0
    assert "| data | noise in ten classes: 20 pictures" in (tmp_path / "out" / "model_card.md").read_text()
    found = answer(capsys, "evaluate", "--data", data, "--weights", tmp_path / "out" / "model.safetensors")
    assert found["pictures"] == 4


def test_classes_that_the_network_does_not_know_are_named(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = picture_tree(tmp_path, train=1, test=1)
    (data / "test" / CLASSES[1]).rename(data / "test" / "zebra")
    assert main(["evaluate", "--data", str(data), "--weights", str(trained / "model.safetensors")]) == 2
    assert "the class 'zebra', which" in capsys.readouterr().err
