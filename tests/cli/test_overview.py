"""What the command line says of itself: without a command, by --version, and under the name it was called by."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import resnext_viz
from resnext_viz import cli

PACKAGE = Path(resnext_viz.__file__).parent


def test_alone_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    out, err = capsys.readouterr()
    lines = dict(re.findall(r"^  ([a-z][\w-]*) +(\S.*)$", out, re.MULTILINE))
    assert {"app", "count", "train", "predict", "bench"} <= set(lines)
    for command in lines:
        with pytest.raises(SystemExit, match="0"):
            cli.main([command, "--help"])
        assert capsys.readouterr().out.startswith(f"usage: python -m resnext_viz {command} ")
    assert err == ""
    assert max(map(len, out.splitlines())) <= 120


def test_alone_and_help_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    helped = capsys.readouterr().out
    cli.main([])
    assert capsys.readouterr().out == helped


def test_the_installed_command_speaks_of_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/resnext-viz"])
    with pytest.raises(SystemExit, match="0"):
        cli.main(["count", "--help"])
    out = capsys.readouterr().out
    assert out.startswith("usage: resnext-viz count ")
    assert "\n  resnext-viz count resnext50_32x4d\n" in out
    assert "python -m" not in out


def test_the_version_names_what_answers_depend_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    line = capsys.readouterr().out
    assert line.startswith(f"resnext-viz {resnext_viz.__version__} (Python {sys.version.split()[0]}, ")
    assert f"torch {version('torch')}, " in line
    assert line.endswith(f"streamlit {version('streamlit')})\n")


def test_a_package_that_is_not_there_is_said_to_be_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert "no torch, " in capsys.readouterr().out


def test_the_version_is_told_without_loading_torch() -> None:
    script = (
        "import sys; from resnext_viz.cli import main\n"
        "try: main(['--version'])\n"
        "except SystemExit: pass\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'streamlit', 'openvino')))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def bare(*argv: str) -> subprocess.CompletedProcess[str]:
    """A command run by a Python that finds no installed package."""
    return subprocess.run(
        [sys.executable, "-S", "-m", "resnext_viz", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=PACKAGE.parent,
    )


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("--version",),
        ("predict", "--help"),
        ("table2",),
        ("count", "resnext50_32x4d"),
        ("explain", "22.84 GFLOPs"),
        ("compare", "resnext50_32x4d", "resnet50"),
        ("paper", "3"),
        ("code", "resnet50", "--for", "torch"),
        ("training-cost", "resnet50"),
        ("lessons", "list"),
        ("lessons", "handout"),
    ],
)
def test_what_only_counts_needs_no_package(argv: tuple[str, ...]) -> None:
    done = bare(*argv)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) > 40


@pytest.mark.parametrize(
    ("argv", "package"),
    [
        (("check-forms",), "torch"),
        (("predict", "a.jpg"), "torch"),
        (("app",), "Streamlit"),
        (("export", "resnet50", "--format", "onnx", "--out", "a.onnx"), "safetensors"),
    ],
)
def test_a_package_that_a_command_needs_is_named_in_a_line(argv: tuple[str, ...], package: str) -> None:
    done = bare(*argv)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"needs {package}, which this Python" in done.stderr
