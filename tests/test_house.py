"""Who may import whom: the house's order, read from every import statement, and what an import really loads.

Layers stand in rows; inside a layer each folder is a room, and so is each file that lies beside the rooms. No circle of
imports joins two files or two rooms. A package's own `__init__` gathers names from its rooms and is left out.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "resnext_viz"
TESTS = ROOT / "tests"
# A part is a module or a folder of the package. It may import parts that stand before its own row, no others.
ROWS: tuple[tuple[str, ...], ...] = (
    ("errors", "glossary"),
    ("kit",),
    ("spec",),
    ("layers",),
    ("names",),
    ("complexity", "paper"),
    ("conventions",),
    ("design_space", "comparison", "training_cost", "block_forms"),
    ("reading",),
    ("explanations", "paper_tables", "source_code", "auditing", "study"),
    ("lessons",),
    ("rooms",),
    ("figures", "nn"),
    ("inference",),
    ("training",),
    ("bench", "ui"),
    ("commands",),
    ("cli",),
    ("__main__",),
)
ROW = {part: row for row, parts in enumerate(ROWS) for part in parts}
TORCH_FREE = tuple(part for parts in ROWS[: ROWS.index(("figures", "nn"))] for part in parts)
TORCH = {"torch", "torchvision"}
# What importing all modules of these parts, functions not called, must not load.
UNLOADED = {
    ("figures",): TORCH | {"streamlit", "plotly", "PIL"},
    ("nn", "inference", "training"): {"streamlit"},
    ("commands", "cli"): TORCH | {"streamlit"},
    ("ui",): TORCH,
}
# What no import of the pages' own code asks for: a page is shown before what it may need has been loaded. Streamlit
# asks for some of it by itself, so it is statements that are read.
UNASKED = TORCH | {"PIL", "filelock", "plotly"}
MOST_FILES = 15  # of a folder, beside its `__init__`
# Streamlit runs it as a script; imported, it would draw without a page.
SCRIPTS = {PACKAGE / "ui/frame.py"}

_LOADED = """
import importlib, json, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(set(sys.modules) - before)))
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
        assert not isinstance(node, ast.ImportFrom) or node.level == 0, f"{path}: a relative import"
        yield from _named(node)


def imported_at_once(path: Path) -> Iterator[str]:
    """Every module that a file imports when it is imported itself, named as by `imported`."""
    waiting: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        yield from _named(node)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def asked_for(modules: list[str]) -> dict[str, str]:
    """Foreign packages that importing these modules of ours asks for, each with a module that does."""
    found, seen, waiting = dict[str, str](), set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name in imported_at_once(file_of(module)):
            ours = [each for each in (name, name.rpartition(".")[0]) if is_ours(each)]
            waiting.extend(".".join(each.split(".")[:end]) for each in ours for end in range(1, each.count(".") + 2))
            if not name.startswith("resnext_viz"):
                found[name.partition(".")[0]] = module
    return found


def file_of(module: str) -> Path:
    """The file of a module of ours."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def is_ours(name: str) -> bool:
    """Whether that is a module of the package, and no name in one."""
    return name.startswith("resnext_viz") and file_of(name).is_file()


def loaded(modules: list[str]) -> set[str]:
    """All modules that a fresh Python loads to import `modules`."""
    assert modules
    command = [sys.executable, "-c", _LOADED, *modules]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Groups of two and more names that all reach each other (strongly connected components)."""
    reached = {name: reachable(graph, name) for name in graph}
    groups = {frozenset(other for other in reached[name] if name in reached.get(other, ())) for name in graph}
    return [sorted(group) for group in groups if len(group) > 1]


def reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Every name that imports lead to from `start`, whether over others or not."""
    seen, waiting = set[str](), [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - seen
        seen |= new
        waiting.extend(new)
    return seen


def file_imports() -> dict[str, set[str]]:
    """The files of the package that each of its files imports, by dotted name; a package's `__init__` is left out."""
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    modules = {module_name(path) for path in files}
    graph = {}
    for path in files:
        names = {name if name in modules else name.rpartition(".")[0] for name in imported(path)}
        graph[module_name(path)] = (names & modules) - {module_name(path)}
    return graph


