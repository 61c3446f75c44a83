"""TERM and HUP as exceptions, so that they end a run on the same tidy road as Ctrl-C."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from mira_cli.errors import Interrupted

if TYPE_CHECKING:
    from types import FrameType

_BASE = 128  # a shell's exit code for a process that a signal ended is 128 + its number
_NAMES = ("SIGTERM", "SIGHUP")  # Windows has no SIGHUP


class Signalled(KeyboardInterrupt):
    """TERM or HUP arrived; as Ctrl-C, but with an exit code of its own."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = _BASE + number


def raise_on_signals() -> None:
    """From now on TERM and HUP raise Signalled in the main thread; one that is ignored (nohup) stays so."""
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise)


def as_error(stop: KeyboardInterrupt, partial: str = "") -> Interrupted:
    """The interrupt as an error with its exit code: 130 Ctrl-C, 143 TERM, 129 HUP."""
    code = stop.exit_code if isinstance(stop, Signalled) else _BASE + signal.SIGINT
    return Interrupted(exit_code=code, partial=partial)


def _raise(number: int, _frame: FrameType | None) -> None:
    raise Signalled(number)
