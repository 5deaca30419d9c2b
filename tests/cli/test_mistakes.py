"""A user's mistake: one printable line on standard error, exit status 2, nothing on standard output."""

import runpy
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz import cli
from resnext_viz.commands.options.parser import complain

COUNT = ("count", "resnext50_32x4d")
TRAIN = ("train", "--data", "x", "--out", "y")


def mistake(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    try:
        status = cli.main(argv)
    except SystemExit as stopped:  # argparse's own way
        status = int(stopped.code or 0)
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.startswith("resnext_viz: ")
    assert err.endswith("\n")
    assert err[:-1].isprintable()
    return err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("conut", "resnet50"), ["'conut'", "count"]),
        (("count",), ["NAME", "count --help"]),
        ((*COUNT, "--groups", "3"), ["--groups"]),
        ((*COUNT, "--card", "3"), ["--card"]),
        (("count", "vgg16"), ["name is 'vgg16'", "resnext50_32x4d"]),
        (("count", "resnext51_32x4d"), ["51"]),
        ((*COUNT, "--cardinality", "0"), ["cardinality is 0", "1 to 1024"]),
        ((*COUNT, "--cardinality", "-3"), ["cardinality is '-3'", "1 to 1024"]),
        ((*COUNT, "--cardinality", "3.5"), ["cardinality is '3.5'", "1 to 1024"]),
        ((*COUNT, "--base-width", "1e9"), ["base_width is '1e9'", "1 to 1024"]),
        ((*COUNT, "--base-width", "9" * 5000), ["base_width is '999", "1 to 1024"]),
        ((*COUNT, "--image-size=--"), ["--image-size", "'--' is no value"]),
        (("explain", "1", "--most=--"), ["--most", "'--' is no value"]),
        (("check-collapse", "--cardinality=--"), ["--cardinality", "'--' is no value"]),
        (("compare", "resnet50", "resnet50", "9" * 100_000), ["unrecognized", "99999…"]),
        ((*COUNT, "--depths", "3,4,6,3,2"), ["depths is", "one to 4"]),
        ((*COUNT, "--depths", "3,,6"), ["depths is", "3,4,6,3"]),
        ((*COUNT, "--stem", "<b>"), ["stem is '<b>'", "'imagenet' or 'cifar' or 'cifarpool'"]),
        ((*COUNT, "--stride-on", "5x5"), ["stride_on is '5x5'", "'3x3' or '1x1'"]),
        ((*COUNT, "--image-size", "0"), ["image_size is 0", "1 to 4096"]),
        ((*COUNT, "--image-size", "99999"), ["image_size is 99999", "1 to 4096"]),
        (("count", "resnet34", "--cardinality", "2"), ["cardinality is 2", "two layers"]),
        (("predict",), ["IMAGE"]),
        (("predict", "a.jpg", "--top-k", "0"), ["--top-k", "'0'", "1 to 1000"]),
        (("predict", "a.jpg", "--device", "tpu"), ["device is 'tpu'", "cuda"]),
        (("predict", "a.jpg", "--weights", "alexnet"), ["weights is 'alexnet'", "cifar10"]),
        (("predict", "a.jpg", "--weights", "no/such.safetensors"), ["no/such.safetensors", "name of weights"]),
        (("check-forms", "--dtype", "int8"), ["--dtype", "'int8'", "float64"]),
        (("check-forms", "resnet18"), ["basic"]),
        (("bench", "speed"), ["'speed'", "count", "dial", "rerun", "inference"]),
        (("train", "--data", "x"), ["--out"]),
        ((*TRAIN, "--epochs", "2", "--minutes", "3"), ["epochs or by minutes"]),
        ((*TRAIN, "--epochs", "2.5"), ["epochs is '2.5'", "whole number"]),
        ((*TRAIN, "--peak-rate", "nan"), ["peak_rate is nan"]),
        ((*TRAIN, "--batch-size", "1"), ["batch_size is 1", "from 2"]),
        ((*TRAIN, "--preset", "vgg16"), ["name is 'vgg16'"]),
        ((*TRAIN, "--epochs", "1", "--preset", "resnext50_32x4d", "--num-classes", "x"), ["num_classes is 'x'"]),
        (("evaluate", "--data", "x", "--weights", "alexnet"), ["weights is 'alexnet'"]),
        (("app", "--port", "0"), ["--port", "'0'", "1 to 65535"]),
        (("app", "--port", "http"), ["--port", "'http'", "1 to 65535"]),
        (("app", "--address", ""), ["address is ''", "127.0.0.1", "0.0.0.0"]),  # Streamlit would take it for everybody
        (("app", "--address", "198.51.100.7"), ["address is '198.51.100.7'", "none of this machine's"]),
        (("app", "--address", "nobody.invalid"), ["address is 'nobody.invalid'", "none of this machine's"]),
        (("app", "--address", "unix:///tmp/app"), ["address is 'unix:///tmp/app'", "none of this machine's"]),
        (("app", "--address", "ö" * 300), ["address is 'ööö", "none of this machine's"]),
        (("app", "8600"), ["'8600'", "--port"]),
        (("app", "--", "--server.port=8600"), ["--server.port=8600", "use --port"]),
        (("app", "--", "--server.address", "0.0.0.0"), ["--server.address", "use --address"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: list[str]
) -> None:
    told = mistake(capsys, *argv)
    assert all(word.lower() in told.lower() for word in words), told


def test_a_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status = cli.main(["train", "--data", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")])
    assert status == 2
    assert "nothing is no folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "name", ["a\nb", "\x1b[31mred", "\udcff", "<script>", "x" * 10_000, "", "  ", "\u202e50tenxser"]
)
def test_hostile_names_stay_on_one_printable_line(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert len(mistake(capsys, "count", name)) < 500
    mistake(capsys, "predict", "a.jpg", "--weights", name)


@given(st.text())
def test_whatever_is_complained_of_takes_one_printable_line(text: str) -> None:
    import contextlib
    import io

    with contextlib.redirect_stderr(io.StringIO()) as err:
        complain(text)
    assert err.getvalue()[:-1].isprintable()
    assert err.getvalue().endswith("\n")


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (OSError(28, "No space left on device"), 1), (BrokenPipeError(), 1)],
)
def test_what_stops_a_command_ends_in_a_line_and_a_status(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    def failing(_: object) -> int:
        raise error

    monkeypatch.setattr("resnext_viz.commands.table2.run", failing)
    assert cli.main(["table2"]) == status
    assert "Traceback" not in capfd.readouterr().err


def test_ctrl_c_while_modules_are_read_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt if name == "main" else AttributeError(name)

    monkeypatch.setitem(sys.modules, "resnext_viz.cli", Stopped("resnext_viz.cli"))
    with pytest.raises(SystemExit, match="130"):
        runpy.run_module("resnext_viz", run_name="__main__")


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m resnext_viz count resnext101_32x8d --json | head -c 20"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (len(done.stdout), done.stderr) == (20, "")


@pytest.mark.parametrize(("arguments", "closed", "status"), [("paper 1", ">&-", 0), ("explain nonsense", "2>&-", 2)])
def test_a_stream_that_is_closed_takes_nothing(arguments: str, closed: str, status: int) -> None:
    command = f"{sys.executable} -m resnext_viz {arguments} {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


def test_a_terminal_without_our_signs_still_gets_an_answer() -> None:
    command = [sys.executable, "-m", "resnext_viz", "count", "resnext50_32x4d"]
    done = subprocess.run(command, capture_output=True, check=True, env={"PYTHONIOENCODING": "ascii"})
    assert b"25,028,904" in done.stdout


def test_the_command_line_loads_neither_torch_nor_streamlit() -> None:
    script = (
        "import sys; from resnext_viz.cli import main; main(['count', 'resnet50']);"
        "sys.exit(any(name in sys.modules for name in ('torch', 'torchvision', 'streamlit', 'pandas', 'plotly')))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


@pytest.mark.parametrize(
    "command", ["", "count", "table2", "check-forms", "code", "export", "predict", "train", "evaluate", "bench"]
)
def test_help_fits_a_terminal_and_shows_examples(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main([*command.split(), "--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 120
    assert not command or f"python -m resnext_viz {command}" in text
