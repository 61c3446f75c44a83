"""The package stays readable: no long file, and no circle of imports."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
    for path in (ROOT / "mira_cli").rglob("*.py")
}


class Imports(ast.NodeVisitor):
    """What a module imports, also for its types; what a function imports is loaded later, and may be anything."""

    def __init__(self, source):
        self.names = set()
        self.visit(ast.parse(source))

    def visit_Import(self, node):
        self.names.update(each.name for each in node.names)

    def visit_ImportFrom(self, node):
        for each in node.names:
            name = f"{node.module}.{each.name}"
            self.names.add(name if name in SOURCES else node.module)

    def visit_FunctionDef(self, node):
        pass


def test_no_file_is_long():
    lengths = {name: source.count("\n") for name, source in SOURCES.items()}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_module_imports_one_that_imports_it():
    circle = TopologicalSorter(
        {name: (Imports(source).names & SOURCES.keys()) - {name} for name, source in SOURCES.items()}
    )
    circle.prepare()  # raises CycleError, which names the modules
