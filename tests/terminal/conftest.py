"""Fixtures of the tests on a terminal: a child on a pty, and the screen that it draws."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def _load(name):
    """A module beside this one: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"mira_tests_{name}", _HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


screen = _load("screen")


@pytest.fixture
def terminal_env(tmp_path):
    """The environment of a child: a home of its own, a terminal with colours, no setting of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    home = tmp_path / "terminal-home"
    home.mkdir()
    return {**kept, "HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}


@pytest.fixture
def open_terminal(terminal_env):
    """Starts commands on terminals: `open_terminal(argv, env={...}, columns=80, rows=24, stdout=fd)`."""
    opened = []

    def start(argv, env=None, **how):
        terminal = screen.Terminal(list(argv), {**terminal_env, **(env or {})}, **how)
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def open_prompt(open_terminal):
    """Starts a prompt on a terminal: `open_prompt("--vi", env={...})`; tests/terminal/prompting_child.py says more."""

    def start(*flags, ready="toolbar", **how):
        terminal = open_terminal([sys.executable, str(_HERE / "prompting_child.py"), *flags], **how)
        terminal.wait_for(ready)
        return terminal

    return start
