"""A home of its own for every test, no MIRA_* or proxy variables, and the program in-process."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from dataclasses import dataclass, field
from io import BytesIO

import pytest

from mira_cli.app import run
from rig.simulator import Simulator
from rig.streams import buffered

NEEDED = (
    "bash",
    "zsh",
    "fish",
    "shellcheck",
    "mandoc",
    "jq",
    "parallel",
    "git",
    "tmux",
    "unterm",
    "openssl",
    "node",
    "nginx",
    "squid",
    "tinyproxy",
    "microsocks",
    "uvicorn",
    "hypercorn",
    "/dev/full",
)
FOREIGN = (
    "MIRA_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT",
    "NO_COLOR",
    "FORCE_COLOR",
)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch):
    """Nothing of the person who runs the tests is read or written."""
    for name in list(os.environ):
        if name.upper().startswith(FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    for name in (
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "COLUMNS",
        "LINES",
        "EDITOR",
        "VISUAL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def simulator():
    """A mock API on a real socket."""
    with Simulator() as running:
        yield running


def pytest_configure(config):
    """Let signals reach the programs under test, also when the tests run under nohup or in a background job."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        signal.signal(
            signal.SIGHUP, signal.SIG_DFL
        )  # not in the process that only collects: nohup is meant for it
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def pytest_xdist_auto_num_workers():
    """One more than there are cores: many tests wait, for a limit to run out or for the program under test."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config, items):
    """Leave out tests that need what this machine lacks; in CI they run, and fail."""
    if os.environ.get("CI"):
        return
    missing = set(_missing())
    out = [
        item for item in items if any(missing.intersection(mark.args) for mark in item.iter_markers("needs"))
    ]
    if missing and out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


def _missing():
    return [name for name in NEEDED if not _is_there(name)]


def _is_there(name):
    """Whether this machine has a program, or a device that we may write to."""
    if not name.startswith("/"):
        beside_python = os.path.join(os.path.dirname(sys.executable), name)
        return shutil.which(name) is not None or os.path.exists(beside_python)
    try:
        os.close(os.open(name, os.O_WRONLY))
    except OSError:
        return False
    return True


def pytest_addoption(parser):
    parser.addoption("--tables", action="store_true", help="print the tables that tests have recorded")


def pytest_terminal_summary(terminalreporter, config):
    """Print the recorded tables if asked to, and loudly what could not be tested here; pytest adds the failures."""
    if config.getoption("tables"):
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
            for name, value in report.user_properties:
                if name == "table":
                    terminalreporter.write_sep("-", report.nodeid)
                    terminalreporter.write_line(value)
    if _missing() and not os.environ.get("CI"):
        terminalreporter.write_sep("!", "NOT ALL WAS TESTED", red=True)
        terminalreporter.write_line(
            f"Tests were left out that need what is not here: {', '.join(_missing())}. To run all, install the"
            " programs; /dev/full must be writable."
        )


@dataclass
class Outcome:
    """What one run of the program came to."""

    code: int
    out: str
    err: str


@dataclass
class Program:
    """Runs `mira` in this process, against a simulator."""

    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *argv, stdin=None, out_tty=False, err_tty=False, in_tty=False, **variables):
        stdout, stderr = BytesIO(), BytesIO()
        env = {**self.env, **variables}
        source = None if stdin is None else BytesIO(stdin)
        streams = buffered(source, stdout, stderr, env=env, out_tty=out_tty, err_tty=err_tty, in_tty=in_tty)
        code = run(argv, env, streams)
        return Outcome(code, stdout.getvalue().decode(), stderr.getvalue().decode())


@pytest.fixture
def mira(simulator, tmp_path):
    """The program, with the simulator's address and key and a configuration of its own."""
    return Program(
        {
            "MIRA_BASE_URL": simulator.base_url,
            "MIRA_API_KEY": simulator.key,
            "MIRA_CONFIG_DIR": str(tmp_path / "config"),
            "HOME": os.environ["HOME"],
            "TERM": "xterm",
        }
    )
