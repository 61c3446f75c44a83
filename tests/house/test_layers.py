"""Imports only go down through the layers, and nobody imports what a fresh install lacks."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "mira_cli").rglob("*.py"))


def test_imports_only_go_down():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_nobody_imports_click_nor_what_typer_keeps_to_itself():
    wanting = [
        path
        for path in SOURCES
        if re.search(r"^\s*(import|from) (click\b|typer\._)", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert SOURCES
    assert wanting == []


def test_a_library_is_imported_in_its_own_package_only():
    owners = {
        "httpx": ("api/transport.py",),
        "rich": ("terminal/",),
        "prompt_toolkit": ("terminal/prompt/",),
        "termios": ("terminal/prompt/tty.py",),
        "platformdirs": ("settings/paths.py",),
        "typer": ("commands/", "terminal/streams.py"),
    }
    strays = [
        f"{path.relative_to(ROOT)}: {library}"
        for path in SOURCES
        for library, places in owners.items()
        if re.search(rf"^\s*(import|from) {library}\b", path.read_text("utf-8"), re.MULTILINE)
        and not str(path.relative_to(ROOT / "mira_cli")).startswith(places)
    ]
    assert strays == []


def test_every_module_says_what_it_is_for():
    silent = [str(path) for path in SOURCES if not path.read_text("utf-8").startswith('"""')]
    assert silent == []
