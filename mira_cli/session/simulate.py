"""`mira simulate`: runs the simulator, or a command against it, which gets our signals."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mira_cli.errors import TooLargeError, UsageError
from mira_cli.session.signals import as_error
from mira_cli.simulator.http_server import HOST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mira_cli.simulator.script import ScriptedReply
    from mira_cli.simulator.server import Simulator
    from mira_cli.terminal.streams import Streams

_SIGNALLED = 128  # the exit code of a command killed by signal N is 128 + N, as in shells
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_KEYBOARD_SIGNALS = (signal.SIGINT, getattr(signal, "SIGQUIT", signal.SIGINT))
_ENDING = {*_KEYBOARD_SIGNALS, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_DAY = 86_400.0  # seconds


def load_script(path: str, streams: Streams) -> list[ScriptedReply]:
    """The replies of a script file. Raises UsageError."""
    from mira_cli.simulator import script
    from mira_cli.terminal.reading import read_text_file

    try:
        return script.load(read_text_file(path, streams), path)
    except TooLargeError as error:
        raise UsageError(error.message) from error


def simulate(streams: Streams, env: Mapping[str, str], simulator: Simulator, command: Sequence[str]) -> int:
    """Run the command against the simulator, as `run`; without one, serve until a signal arrives.

    Returns:
        The exit code: the command's own, or 128 + N if signal N ended it or the serving.
    """
    gc.enable()  # app.py disables it, but this may run for days
    with simulator:
        return run(command, environment(env, simulator)) if command else _serve(streams, simulator)


def _serve(streams: Streams, simulator: Simulator) -> int:
    try:
        streams.write(f"export MIRA_BASE_URL={simulator.base_url}\nexport MIRA_API_KEY={simulator.key}\n")
        streams.note(
            "A local mock of the Mira API: set these two variables where you want to use it. Ctrl-C stops it."
        )
        while True:
            time.sleep(_DAY)
    except KeyboardInterrupt as stop:  # Ctrl-C, or another signal
        code = as_error(stop).exit_code
        if code - _SIGNALLED in _KEYBOARD_SIGNALS and streams.err_tty:
            streams.draw("\n")  # the terminal has echoed ^C; start a new line
        return code


def environment(env: Mapping[str, str], simulator: Simulator) -> dict[str, str]:
    """The command's environment: ours with the two variables, and no proxy for the simulator."""
    child = {**env, "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}
    if any(env.get(name) or env.get(name.lower()) for name in _PROXIES):
        direct = env.get("no_proxy") or env.get("NO_PROXY")
        child["no_proxy"] = child["NO_PROXY"] = f"{direct},{HOST}" if direct else HOST
    return child


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a command and wait for it; its exit code, or 128 + N if signal N killed it.

    Signals that would end us are passed on to it.

    Raises:
        UsageError: There is no such command (its exit code is 127), or it cannot be run (126).
    """
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if child is None:
            early.append(number)
        elif number not in _KEYBOARD_SIGNALS or not _from_our_terminal():
            with suppress(OSError):
                child.send_signal(number)

    # Ignored signals (nohup, `&`) stay ignored. We don't use SIG_IGN ourselves: the child would inherit it.
    handled = [number for number in _ENDING if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, pass_on) for number in handled}
    try:
        child = subprocess.Popen(command, env=env)
        for number in early:
            pass_on(number, None)
        code = child.wait()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "there is no such command" if missing else error.strerror
        failure = UsageError(f"Cannot run {command[0]}: {reason}.")
        failure.exit_code = _NOT_FOUND if missing else _NOT_EXECUTABLE
        raise failure from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else _SIGNALLED - code


def _from_our_terminal() -> bool:
    """Whether the signal came from our terminal, so that the child, in our process group, got it too."""
    if not hasattr(os, "tcgetpgrp"):
        return True  # Windows sends it to all processes of a console
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def list_faults(streams: Streams) -> int:
    """Print the names of all faults, each with what it does."""
    from mira_cli.simulator.faults import FAULTS, SHAPES

    rows = [(fault.name, fault.description) for fault in FAULTS.values()]
    rows += [("STATUS", "any status from 400 to 599, as the API words it")]
    rows += [(f"STATUS-{shape}", description) for shape, (description, _) in SHAPES.items()]
    width = max(len(name) for name, _ in rows)
    streams.write("".join(f"{name:{width}}  {description}\n" for name, description in rows))
    return 0
