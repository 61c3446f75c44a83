"""What each kind of run may load: the installed program, asked by `-X importtime`."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = {
    "typer", "pydantic", "rich", "prompt_toolkit", "httpx", "httpcore", "h11", "anyio", "click",
    "certifi", "truststore", "markdown_it", "pygments", "jsonschema_rs", "tomlkit", "filelock", "wcwidth",
    "shellingham",
}  # fmt: skip
HEAVY = {
    "argparse", "asyncio", "concurrent", "decimal", "difflib", "email", "hashlib", "http", "logging",
    "multiprocessing", "ssl", "subprocess", "tomllib", "traceback", "unittest", "uuid", "zoneinfo",
}  # fmt: skip
MIRA = str(Path(sys.executable).with_name("mira"))
SENDING = "import typer, httpx; httpx.Client(verify=False).close()"
"""What a program loads that sends a request."""
COUNTING = """
import os, sys, threading
files = set()
def note(frame, event, arg):
    path = frame.f_code.co_filename
    if event == "call" and "mira_cli" in path and not path.endswith("__init__.py"):
        files.add(path)
def leave(code, leave=os._exit):
    sys.setprofile(None)
    open(3, "w").write("\\n".join(files))
    leave(code)
sys.setprofile(note); threading.setprofile(note); os._exit = leave
from mira_cli.app import main
main()
"""
"""Writes to descriptor 3 the files of ours that run in a call of `mira`."""


def loaded(*command, stdin=""):
    """Names of the modules that a run of Python imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-500:]
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines} - {"imported package"}


def by_mira(*args, stdin="", beside="import typer"):
    """What `mira` loads beyond what this program loads; the top names of all but our own."""
    extra = loaded(MIRA, *args, stdin=stdin) - loaded("-c", beside)
    ours = {name for name in extra if name.partition(".")[0] == "mira_cli"}
    tops = {name.partition(".")[0] for name in extra - ours}
    return ours, tops if beside == "pass" else tops - {"typer"}


@pytest.fixture
def served(simulator, monkeypatch):
    """The environment leads to the simulator."""
    monkeypatch.setenv("MIRA_BASE_URL", simulator.base_url)
    monkeypatch.setenv("MIRA_API_KEY", simulator.key)
    return simulator


def test_the_version_loads_next_to_nothing():
    ours, others = by_mira("--version", beside="pass")
    assert ours == {"mira_cli", "mira_cli.app"}
    assert not others & (LIBRARIES | HEAVY)


@pytest.fixture
def no_click(monkeypatch, tmp_path):
    """Hide click, which a fresh install does not have: with it httpx loads its own command line, and rich."""
    (tmp_path / "click.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.mark.usefixtures("no_click")
@pytest.mark.parametrize(
    "args", [("ask", "hi"), ("ask", "hi", "--json"), ("ask", "hi", "-m", "mira-pro", "-t", "1")]
)
def test_a_piped_question_loads_typer_and_httpx_and_nothing_to_draw(args, served):
    ours, others = by_mira(*args, stdin="text\n", beside=SENDING)
    assert not others & (LIBRARIES | HEAVY)
    assert not any(name.startswith(("mira_cli.simulator", "mira_cli.terminal.markdown")) for name in ours)
    assert len(served.requests) == 1


def test_what_reads_a_reply_is_not_loaded_before_the_request_is_sent_nor_errors_without_one(served):
    errors = {"network_errors", "retry", "status_errors"}
    readers = {"sse", "decode", "thinking"}  # `stream`, which imports them, is not reported by import_module
    ours, _ = by_mira("ask", "hi", beside=SENDING)
    assert {name.rpartition(".")[2] for name in ours} >= readers
    assert not {name.rpartition(".")[2] for name in ours} & errors
    served.close()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", MIRA, "ask", "--retries", "0", "hi"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "mira_cli.api.network_errors" in done.stderr
    for name in (*(f"api.{name}" for name in readers), "conversation.reply", "terminal.result"):
        assert f"mira_cli.{name}\n" not in done.stderr


@pytest.mark.usefixtures("served")
def test_a_question_passes_few_files(tmp_path):
    passed = tmp_path / "passed"
    with passed.open("w") as file:
        script = f'exec "$0" -c "$1" ask hi 3>&{file.fileno()}'
        command = ["bash", "-c", script, sys.executable, COUNTING]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True, timeout=60, pass_fds=[file.fileno()])
    files = [Path(line).name for line in passed.read_text().splitlines()]
    assert set(files) >= {"app.py", "ask.py", "transport.py", "decode.py"}
    assert "batch.py" not in files
    assert len(files) <= 42


@pytest.mark.parametrize("args", [("config", "get", "model"), ("config", "list"), ("config", "path")])
def test_the_settings_load_typer_alone(args):
    ours, others = by_mira(*args)
    assert not others & LIBRARIES
    assert not others & {"asyncio", "ssl", "http", "email"}
    assert not any(name.startswith(("mira_cli.simulator", "mira_cli.api.client")) for name in ours)


@pytest.mark.usefixtures("no_click")
def test_a_chat_from_a_pipe_loads_no_prompt(served):
    _, others = by_mira("chat", stdin="Hello\n", beside=SENDING)
    assert not others & {"prompt_toolkit", "rich", "asyncio", "pydantic", "httpx"}
    assert len(served.requests) == 1


@pytest.mark.parametrize("args", [("--help",), ("help",)])
def test_the_list_of_commands_loads_typer_alone(args):
    _, others = by_mira(*args)
    assert not others & (LIBRARIES | HEAVY)


@pytest.mark.parametrize("args", [("config", "--help"), ("ask", "--help"), ("help", "batch")])
def test_the_help_of_a_command_loads_nothing_to_draw_or_to_send(args):
    _, others = by_mira(*args)
    assert not others & (LIBRARIES | HEAVY)


def loaded_on_a_terminal(*words, until):
    """Names of the modules that `mira` imports on a terminal before it shows a text.

    They are reported on standard error, where that is shown as well: one order, one terminal.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-X", "importtime", MIRA, *words])
    shown = b""
    while until.encode() not in shown:
        shown += os.read(terminal, 1 << 16)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
    before, _, _ = shown.decode().partition(until)
    lines = (line for line in before.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.usefixtures("no_click")
def test_a_question_on_a_terminal_loads_nothing_to_draw_before_the_request_is_sent(served):
    served.close()  # so it is not sent; quiet, since a waiting line loads some of rich after a while
    names = loaded_on_a_terminal(
        "ask", "-q", "--color", "never", "--retries", "0", "hi", until="Cannot reach"
    )
    assert "mira_cli.terminal.drawn_writers" in names
    assert not {name.partition(".")[0] for name in names} & {"rich", "pygments", "markdown_it", "wcwidth"}


def test_a_chat_says_its_header_before_anything_large_is_loaded(served):
    names = loaded_on_a_terminal("chat", until="Enter sends")
    tops = {name.partition(".")[0] for name in names - loaded("-c", "import typer")} - {"typer"}
    assert "mira_cli.session.chat.run" in names
    assert (tops - {"rich"}) & (LIBRARIES | HEAVY | {"socket"}) == set()
    assert not names & {"rich.console", "rich.text", "rich.table"}  # but rich.style, since the header is dim
    assert not any(
        name.startswith(("mira_cli.api.client", "mira_cli.terminal.prompt.session")) for name in names
    )
