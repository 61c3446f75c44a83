"""Keeps what is typed while a reply is shown: it is not echoed, and stands in the next prompt."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from threading import Event, RLock
from typing import TYPE_CHECKING, Any

from mira_cli.background import in_background
from mira_cli.terminal.prompt import tty
from mira_cli.terminal.stdio import STDIN, STDOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from mira_cli.terminal.streams import Streams

_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"  # bracketed paste: a block comes as one
_SHOW_CURSOR = "\x1b[?25h"
_READ_SIZE = 1 << 16  # bytes
_ESCAPE = b"\x1b"
_NO_KEY = b"\x1b[E"  # prompt_toolkit ignores it; it separates an Escape from the key after it
_PAUSE = 0.1  # seconds: an Escape is a key of its own then; and how soon a thread without work ends


@contextmanager
def held_keys(streams: Streams, *, for_shell: bool = False) -> Iterator[Keyboard]:
    """Hold the keys until the end of the `with` block.

    Text that was typed and echoed before is erased, if the terminal can: the prompt shows it.
    """
    if not for_shell:
        tty.wait_for_foreground()
    keyboard = Keyboard(streams, for_shell=for_shell)
    try:
        if echoed := keyboard.hold():
            erased = _erase(echoed, streams.err_width())
            streams.draw(erased if keyboard.edits else "\n" * (echoed[-1] != "\n"))
        yield keyboard
    finally:
        keyboard.release()


def _erase(echoed: str, columns: int) -> str:
    """The escape sequences that erase echoed text, and never a row above it."""
    *above, last = echoed.split("\n")
    rows = len(above) + sum((len(line) - 1) // columns for line in (*above, last) if line)
    return (f"\x1b[{rows}A" if rows else "") + "\r\x1b[J"


class Keyboard:
    """Holds the keys from hold() to release().

    Held keys are not echoed, Enter stays Enter, a paste keeps its brackets. Ctrl-C and Ctrl-Z work, and
    Ctrl-C discards nothing. After a suspension (Ctrl-Z or SIGSTOP, then `fg`) the keys are held again; the
    shell gets none of them. Does nothing if standard input is not a terminal, and on Windows.

    A thread reads the keys, so that the terminal's queue never fills up: a full one would block even Ctrl-C.
    With `--plain` the terminal edits and keeps the lines itself.

    Args:
        streams: The terminal.
        for_shell: The keys are for the shell: they stay in the terminal, as lines. The terminal is that of
            standard output, since standard input may be a pipe.

    Attributes:
        edits: Whether the person edits a line that we draw: not with `--plain`, nor on a terminal that shows
            none of our output.
        write: Writes to the terminal, through standard error if that is one.
    """

    def __init__(self, streams: Streams, *, for_shell: bool = False) -> None:
        self._streams = streams
        self._for_shell = for_shell
        self._terminal = STDOUT if for_shell else STDIN
        seen = streams.in_tty and (streams.err_tty or streams.out_tty)
        self.edits = seen and not streams.plain and not for_shell
        self.write = streams.write if streams.out_tty and not streams.err_tty else streams.draw
        self._before = tty.attributes(self._terminal)  # the terminal as it was found
        self._held = self._before and tty.without_echo(self._before, lines=not self.edits)
        self._handlers: dict[int, Any] = {}  # signal number -> its handler before ours
        self._typed = b""
        self._reading = RLock()  # held for each read
        self._stop = Event()  # tells the thread that it must not read any more

    def hold(self) -> str:
        """Stop the echo. Returns what was typed and echoed before; it is kept as well."""
        typed = b"" if self._held is None or self._for_shell else tty.read_waiting(self._held)
        # The terminal has turned each Enter into LF, and Ctrl-D into NUL.
        self._typed += typed.replace(b"\n", b"\r").replace(b"\0", b"\x04") if self.edits else typed
        self._begin()
        return typed.decode("utf-8", "replace")

    def release(self) -> None:
        """Restore the terminal as it was found. Unread keys are kept here, not left for the shell."""
        self._pause()
        if self._before is None or self._held is None:
            return
        if not self._for_shell:
            self._typed += tty.read_waiting(self._held)
        tty.set_attributes(self._before, self._terminal)
        if self.edits:
            self.write(_PASTE_OFF)

    @contextmanager
    def free(self) -> Iterator[None]:
        """Release the terminal for an editor, or for a line that the terminal edits."""
        tty.wait_for_foreground()
        self.release()
        try:
            yield
        finally:
            self.hold()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let prompt_toolkit read the keys, in its own mode. Nothing is echoed in between."""
        tty.wait_for_foreground()
        self._pause()
        try:
            yield
        finally:
            self._begin()

    def take(self) -> bytes:
        """Return the kept keys and forget them. Only while the terminal is lent or released."""
        typed, self._typed = self._typed, b""
        return typed

    def _begin(self) -> None:
        """Hold keys, and handle Ctrl-Z. May be called again."""
        if self._held is None:
            return
        self._stop_reading()
        tty.set_attributes(self._held, self._terminal)
        if self.edits:
            self.write(_PASTE_ON)
            self._stop = stop = Event()
            in_background(lambda: self._read_keys(stop))
        for number, handler in ((signal.SIGTSTP, self._suspend), (signal.SIGCONT, self._resume)):
            self._handlers.setdefault(number, signal.getsignal(number))
            signal.signal(number, handler)

    def _pause(self) -> None:
        """Stop holding keys. May be called again, if a signal interrupted it."""
        for number, handler in list(self._handlers.items()):
            signal.signal(number, handler)
        self._handlers.clear()
        self._stop_reading()

    def _suspend(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: restore the terminal, stop, and hold the keys again after `fg`."""
        with self.free(), self._streams.without_status():
            if self.edits or self._for_shell:
                self.write(_SHOW_CURSOR)  # a reply that is drawn has hidden it
            os.kill(os.getpid(), number)  # our handler is removed by now: the process stops here

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        """Continue after a SIGSTOP, which cannot be handled, or in the foreground after `bg`."""
        self._begin()
        self._streams.resumed()

    def _stop_reading(self) -> None:
        self._stop.set()
        with self._reading:
            pass  # the thread has finished its last read

    def _read_keys(self, stop: Event) -> None:
        """Keep what is typed, until told to stop."""
        import select

        with suppress(OSError):  # the terminal is gone, or we are in the background
            while not stop.is_set():
                ready = select.select([STDIN], [], [], _PAUSE)[0]
                with self._reading:
                    if stop.is_set():
                        return
                    if not ready:
                        self._typed += _NO_KEY * self._typed.endswith(_ESCAPE)
                    elif typed := os.read(STDIN, _READ_SIZE):
                        self._typed += typed
                    else:
                        return
