"""Finds in the source whatever keeps a result: decorators, sessions, tables of modules, tables filled when first asked.

Reads the syntax and runs nothing, so a cache that is never used in a test is found too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "resnext_viz"
DECORATORS = ("lru_cache", "cache", "cached_property", "cache_resource", "cache_data")
SESSION = "session_state"
_ON_DISK = ("remembered", "cache_folder")
_FILLING = ("add", "append", "setdefault", "update", "insert", "extend", "appendleft", "put")
_LOOKING = ("get", "pop")
_TABLES = (
    "dict",
    "list",
    "set",
    "deque",
    "defaultdict",
    "OrderedDict",
    "Counter",
    "WeakSet",
    "WeakKeyDictionary",
    "WeakValueDictionary",
)


@dataclass(frozen=True)
class Cache:
    """One place that keeps results.

    Attributes:
        file: within the package.
        name: of the function with its classes before it, of the table, or of the session's key with "session." before.
        way: the decorator, "session", "module" for a table of the module, "memo" for what is filled when first asked,
            "table" for an object's own, filled by one of its methods and looked up by another, or "disk".
        node: where it stands in the syntax.
    """

    file: str
    name: str
    way: str
    node: ast.AST = field(repr=False)


@dataclass(frozen=True)
class _Code:
    """One file's syntax, walked once: all its nodes, and its functions by their full names."""

    file: str
    module: ast.Module
    nodes: list[ast.AST]
    functions: list[tuple[str, ast.FunctionDef]]


@cache
def caches() -> list[Cache]:
    """Every one in the package and the pages, in the order of files and lines."""
    files = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "pages").glob("*.py"), PACKAGE.parent / "app.py"]
    return [cache for file in sorted(files) for cache in caches_in(file.read_text(encoding="utf-8"), _short(file))]


def _short(file: Path) -> str:
    return str(file.relative_to(PACKAGE if file.is_relative_to(PACKAGE) else PACKAGE.parent))


def caches_in(source: str, file: str) -> list[Cache]:
    """Those in one file's source; each place once."""
    module = ast.parse(source)
    code = _Code(file, module, list(ast.walk(module)), list(_functions(module)))
    ways = (_decorated, _in_session, _tables, _memos, _looked_up, _on_disk)
    every = [cache for way in ways for cache in way(code)]
    return list({(cache.name, cache.way): cache for cache in every}.values())


