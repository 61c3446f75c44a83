"""Fixtures of the tests on a terminal: a child on a pty, and the screen that it draws."""

import importlib.util
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from rig.simulator import Simulator

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


@pytest.fixture
def open_chat(open_terminal):
    """Starts a chat whose simulator replies so: `open_chat("one", {"fail": "500"}, flags=("--plain",))`.

    Gives the terminal and the simulator.
    """
    with ExitStack() as running:

        def start(*replies, flags=(), ready="tokens", env=None, **how):
            simulator = running.enter_context(Simulator(script=replies))
            known = {"MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}
            argv = [sys.executable, "-m", "mira_cli", "chat", *flags]
            terminal = open_terminal(argv, {**known, **(env or {})}, **how)
            terminal.wait_for(ready)
            return terminal, simulator

        yield start


@pytest.fixture
def asked():
    """The messages of each chat request that a simulator received, as (role, text)."""

    def read(simulator):
        bodies = [received.body for received in simulator.requests]
        return [[(message["role"], message["content"]) for message in body["messages"]] for body in bodies]

    return read
