"""Keys while nobody reads them: they are not echoed, and kept for the next prompt."""

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
    """Hold the keys; in the end the terminal is given back as it was found.

    What was typed and echoed before is taken off the screen, where it can be: the prompt shows it.
    """
    keyboard = Keyboard(streams, for_shell=for_shell)
    try:
        if echoed := keyboard.hold():
            erased = _erase(echoed, streams.err_width())
            streams.draw(erased if keyboard.edits else "\n" * (echoed[-1] != "\n"))
        yield keyboard
    finally:
        keyboard.release()


def _erase(echoed: str, columns: int) -> str:
    """What takes echoed text off the screen. Counted so that never a row above it goes."""
    *above, last = echoed.split("\n")
    rows = len(above) + sum((len(line) - 1) // columns for line in (*above, last) if line)
    return (f"\x1b[{rows}A" if rows else "") + "\r\x1b[J"


class Keyboard:
    """Holds what is typed while nobody reads it, from hold() to release().

    While held: no echo, Enter stays Enter, a paste keeps its brackets, Ctrl-C and Ctrl-Z still act, and
    Ctrl-C discards nothing. After a suspension (Ctrl-Z and `fg`, SIGSTOP) the keys are held again; the shell
    gets nothing of what was typed for us. Does nothing where standard input is not a terminal, or on Windows.

    A thread reads the keys, so that the terminal's queue never fills up: a full one would hide even Ctrl-C.
    Where the terminal itself edits lines, it keeps them.

    Args:
        streams: The terminal.
        for_shell: The keys are not for us but for the shell: they stay in the terminal, as lines. It is that
            of standard output, since standard input may be a pipe.

    Attributes:
        edits: Whether a line can be edited: not with `--plain`, nor unseen.
        write: Writes to the terminal, whichever stream leads to it.
    """

    def __init__(self, streams: Streams, *, for_shell: bool = False) -> None:
        self._streams = streams
        self._for_shell = for_shell
        self._terminal = STDOUT if for_shell else STDIN
        seen = streams.in_tty and (streams.err_tty or streams.out_tty)
        self.edits = seen and not streams.plain and not for_shell
        self.write = streams.write if streams.out_tty and not streams.err_tty else streams.draw
        self._before = tty.attributes(self._terminal)
        self._held = self._before and tty.without_echo(self._before, lines=not self.edits)
        self._handlers: dict[int, Any] = {}  # signal number -> its handler before ours
        self._typed = b""
        self._reading = RLock()  # held for each read
        self._stop = Event()  # tells the thread that it must not read any more

    def hold(self) -> str:
        """From now on echo nothing.

        Returns:
            What was typed before, and echoed; it is kept as well.
        """
        typed = b"" if self._held is None or self._for_shell else tty.read_waiting(self._held)
        # The terminal has turned each Enter into LF, and Ctrl-D into NUL.
        self._typed += typed.replace(b"\n", b"\r").replace(b"\0", b"\x04") if self.edits else typed
        self._begin()
        return typed.decode("utf-8", "replace")

    def release(self) -> None:
        """Give the terminal back as it was found, and none of our keys in it."""
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
        """The terminal as it was found, while others have it: an editor, a line that the terminal edits."""
        self.release()
        try:
            yield
        finally:
            self.hold()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """While a reader sets a key mode of its own. Nothing is echoed in between."""
        self._pause()
        try:
            yield
        finally:
            self._begin()

    def take(self) -> bytes:
        """What was typed since the last time. Only while keys are lent or not held."""
        typed, self._typed = self._typed, b""
        return typed

    def _begin(self) -> None:
        """Hold keys, and act on Ctrl-Z. May be called again."""
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
        """Hold no keys for now. May be called again, if a signal broke it off."""
        for number, handler in list(self._handlers.items()):
            signal.signal(number, handler)
        self._handlers.clear()
        self._stop_reading()

    def _suspend(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: stop with the terminal in order, and continue as before."""
        with self.free(), self._streams.without_status():
            if self.edits or self._for_shell:
                self.write(_SHOW_CURSOR)  # a reply that is drawn has hidden it
            os.kill(os.getpid(), number)  # the handler is that before ours: the process stops here

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        """After a SIGSTOP, which cannot be handled, or in the foreground again after `bg`."""
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
