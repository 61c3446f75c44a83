"""Ctrl-C, TERM, HUP and QUIT as exceptions, so that they end a run on one tidy road."""

from __future__ import annotations

import signal
import time

from mira_cli.errors import Interrupted
from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_BASE = 128  # a shell's exit code for a process that a signal ended is 128 + its number
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")  # Windows has only the first two
_IMPATIENCE = 0.3  # seconds within which the same signal again is the same wish


class Signalled(KeyboardInterrupt):
    """TERM, HUP or QUIT arrived; as Ctrl-C, but with an exit code of its own."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = _BASE + number


def raise_on_signals(clock: Callable[[], float] = time.monotonic) -> None:
    """From now on signals raise in the main thread, Ctrl-C a KeyboardInterrupt, the others Signalled.

    One that is ignored (nohup) stays so. A key that is pressed twice must not break into the tidying up that
    its first press began: what comes again at once is dropped.
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


def as_error(stop: KeyboardInterrupt, partial: str = "") -> Interrupted:
    """The interrupt as an error with its exit code: 130 Ctrl-C, 143 TERM, 129 HUP, 131 QUIT."""
    return Interrupted(exit_code=code_of(stop), partial=partial)


def code_of(stop: KeyboardInterrupt) -> int:
    """The exit code: 130 Ctrl-C, 143 TERM, 129 HUP, 131 QUIT."""
    return stop.exit_code if isinstance(stop, Signalled) else _BASE + signal.SIGINT


def ends_all(stop: KeyboardInterrupt) -> bool:
    """Whether more than the step under way is to end: Signalled, or Ctrl-C within the stop of another."""
    return isinstance(stop, Signalled) or isinstance(stop.__context__, KeyboardInterrupt | Interrupted)
