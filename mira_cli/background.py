"""Background threads. Signals go to the main thread only."""

from __future__ import annotations

import signal
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNALS = range(1, 32)  # the POSIX signals; nobody sends the others by hand


class SideThread(Thread):
    """A daemon thread that gets no signals.

    Don't start child processes in it: they inherit the signal mask, and would not even get TERM.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(target=work, daemon=True)

    def run(self) -> None:
        """Do the work."""
        leave_signals()
        super().run()


def leave_signals() -> None:
    """Block signals in this thread and in those it starts. Every background thread calls this first.

    Python runs signal handlers in the main thread, but the main thread only wakes up for signals that are
    delivered to it. When two arrive at once (TERM and CONT from timeout(1), HUP and CONT from a closed
    terminal), the system may deliver one to another thread, and the main thread would go on sleeping.
    """
    if hasattr(signal, "pthread_sigmask"):  # Windows has none
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)


def in_background(work: Callable[[], object]) -> SideThread:
    """Run `work`, which may import modules, in a new daemon thread, and return the thread."""
    thread = SideThread(work)
    thread.start()
    return thread
