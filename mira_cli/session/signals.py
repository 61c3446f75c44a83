"""Ctrl-C, TERM, HUP and QUIT as exceptions, so that they end a run on one tidy road."""

from __future__ import annotations

import signal
import sys
import time

from mira_cli.errors import Interrupted
from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_BASE = 128  # a shell's exit code for a process that a signal ended is 128 + its number
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")  # Windows has only the first two
_IMPATIENCE = 0.3  # seconds within which the same signal again is the same wish
_MOMENT = 0.01  # seconds


class Signalled(KeyboardInterrupt):
    """TERM, HUP or QUIT arrived; as Ctrl-C, but with an exit code of its own."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = _BASE + number


def raise_on_signals(clock: Callable[[], float] = time.monotonic) -> None:
    """From now on signals raise in the main thread, Ctrl-C a KeyboardInterrupt, the others Signalled.

    One that is ignored (nohup) stays so. A key that is pressed twice must not break into the tidying up that
    its first press began: what comes again at once is dropped. One that arrives where nothing can be raised,
    in a callback of the interpreter's own, comes again a moment later.
    """
    last: dict[int, float] = {}

    def raise_once(number: int, _frame: FrameType | None) -> None:
        before, last[number] = last.get(number), clock()
        if before is None or last[number] - before > _IMPATIENCE:
            raise KeyboardInterrupt if number == signal.SIGINT else Signalled(number)

    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, raise_once)

    otherwise = sys.unraisablehook

    def send_again(unraisable: sys.UnraisableHookArgs) -> None:
        stop = unraisable.exc_value
        if not isinstance(stop, KeyboardInterrupt):
            otherwise(unraisable)
            return
        number = code_of(stop) - _BASE
        last.pop(number, None)
        _send_soon(number)

    sys.unraisablehook = send_again


def _send_soon(number: int) -> None:
    """Send the main thread a signal once it is back from where it is."""
    from threading import Timer, main_thread  # noqa: PLC0415 - rarely wanted

    if hasattr(signal, "pthread_kill"):
        Timer(_MOMENT, signal.pthread_kill, (main_thread().ident or 0, number)).start()
    else:
        Timer(_MOMENT, signal.raise_signal, (number,)).start()


def as_error(stop: KeyboardInterrupt, partial: str = "") -> Interrupted:
    """The interrupt as an error with its exit code: 130 Ctrl-C, 143 TERM, 129 HUP, 131 QUIT."""
    return Interrupted(exit_code=code_of(stop), partial=partial)


def code_of(stop: KeyboardInterrupt) -> int:
    """The exit code: 130 Ctrl-C, 143 TERM, 129 HUP, 131 QUIT."""
    return stop.exit_code if isinstance(stop, Signalled) else _BASE + signal.SIGINT


def behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The interrupt in whose midst `error` came up: what is broken into may fail on its way out."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error


def ends_all(stop: KeyboardInterrupt) -> bool:
    """Whether more than the step under way is to end: Signalled, or Ctrl-C within the stop of another."""
    return isinstance(stop, Signalled) or isinstance(stop.__context__, KeyboardInterrupt | Interrupted)
