"""Nobody but the reader reads names and shapes of tensors: not the audit, not the loader of weights."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "resnext_viz"
ROOMS = ("auditing", "inference/weights")
# Where a file's header is parsed, or a whole state is handed to the reader; neither looks into a name.
HANDS_OVER = {"metadata.py", "checkpoint.py", "file_audit.py"}
FILES = sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py"))
# What a name of a tensor of somebody's network is made of, and what only who reads shapes asks.
WORDS = ("conv1", "bn1", "layer1", "downsample", "running_mean", "fc.weight", "state_dict_ema", "num_batches")
QUESTIONS = {"shape", "ndim", "dim"}


def strings(tree: ast.AST) -> list[str]:
    """The texts in a file, but for docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_names_of_tensors_are_only_in_the_reader(path: Path) -> None:
    remedies = path.name == "advice.py"  # words for people
    found = [text for text in strings(ast.parse(path.read_text())) if any(word in text for word in WORDS)]
    assert remedies or not found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_shapes_of_tensors_are_only_asked_by_the_reader(path: Path) -> None:
    tree = ast.parse(path.read_text())
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & QUESTIONS
    allowed = {"shape"} if path.name in HANDS_OVER else set()
    if path.name == "carrying_out.py":  # of what the recipe says, and of the weight that weight norm scales
        allowed = {"shape", "dim"}
    assert asked <= allowed


def test_both_doors_go_through_the_reader() -> None:
    for door in ("auditing/audit.py", "inference/weights/checkpoint.py"):
        imports = {
            f"{node.module}.{alias.name}"
            for node in ast.walk(ast.parse((PACKAGE / door).read_text()))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert "resnext_viz.reading.reader.read" in imports
