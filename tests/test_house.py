"""Who may import whom: the house's order, read from every import statement, and what an import really loads."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "resnext_viz"
# A part is a module or a folder of the package. It may import parts that stand before its own row, no others.
ROWS: tuple[tuple[str, ...], ...] = (
    ("errors", "operator_log", "csv_file", "app_files"),
    ("spec",),
    ("names", "layers"),
    ("complexity", "paper"),
    ("conventions",),
    ("design_space", "comparison", "training_cost", "faults"),
    ("explanations", "paper_tables", "source_code", "auditing", "study"),
    ("figures", "nn"),
    ("inference",),
    ("training",),
    ("bench",),
    ("commands", "ui"),
    ("cli",),
    ("__main__",),
)
ROW = {part: row for row, parts in enumerate(ROWS) for part in parts}
TORCH_FREE = tuple(part for parts in ROWS[:7] for part in parts)
TORCH = {"torch", "torchvision"}
# What importing all modules of these parts, functions not called, must not load.
UNLOADED = {
    ("figures",): TORCH | {"streamlit"},
    ("nn", "inference", "training"): {"streamlit"},
    ("commands", "cli"): TORCH | {"streamlit"},
    ("ui",): TORCH,
}
# Streamlit runs it as a script; imported, it would draw without a page.
SCRIPTS = {PACKAGE / "ui/frame.py"}

_LOADED = """
import importlib, json, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def sources(part: str) -> list[Path]:
    """The Python files of one part."""
    return [path for path in (PACKAGE / f"{part}.py", *sorted((PACKAGE / part).rglob("*.py"))) if path.is_file()]


def module_name(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, also inside functions, as `package.module.name` where a name is taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def loaded(modules: list[str]) -> set[str]:
    """Top-level packages that a fresh Python loads to import `modules`."""
    assert modules
    command = [sys.executable, "-c", _LOADED, *modules]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_every_part_has_its_place() -> None:
    parts = {path for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert {path.stem for path in parts} - {"__init__"} == set(ROW)


@pytest.mark.parametrize("part", ROW)
def test_a_part_imports_only_what_stands_before_it(part: str) -> None:
    names = {name.split(".")[1] for path in sources(part) for name in imported(path) if name.startswith("resnext_viz.")}
    above = {other for other in names & set(ROW) if other != part and ROW[other] >= ROW[part]}
    assert not above


@pytest.mark.parametrize("part", ROW)
def test_only_pages_the_ui_and_the_bench_know_streamlit(part: str) -> None:
    knows = {path.name for path in sources(part) if any(name.split(".")[0] == "streamlit" for name in imported(path))}
    assert not knows or part in {"ui", "bench"}


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_never_computes(page: Path) -> None:
    assert not {name.split(".")[0] for name in imported(page)} & (TORCH | {"numpy", "PIL"})


@pytest.mark.parametrize("part", ["", *TORCH_FREE])
def test_counting_needs_the_standard_library_only(part: str) -> None:
    modules = [module_name(path) for path in sources(part)] if part else ["resnext_viz"]
    foreign = loaded(modules) - {"resnext_viz"} - sys.stdlib_module_names
    assert not foreign


@pytest.mark.parametrize("parts", UNLOADED, ids="+".join)
def test_an_import_does_not_load_what_it_may_not_need(parts: tuple[str, ...]) -> None:
    modules = [module_name(path) for part in parts for path in sources(part) if path not in SCRIPTS]
    unwanted = loaded(modules) & UNLOADED[parts]
    assert not unwanted
