"""What the code says in its errors, read from the code itself; holes are filled with what stands for anything."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import grimp

import meot
from meot.errors import MeotError

HOLE = "7"


class Raised(NamedTuple):
    """A sentence of an error. where: module and line."""

    kind: type[MeotError]
    said: str
    where: str


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("meot")


def raised_in(name: str) -> Iterator[Raised]:
    """Every sentence that a module makes an error of; those that it only passes on are their maker's."""
    module, tree = importlib.import_module(name), parse(name)
    for node in ast.walk(tree):
        kind = getattr(module, getattr(node.func, "id", ""), None) if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and isinstance(kind, type) and issubclass(kind, MeotError) and node.args:
            for said in _sentences(node.args[0], tree, module):
                yield Raised(kind, said, f"{name}:{node.lineno}")


def strings_in(name: str) -> Iterator[tuple[str, str]]:
    """(where, text) of every string of a module but its docstrings."""
    tree = parse(name)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) not in parts | alone and (said := _text(node)) is not None:
            yield f"{name}:{getattr(node, 'lineno', 0)}", said


def parse(name: str) -> ast.Module:
    """A module's code; the module itself is not imported."""
    file = Path(meot.__file__).parent.joinpath(*name.split(".")[1:])
    return ast.parse((file / "__init__.py" if file.is_dir() else file.with_suffix(".py")).read_text("utf-8"))


def _sentences(given: ast.expr, tree: ast.Module, module: ModuleType) -> Iterator[str]:
    """The text of an argument; of a local name all texts that are given to it anywhere in the module."""
    if (said := _text(given, module)) is not None:
        yield said
    elif isinstance(given, ast.Name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and given.id in {getattr(to, "id", "") for to in node.targets}:
                said = _text(node.value, module)
                yield from () if said is None else (said,)


def _text(node: ast.AST, module: ModuleType | None = None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(part, module) for part in node.values)
    return None


def _part(part: ast.expr, module: ModuleType | None) -> str:
    """A part of an f-string; what fills a hole is the module's own sentence where it is one."""
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    constant = getattr(module, part.value.id, None) if isinstance(part.value, ast.Name) else None
    return constant if isinstance(constant, str) else HOLE
