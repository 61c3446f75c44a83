"""The contributor page is true: the files and functions that it names are there."""

import re
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_files_are_there():
    package = ROOT / "mira_cli"
    folders = (ROOT, ROOT / "tests", package, *(path for path in package.rglob("*") if path.is_dir()))
    names = set(re.findall(r"`((?:[\w.]+/)+(?:\w+\.py)?)`", PAGE)) - {"commands/NAME.py"}
    assert len(names) > 20
    gone = [name for name in names if not any((folder / name).exists() for folder in folders)]
    assert gone == []


def test_functions_are_there():
    names = re.findall(r"`([a-z_]+(?:/[a-z_]+)*)\.(?!py\b)([a-z_]+)`", PAGE)
    assert ("session/turn", "run_turn") in names
    gone = [
        f"{module}.{name}"
        for module, name in names
        if not hasattr(import_module(f"mira_cli.{module.replace('/', '.')}"), name)
    ]
    assert gone == []


def test_classes_and_their_methods_are_there():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "mira_cli").rglob("*.py"))
    names = set(re.findall(r"`([A-Z][a-z]\w+)(?:\.(\w+))?`", PAGE))
    assert ("Answers", "write") in names
    classes = {name for name, _ in names if re.search(rf"^class {name}\b", source, re.MULTILINE)}
    assert {name for name, _ in names} == classes
    assert [method for _, method in names if method and f"def {method}(" not in source] == []


def test_the_set_up_is_that_of_the_readme():
    assert COMMANDS
    assert all(command in (ROOT / "README.md").read_text(encoding="utf-8") for command in COMMANDS)
