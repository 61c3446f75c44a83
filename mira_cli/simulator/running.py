"""A command under the simulator, or none: the child process, its environment, and the signals."""

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

_BY_SIGNAL = 128  # a command that signal N ended has the code 128 + N, as shells have it
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126
_TYPED = tuple(getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name))
_ENDING = _TYPED + tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class NotStartedError(UsageError):
    """The command is not there (127) or cannot be run (126)."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def environment(env: Mapping[str, str], simulator: Simulator) -> dict[str, str]:
    """The child's environment: ours, with the two variables; and past any proxy, which could not reach us."""
    child = {**env, "MIRA_BASE_URL": simulator.base_url, "MIRA_API_KEY": simulator.key}
    if any(env.get(name) or env.get(name.lower()) for name in _PROXIES):
        past = env.get("no_proxy") or env.get("NO_PROXY")
        child["no_proxy"] = child["NO_PROXY"] = f"{past},{HOST}" if past else HOST
    return child


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Run a command to its end; its standard streams are ours. Signals that would end us are passed on to it.

    Returns:
        Its exit code, 128 + N when signal N ended it.

    Raises:
        NotStartedError: There is no such command, or it cannot be run.
    """
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if child is None:
            early.append(number)
        elif number not in _TYPED or not _typed_here():
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
    return code if code >= 0 else _BY_SIGNAL - code


def wait_for_signal(announce: Callable[[], None]) -> int:
    """Announce it as soon as signals are waited for; then wait for one that ends us: 128 + its number."""
    came: list[int] = []
    running = Lock()  # no Event: a handler that breaks into its wait could never set it
    running.acquire()

    def end(number: int, _frame: object) -> None:
        came.append(number)
        with suppress(RuntimeError):  # another signal has done so
            running.release()

    with _handling(end):
        announce()
        while not running.acquire(timeout=1):  # bounded: some systems look at signals only between two waits
            pass
    return _BY_SIGNAL + came[0]


@contextmanager
def _handling(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Handle the ending signals, but for those that whoever started us wants ignored (nohup, `&`)."""
    # A function, not SIG_IGN: what is ignored stays ignored in the child, what is handled does not.
    handled = [number for number in _ENDING if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in handled}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _typed_here() -> bool:
    """Whether a key on our terminal sent it: then the child, in our process group, has had it too."""
    if not hasattr(os, "tcgetpgrp"):
        return True  # Windows sends it to all of a console
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
