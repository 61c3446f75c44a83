"""Takes what is typed while nobody waits for it, so that the terminal's own queue never fills up.

A full queue would keep even Ctrl-C from being seen, and after Ctrl-Z the shell would get what is left in it.
"""

from __future__ import annotations

import os
import select
import threading
import time

from mira_cli.terminal.sinks import STDIN

_MOST_AT_ONCE = 1 << 16  # bytes
_BACKGROUND_PAUSE = 0.1  # seconds; in the background the terminal is not ours to read


class Collector:
    """Reads standard input in a thread, from `start` to `stop`."""

    def __init__(self) -> None:
        self._typed = bytearray()
        self._thread: threading.Thread | None = None
        self._wake = -1  # what is written here ends the thread

    def start(self) -> None:
        """Read from now on."""
        if self._thread is None:
            awake, self._wake = os.pipe()
            self._thread = threading.Thread(target=self._collect, args=(awake,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Read nothing any more."""
        thread, self._thread = self._thread, None
        if thread is not None:
            os.close(self._wake)
            if thread.is_alive():  # Ctrl-C may have come while it was being started: then it ends by itself
                thread.join()

    def add(self, typed: bytes) -> None:
        """Keep what was read elsewhere; not between `start` and `stop`."""
        self._typed += typed

    def take(self) -> bytes:
        """All that was typed since the last time; not between `start` and `stop`."""
        typed = bytes(self._typed)
        self._typed.clear()
        return typed

    def _collect(self, awake: int) -> None:
        try:
            while awake not in select.select([STDIN, awake], [], [])[0]:
                if not in_foreground():
                    time.sleep(_BACKGROUND_PAUSE)
                elif typed := os.read(STDIN, _MOST_AT_ONCE):
                    self._typed += typed
                else:
                    return
        except OSError:  # the terminal is gone
            pass
        finally:
            os.close(awake)


def in_foreground(terminal: int = STDIN) -> bool:
    """Whether the terminal is ours to read from and to set up; False where it is gone."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
