"""README and docs do what they say: their Python runs, their commands are understood, and what they print comes out."""

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from resnext_viz import cli, complexity, parse
from resnext_viz.inference.photos.samples import SAMPLES

ROOT = Path(__file__).parents[1]
FOR_USERS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
PAGES = [*FOR_USERS, ROOT / "CONTRIBUTING.md"]
MOST_README_LINES = 150  # it is read in one sitting
_PROGRAM = re.compile(r"^(?:python -m resnext_viz|resnext-viz) (.+)$")
_SHOWN = re.compile(r"^print\(.*\)  # (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A code block of a page."""

    page: Path
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}, block {self.number}"


def blocks(language: str) -> list[Block]:
    """The code blocks of one language on the pages for users, page by page."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [
        Block(page, number, text)
        for page in FOR_USERS
        for number, text in enumerate(pattern.findall(page.read_text(encoding="utf-8")), 1)
    ]


def shell_commands() -> list[str]:
    """The arguments of every command of ours in a `sh` block, each once."""
    lines = [line for block in blocks("sh") for line in block.text.replace("\\\n", " ").splitlines()]
    return list(dict.fromkeys(found[1] for line in lines if (found := _PROGRAM.match(line))))


def answered_commands() -> list[tuple[str, str]]:
    """Every command of ours in a `console` block, with the output that stands below it."""
    parts = [part for block in blocks("console") for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]]
    pairs = [part.partition("\n") for part in parts]
    return [(found[1], output) for command, _, output in pairs if (found := _PROGRAM.match(command))]


@pytest.fixture
def beside_a_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder in which the photo.jpg of the docs lies."""
    photo = next(sample.path for sample in SAMPLES if sample.path.suffix == ".jpg")
    shutil.copy(photo, tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("beside_a_photo")
@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_runs_and_prints_what_stands_behind_it(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block.text, str(block), "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed
    if expected := _SHOWN.findall(block.text):
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
    assert len(re.findall(r"^  \S.* %$", capsys.readouterr().out, re.MULTILINE)) == 3


def test_the_figures_of_other_tools_follow_from_their_rules() -> None:
    counts = complexity(parse("resnext50_32x4d"))
    normed = sum(layer.acts for layer in counts.layers if layer.norm)
    pooled = 2048 * 7 * 7
    text = (ROOT / "docs" / "counting.md").read_text(encoding="utf-8")
    for figure in (
        counts.macs,
        counts.macs + 2 * normed + pooled,  # fvcore: batch norm twice, average pooling once
        counts.macs + 4 * normed + pooled + 2048,  # thop: batch norm four times; its average is a sum and a division
        2 * counts.macs,  # FlopCounterMode
        complexity(parse("resnext50_32x4d_stride1x1")).macs,
    ):
        assert f"{figure:,}" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_is_left_to_be_filled_in(page: Path) -> None:
    assert not re.search(r"@@|TODO|TBD", page.read_text(encoding="utf-8"))


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= MOST_README_LINES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_file_and_heading_that_is_linked_is_here(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(\s*((?!https?:)[^)]+?)\s*\)", text):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if heading:
            assert heading in headings(target), link


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as the sites that show Markdown make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_what_is_to_be_touched_is_here() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Where to change what")[2].partition("\n## ")[0]
    paths = re.findall(r"`([\w./-]+)`", table)
    assert len(paths) > 40
    assert [path for path in paths if not any((root / path).exists() for root in (ROOT, ROOT / "resnext_viz"))] == []


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    reached, new = set[Path](), {ROOT / "README.md"}
    while new:
        page = new.pop()
        reached.add(page)
        links = re.findall(r"\]\(\s*((?!https?:)[^)#]+\.md)", page.read_text(encoding="utf-8"))
        new |= {(page.parent / link).resolve() for link in links} - reached
    assert set(PAGES) <= reached
