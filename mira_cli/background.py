"""Threads beside the main one, which alone gets signals."""

from __future__ import annotations

import signal
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS = range(1, 32)  # those of POSIX; none beyond them is sent by hand


class SideThread(Thread):
    """A daemonic thread that gets no signals.

    A child process that is started in it would get none either, TERM included: children inherit the mask.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(target=work, daemon=True)

    def run(self) -> None:
        """Do the work."""
        leave_signals()
        super().run()


def leave_signals() -> None:
    """Leave signals to the main thread; the first thing that any other one does, those that it starts do too.

    Python acts on a signal in the main thread, whose wait is broken off only if it was delivered there.
    Of two at once (TERM and CONT of timeout(1), HUP and CONT of a closed terminal) the system delivers
    one elsewhere if it can, and whichever thread is quicker takes both: the main one would sleep on.
    """
    if hasattr(signal, "pthread_sigmask"):  # Windows has none
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def in_background(work: Callable[[], object]) -> SideThread:
    """Run `work`, which may import modules, in a daemon thread; the thread."""
    thread = SideThread(work)
    thread.start()
    return thread
