"""A public name is defined once in the whole package, so that it says by itself what it names."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import eitui

PACKAGE = Path(eitui.__file__).parent


def defined(statements: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that a module's statements define, also under `if`, `try` and `with`; imports define none."""
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Assign() | ast.AnnAssign() | ast.Tuple() | ast.If() | ast.Try() | ast.ExceptHandler() | ast.With():
                yield from defined(ast.iter_child_nodes(statement))


def test_a_public_name_is_defined_in_one_module() -> None:
    modules = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for name in defined(ast.parse(path.read_text(encoding="utf-8")).body):
            if not name.startswith("_"):
                modules[name].add(str(path.relative_to(PACKAGE)))
    assert len(modules) > 1000
    assert {name: sorted(where) for name, where in modules.items() if len(where) > 1} == {}
