"""A file descriptor, read and written without a buffer; no signal waits for who is at its other end."""

from __future__ import annotations

import os
import time

_TAKEN_AT_ONCE = 512  # bytes; what can be written to at all takes as many without a wait (POSIX: PIPE_BUF)
_GLANCE = 0.1  # seconds between two looks at whether there is a hurry
_BREATH = 0.01  # seconds


class Descriptor:
    """A file descriptor as a Sink and a Source.

    Args:
        number: The descriptor.
        unblocked: Leads to the same place, and never makes a writer sleep in the system, where no other
            thread could wake it; None if there is no such descriptor.
    """

    def __init__(self, number: int, unblocked: int | None = None) -> None:
        self.number = number
        self._target = number if unblocked is None else unblocked
        self._deadline: float | None = None

    def hurry(self, seconds: float) -> None:
        """Wait no longer than so many seconds, in any thread, for a reader that sleeps; drop what it missed.

        It is over when that time is, and something was written since.
        """
        if os.name == "posix":  # Windows can tell of no pipe whether it takes more
            self._deadline = time.monotonic() + seconds

    def write(self, data: bytes, /) -> None:
        """Write all of `data`; waits where the descriptor does not block."""
        rest, refusals = memoryview(data), 0
        while True:
            hurried = self._deadline is not None
            if (hurried or refusals) and not self._is_taken(refusals):
                return
            try:
                rest = rest[os.write(self._target, rest[:_TAKEN_AT_ONCE] if hurried else rest) :]
                refusals = 0
            except BlockingIOError:
                refusals += 1
            if not rest:
                break
        if self._is_over():
            self._deadline = None

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes; waits where the descriptor does not block."""
        while True:
            try:
                return os.read(self.number, size)
            except BlockingIOError:
                _wait(self.number, writing=False)

    def _is_taken(self, refusals: int) -> bool:
        """Wait until more can be written; False if that took longer than a hurry allows."""
        if refusals > 1:  # a terminal with room for one byte says so, and then takes no line end
            time.sleep(_BREATH)
        while not _wait(self._target, writing=True, seconds=_GLANCE):
            if self._is_over():
                return False
        return refusals <= 1 or not self._is_over()

    def _is_over(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline


def unblocked(number: int) -> int | None:
    """The terminal at a descriptor, opened once more to write without a wait; None if that cannot be.

    To make the descriptor itself so would do it to the shell, which shares it.
    """
    try:
        return os.open(os.ttyname(number), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None


def _wait(number: int, *, writing: bool, seconds: float | None = None) -> bool:
    """Sleep until a descriptor can go on, so long at most; whether it can."""
    import select

    watched = [number]
    return any(select.select([] if writing else watched, watched if writing else [], [], seconds))