def room(module: str) -> str:
    """The room of a file: the folder that it lies in, below its layer, or the file itself."""
    layer, *below = module.removeprefix("resnext_viz.").split(".")
    return ".".join((layer, *below[:1]))


def test_every_part_has_its_place() -> None:
    parts = {path for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert {path.stem for path in parts} - {"__init__"} == set(ROW)


@pytest.mark.parametrize("part", ROW)
def test_a_part_imports_only_what_stands_before_it(part: str) -> None:
    names = {name.split(".")[1] for path in sources(part) for name in imported(path) if name.startswith("resnext_viz.")}
    above = {other for other in names & set(ROW) if other != part and ROW[other] >= ROW[part]}
    assert not above


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circles(file_imports()) == []


def test_no_rooms_import_each_other_in_a_circle() -> None:
    rooms: dict[str, set[str]] = {}
    for module, others in file_imports().items():
        rooms.setdefault(room(module), set()).update({room(other) for other in others} - {room(module)})
    assert circles(rooms) == []


def test_a_circle_is_found_and_what_hangs_on_it_is_not_in_it() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set[str](), "z": {"a"}}
    assert circles(graph) == [["a", "b", "c"]]
    assert circles({**graph, "c": {"d"}}) == []


@pytest.mark.parametrize("folder", sorted({path.parent for path in PACKAGE.rglob("*.py")}), ids=lambda path: path.name)
def test_a_folder_opens_with_a_sentence_and_is_no_corridor(folder: Path) -> None:
    words = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    assert words
    assert words.splitlines()[0].endswith(".")
    files = [path for path in folder.iterdir() if path.is_file() and path.name not in {"__init__.py", "py.typed"}]
    assert len(files) <= MOST_FILES or folder == PACKAGE / "commands"  # there one file is a verb of the shell


def test_a_class_has_its_name_for_itself() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("folder", sorted({path.parent for path in TESTS.rglob("*.py")}), ids=lambda path: path.name)
def test_a_folder_of_tests_is_no_corridor(folder: Path) -> None:
    files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(files) <= MOST_FILES or folder == TESTS / "cli"  # there one file is a verb of the shell, as in commands


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
    foreign = {name.partition(".")[0] for name in loaded(modules)} - {"resnext_viz"} - sys.stdlib_module_names
    assert not foreign


@pytest.mark.parametrize("parts", UNLOADED, ids="+".join)
def test_an_import_does_not_load_what_it_may_not_need(parts: tuple[str, ...]) -> None:
    modules = [module_name(path) for part in parts for path in sources(part) if path not in SCRIPTS]
    unwanted = loaded(modules) & UNLOADED[parts]
    assert not unwanted


def test_a_page_asks_for_nothing_heavy_before_it_is_shown() -> None:
    pages = [*sources("ui"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    asked = asked_for([module_name(path) for path in pages])
    assert {name: by for name, by in asked.items() if name in UNASKED} == {}
    assert {"streamlit", "html"} <= asked.keys()


def test_what_a_visitor_does_is_taken_over_whole() -> None:
    acts = PACKAGE / "ui" / "kit" / "acts.py"
    cut_short = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sources("ui")
        if path != acts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and not _is_whole(node)
    ]
    assert cut_short == []


def _is_whole(call: ast.Call) -> bool:
    """Whether a widget's callback is given as `whole(act)`; a button that has none would lose its click."""
    given = [ast.unparse(word.value) for word in call.keywords if word.arg in {"on_click", "on_change"}]
    is_button = ast.unparse(call.func) == "st.button"
    return all(each == "'ignore'" or each.startswith("whole(") for each in given) and (bool(given) or not is_button)
