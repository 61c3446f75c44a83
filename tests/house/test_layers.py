"""How the package is laid out: imports only go down, no circles, nothing long, each library in its own place."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "mira_cli").rglob("*.py")
}
MODULES = {
    path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"): source
    for path, source in SOURCES.items()
}
OWNERS = {
    "click": (),  # a fresh install has none
    "httpx": ("api/transport.py",),
    "truststore": ("api/transport.py",),
    "certifi": ("api/transport.py",),
    "rich": ("terminal/",),
    "prompt_toolkit": ("terminal/prompt/",),
    "termios": ("terminal/prompt/tty.py",),
    "platformdirs": ("settings/paths.py",),
    "typer": ("commands/",),
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
            self.names.add(name if name in MODULES else node.module)

    def visit_FunctionDef(self, node):
        pass


def test_imports_only_go_down():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_no_imports_go_in_a_circle():
    imports = {name: (Imports(source).names & MODULES.keys()) - {name} for name, source in MODULES.items()}
    assert imports["mira_cli.app"]
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_imported_in_its_own_place_only(library):
    importing = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    found = {path.removeprefix("mira_cli/") for path, source in SOURCES.items() if importing.search(source)}
    assert {path for path in found if not path.startswith(OWNERS[library])} == set()
    assert bool(found) == bool(OWNERS[library])


def test_no_file_is_long():
    tests = {path: path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py")}
    assert tests
    assert [path for path, source in (SOURCES | tests).items() if source.count("\n") > 400] == []


def test_a_unit_test_has_the_name_of_its_module():
    """Of it alone, or with a topic: test_client.py and test_client_tls.py for api/client.py."""
    unit = ROOT / "tests" / "unit"
    for path in unit.rglob("test_*.py"):
        topic = path.relative_to(unit).with_name(path.stem.removeprefix("test_")).as_posix()
        assert any(
            f"{topic}_".startswith(source.removeprefix("mira_cli/").removesuffix(".py") + "_")
            for source in SOURCES
        ), path


def test_no_function_is_long():
    functions = [
        (path, node.name, node.end_lineno - node.lineno + 1)
        for path, source in SOURCES.items()
        if not path.startswith("mira_cli/commands/")  # Typer wants every option written out
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    ]
    assert functions
    assert [function for function in functions if function[2] > 45] == []
