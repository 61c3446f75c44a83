"""Takes what is typed while nobody waits for it, so that the terminal's own queue never fills up.

A full queue would keep even Ctrl-C from being seen, and after Ctrl-Z the shell would get what is left in it.
"""

from __future__ import annotations

import os
import select
import time
from _thread import allocate_lock, start_new_thread

from mira_cli.background import leave_signals
from mira_cli.terminal.sinks import STDIN

_MOST_AT_ONCE = 1 << 16  # bytes
_ESCAPE = b"\x1b"
_ESCAPE_ALONE = 0.1  # seconds after which an Escape is a key of its own, not the beginning of another
_NO_KEY = b"\x1b[E"  # what prompt_toolkit knows as a key that does nothing; it keeps Escape from what follows
_BACKGROUND_PAUSE = 0.1  # seconds; in the background the terminal is not ours to read


class _Reading:
    """One thread that reads: what ends it, and how far it is."""

    def __init__(self, wake: int) -> None:
        self.wake = wake  # closing this descriptor ends the thread
        self.begun = False
        self.ended = allocate_lock()
        self.ended.acquire()


class Collector:
    """Reads standard input in a thread, from `start` to `stop`.

    A signal's handler may call either while the main thread is in the middle of one. So the list is changed
    in single steps, and the thread is a plain one: Thread takes locks that a handler would wait for in vain.
    """

    def __init__(self) -> None:
        self._typed = bytearray()
        self._readings: list[_Reading] = []  # one at most, unless a handler came in between

    def start(self) -> None:
        """Read from now on."""
        if not self._readings:
            awake, wake = os.pipe()
            reading = _Reading(wake)
            self._readings.append(reading)
            start_new_thread(self._collect, (awake, reading))

    def stop(self) -> None:
        """Read nothing any more."""
        while True:
            try:
                reading = self._readings.pop()
            except IndexError:
                return
            os.close(reading.wake)
            if reading.begun:  # else it ends before it reads anything, or Ctrl-C came before it was started
                reading.ended.acquire()

    def add(self, typed: bytes) -> None:
        """Keep what was read elsewhere; not between `start` and `stop`."""
        self._typed += typed

    def take(self) -> bytes:
        """All that was typed since the last time; not between `start` and `stop`."""
        typed = bytes(self._typed)
        self._typed.clear()
        return typed

    def _collect(self, awake: int, reading: _Reading) -> None:
        leave_signals()
        reading.begun = True
        try:
            while awake not in (ready := self._wait(awake)):
                if not ready:
                    self._typed += _NO_KEY
                elif not in_foreground():
                    time.sleep(_BACKGROUND_PAUSE)
                elif typed := os.read(STDIN, _MOST_AT_ONCE):
                    self._typed += typed
                else:
                    return
        except OSError:  # the terminal is gone
            pass
        finally:
            os.close(awake)
            reading.ended.release()

    def _wait(self, awake: int) -> list[int]:
        """What can be read; nothing if that is an Escape which nothing follows for a moment."""
        patience = _ESCAPE_ALONE if self._typed.endswith(_ESCAPE) else None
        return select.select([STDIN, awake], [], [], patience)[0]


def in_foreground(terminal: int = STDIN) -> bool:
    """Whether the terminal is ours to read from and to set up; False where it is gone."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
