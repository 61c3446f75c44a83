"""Runs a command against the simulator: the child process, its environment, and signals."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING

from mira_cli.errors import UsageError
from mira_cli.simulator.server import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mira_cli.simulator.server import Simulator

_SIGNAL_CODE = 128  # a command killed by signal N gives 128 + N, as in shells
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_KEYBOARD_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name))
_ENDING = _KEYBOARD_SIGNALS + tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class NotStartedError(UsageError):
    """There is no such command (127), or it cannot be run (126)."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def environment(env: Mapping[str, str], simulator: Simulator) -> dict[str, str]:
    """The child's environment: ours with the two variables, and no proxy for the loopback address."""
    child = {**env, "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}
    if any(env.get(name) or env.get(name.lower()) for name in _PROXIES):
        direct = env.get("no_proxy") or env.get("NO_PROXY")
        child["no_proxy"] = child["NO_PROXY"] = f"{direct},{HOST}" if direct else HOST
    return child


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a command to its end. It has our standard streams; signals that would end us are passed on to it.

    Returns:
        Its exit code, 128 + N if signal N killed it.

    Raises:
        NotStartedError: There is no such command, or it cannot be run.
    """
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if child is None:
            early.append(number)
        elif number not in _KEYBOARD_SIGNALS or not _from_our_terminal():
            with suppress(OSError):
                child.send_signal(number)

    with _handling(pass_on):
        try:
            child = subprocess.Popen(command, env=env)
        except OSError as error:
            raise _not_started(command[0], error) from error
        for number in early:
            pass_on(number, None)
        code = child.wait()
    return code if code >= 0 else _SIGNAL_CODE - code


def wait_for_signal(announce: Callable[[], None]) -> int:
    """Call `announce` once signals are handled, then wait for a signal; returns 128 + its number."""
    came: list[int] = []
    running = Lock()  # not an Event: a handler that interrupts its wait could not set it
    running.acquire()

    def end(number: int, _frame: object) -> None:
        came.append(number)
        with suppress(RuntimeError):  # an earlier signal has released it
            running.release()

    with _handling(end):
        announce()
        while not running.acquire(timeout=1):  # Windows handles signals only between two waits
            pass
    return _SIGNAL_CODE + came[0]


@contextmanager
def _handling(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Handle the signals that would end us, except those that are ignored already (nohup, `&`)."""
    # With a function, not SIG_IGN: the child would inherit that.
    handled = [number for number in _ENDING if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in handled}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _from_our_terminal() -> bool:
    """Whether the signal came from our terminal: then the child, in the same process group, has it too."""
    if not hasattr(os, "tcgetpgrp"):
        return True  # Windows sends it to every process of a console
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _not_started(name: str, error: OSError) -> NotStartedError:
    if isinstance(error, FileNotFoundError):
        return NotStartedError(f"Cannot run {name}: there is no such command.", _NOT_FOUND)
    return NotStartedError(f"Cannot run {name}: {error.strerror}.", _NOT_EXECUTABLE)