def _functions(node: ast.AST, before: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function and method with its full name."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{before}{child.name}"
            if isinstance(child, ast.FunctionDef):
                yield name, child
            yield from _functions(child, f"{name}.")
        else:
            yield from _functions(child, before)


def called(node: ast.expr) -> str:
    """The last word of what is named or called: "lru_cache" of `functools.lru_cache(maxsize=1)`."""
    if isinstance(node, (ast.Call, ast.Subscript)):
        return called(node.func if isinstance(node, ast.Call) else node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _decorated(code: _Code) -> Iterator[Cache]:
    for name, function in code.functions:
        for decorator in function.decorator_list:
            if called(decorator) in DECORATORS:
                yield Cache(code.file, name, called(decorator), function)
    for node in code.nodes:
        if isinstance(node, ast.Assign):  # `remembered = lru_cache(maxsize=1)(make)`
            ways = {called(part) for part in ast.walk(node.value) if isinstance(part, ast.Call)} & {*DECORATORS}
            if ways:
                yield Cache(code.file, ast.unparse(node.targets[0]), min(ways), node)


def _in_session(code: _Code) -> Iterator[Cache]:
    """What is put into the session, under whatever name it is known in the file, and the file's own records of it."""
    own = {node.name for node in code.module.body if isinstance(node, ast.ClassDef)}
    known = {
        node.targets[0].id
        for node in code.nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_session(node.value, set())
    }
    for node in code.nodes:
        if isinstance(node, ast.Call) and _is_record(node) and ast.unparse(node.args[0]) in own:
            yield Cache(code.file, f"session.{ast.unparse(node.args[0])}", "session", node)
        for target in _targets(node):
            if isinstance(target, ast.Attribute) and _is_session(target.value, known):
                yield Cache(code.file, f"session.{target.attr}", "session", node)
            elif isinstance(target, ast.Subscript) and _is_session(target.value, known):
                yield Cache(code.file, f"session.{_key(target.slice)}", "session", node)
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (node.func.attr in _FILLING and _is_session(node.func.value, known))
        ):
            yield Cache(code.file, f"session.{_key(node.args[0]) if node.args else '*'}", "session", node)


def _is_record(node: ast.AST) -> bool:
    """Whether that asks for a record of the session: `record(Link)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"


def _is_session(node: ast.expr, known: set[str]) -> bool:
    own_name = isinstance(node, ast.Name) and node.id in known
    return own_name or (isinstance(node, ast.Attribute) and node.attr == SESSION)


def _key(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else f"[{ast.unparse(node)}]"


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return [part for each in node.targets for part in (each.elts if isinstance(each, ast.Tuple) else [each])]
    return [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []


def _tables(code: _Code) -> Iterator[Cache]:
    """Tables of the module, or of a class in it, that a function fills."""
    bodies = [code.module, *(node for node in code.nodes if isinstance(node, ast.ClassDef))]
    made = {
        target.id: node
        for body in bodies
        for node in body.body
        for target in _targets(node)
        if isinstance(target, ast.Name) and _is_table(getattr(node, "value", None))
    }
    filled = {name for _, function in code.functions for name in _filled(function)}
    for name in made.keys() & filled:
        yield Cache(code.file, name, "module", made[name])
    for _, function in code.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield from (Cache(code.file, name, "module", node) for name in node.names)


def _is_table(value: ast.expr | None) -> bool:
    made = isinstance(value, ast.Call) and called(value) in _TABLES
    return made or isinstance(value, (ast.Dict, ast.List, ast.Set))


def _filled(function: ast.FunctionDef) -> Iterator[str]:
    """Names of whatever the function puts something into."""
    for node in ast.walk(function):
        for target in _targets(node):
            if isinstance(target, ast.Subscript):
                yield called(target.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _FILLING:
            yield called(node.func.value)


def _memos(code: _Code) -> Iterator[Cache]:
    """Attributes filled when first asked for: `if key not in self._made:`, `if key in ...:`, `... is None:`."""
    for name, function in code.functions:
        kept = {
            ast.unparse(target.value if isinstance(target, ast.Subscript) else target)
            for node in ast.walk(function)
            for target in _targets(node)
        }
        tests = [node.test for node in ast.walk(function) if isinstance(node, (ast.If, ast.IfExp))]
        for about in (each for test in tests for each in _asked(test)):
            if isinstance(about, ast.Attribute) and ast.unparse(about) in kept:
                yield Cache(code.file, f"{name}:{ast.unparse(about)}", "memo", about)


def _asked(test: ast.expr) -> Iterator[ast.expr]:
    """Of what a condition asks whether there is something, or something of some key, in it."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            yield node.comparators[0]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.NotEq)):
            yield node.left
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node.operand


def _looked_up(code: _Code) -> Iterator[Cache]:
    """Tables of an object: `self._made[key] = ...` somewhere, and `self._made.get(key)` somewhere else."""
    for owner in (node for node in code.nodes if isinstance(node, ast.ClassDef)):
        filled = {ast.unparse(target.value) for node in ast.walk(owner) for target in _targets(node)
                  if isinstance(target, ast.Subscript)}  # fmt: skip
        for node in ast.walk(owner):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _LOOKING
                and (ast.unparse(node.func.value) in filled and ast.unparse(node.func.value).startswith("self."))
            ):
                yield Cache(code.file, f"{owner.name}:{ast.unparse(node.func.value)}", "table", node)


def _on_disk(code: _Code) -> Iterator[Cache]:
    """Functions that put a result on the disk, or look for one there."""
    for name, function in code.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and called(node) in _ON_DISK:
                yield Cache(code.file, f"{name}:{called(node)}", "disk", node)
