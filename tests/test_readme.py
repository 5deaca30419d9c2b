"""The README does what it says: its Python runs, its commands are understood, and what it prints is what comes out."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from resnext_viz import cli, complexity, parse
from resnext_viz.inference.samples import samples

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
_PROGRAM = "python -m resnext_viz "
_SHOWN = re.compile(r"^print\(.*\)  # (.+)$", re.MULTILINE)


def blocks(language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def shell_commands() -> list[str]:
    """The arguments of every command of ours in a `sh` block."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line.removeprefix(_PROGRAM) for line in lines if line.startswith(_PROGRAM)]


def answered_commands() -> list[tuple[str, str]]:
    """Every command of ours in a `console` block, with the output that stands below it."""
    return [
        (command.removeprefix(_PROGRAM), output)
        for block in blocks("console")
        for command, _, output in (part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])
    ]


@pytest.fixture
def beside_a_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder in which the README's photo.jpg lies."""
    photo = next(sample.path for sample in samples() if sample.path.suffix == ".jpg")
    shutil.copy(photo, tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("beside_a_photo")
@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_runs_and_prints_what_stands_behind_it(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    block = blocks("python")[number]
    exec(compile(block, f"README, block {number + 1} of Python", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed
    if expected := _SHOWN.findall(block):
        assert printed == expected


@pytest.mark.parametrize(("command", "output"), answered_commands(), ids=lambda text: text.partition("\n")[0])
def test_a_command_prints_what_stands_below_it(command: str, output: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(shlex.split(command)) == 0
    assert capsys.readouterr().out.split() == output.split()


@pytest.mark.parametrize("command", shell_commands())
def test_a_command_is_understood(command: str) -> None:
    arguments = cli._parser().parse_args(shlex.split(command, comments=True))
    assert callable(arguments.run)


@pytest.mark.usefixtures("beside_a_photo")
def test_a_photo_is_answered_from_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    command = next(command for command in shell_commands() if command == "predict photo.jpg --top-k 3")
    assert cli.main(shlex.split(command)) == 0
    assert capsys.readouterr().out.count(" %") == 3


def test_the_figures_of_other_tools_follow_from_their_rules() -> None:
    counts = complexity(parse("resnext50_32x4d"))
    normed = sum(layer.acts for layer in counts.layers if layer.norm)
    pooled = 2048 * 7 * 7
    for figure in (
        counts.macs,
        counts.macs + 2 * normed + pooled,  # fvcore: batch norm twice, average pooling once
        counts.macs + 4 * normed + pooled + 2048,  # thop: batch norm four times; its average is a sum and a division
        2 * counts.macs,  # FlopCounterMode
        complexity(parse("resnext50_32x4d_stride1x1")).macs,
    ):
        assert f"{figure:,}" in TEXT


def test_every_picture_and_file_that_is_linked_is_here() -> None:
    linked = re.findall(r"(?:\]\(|src(?:set)?=\")((?!http)[^)\"]+)[)\"]", TEXT)
    assert len(linked) > 6
    assert not [path for path in linked if not (README.parent / path).is_file()]
