"""Keys while nobody reads them: they are not echoed, and kept for the next prompt."""

from __future__ import annotations

import os
import signal
import time
from _thread import RLock
from contextlib import contextmanager, suppress
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


def hold_keys(streams: Streams) -> Keyboard:
    """A chat's keyboard, held, for open_prompt(); whoever calls this releases it.

    What was typed and echoed before is taken off the screen, where it can be: the prompt shows it.
    """
    keyboard = Keyboard(streams)
    try:
        if echoed := keyboard.hold():
            erased = _erase(echoed, streams.err_width())
            streams.draw(erased if keyboard.edits else "\n" * (echoed[-1] != "\n"))
    except BaseException:
        keyboard.release()
        raise
    return keyboard


def _erase(echoed: str, columns: int) -> str:
    """What takes echoed text off the screen. Counted so that never a row above it goes."""
    *above, last = echoed.split("\n")
    rows = len(above) + sum((len(line) - 1) // columns for line in (*above, last) if line)
    return (f"\x1b[{rows}A" if rows else "") + "\r\x1b[J"


class Keyboard:
    """Holds what is typed while a reply is under way.

    While held: no echo, Enter stays Enter, a paste keeps its brackets, Ctrl-C and Ctrl-Z still act, and
    Ctrl-C discards nothing. After a suspension (Ctrl-Z and `fg`, SIGSTOP) the mode is set again; the shell
    gets nothing of what was typed for us. Does nothing where standard input is not a terminal, or on Windows.

    A thread reads the keys, so that the terminal's queue never fills up: a full one would hide even Ctrl-C.
    Where the terminal itself edits lines, it keeps them.

    Args:
        streams: The terminal.
        for_shell: The keys are not for us but for the shell: they stay in the terminal, as lines. It is that
            of standard output, since standard input may be a pipe.

    Attributes:
        edits: Whether a line can be edited: not with `--plain`, nor unseen.
    """

    def __init__(self, streams: Streams, *, for_shell: bool = False) -> None:
        self._streams = streams
        self._for_shell = for_shell
        self._terminal = STDOUT if for_shell else STDIN
        seen = streams.in_tty and (streams.err_tty or streams.out_tty)
        self.edits = seen and not streams.plain and not for_shell
        self._before: tty.Attributes | None = None  # to go back to
        self._handlers: dict[int, Any] = {}  # signal number -> its handler before ours
        self._typed = bytearray()
        self._reading = RLock()  # held for each read, and while the mode changes to one without our keys
        self._reader: object = None  # the thread that may read, by an object of its own

    def hold(self) -> str:
        """From now on echo nothing.

        Returns:
            What was typed before, and echoed; it is kept as well.
        """
        if self._before is not None:
            return ""
        self._before = tty.attributes(self._terminal)
        if self._before is None:
            return ""
        echoed = "" if self._for_shell else self._take_echoed()
        self._begin()
        return echoed

    def release(self) -> None:
        """Give the terminal back as it was found."""
        if self._before is not None:
            self._pause()
            self._withdraw()
            self._before = None

    @contextmanager
    def lent(self) -> Iterator[None]:
        """While a reader sets a key mode of its own. Nothing is echoed in between."""
        if self._before is None:
            yield
            return
        self._pause()
        try:
            yield
        finally:
            self._begin()

    @contextmanager
    def free(self) -> Iterator[None]:
        """The terminal as it was found, while an editor or a hidden line has it."""
        held = self._before is not None
        self.release()
        try:
            yield
        finally:
            if held:
                self.hold()

    def collect(self) -> None:
        """Keep what the terminal has by now for take(). Only while keys are lent."""
        self._typed += tty.read_waiting()

    def take(self) -> bytes:
        """What was typed since the last time. Only while keys are lent or not held."""
        typed = bytes(self._typed)
        self._typed.clear()
        return typed

    def _take_echoed(self) -> str:
        """Keep what the terminal has collected so far, line by line; that text."""
        self._set_mode()
        typed = tty.read_waiting()
        # The terminal has turned each Enter into LF, and Ctrl-D into NUL.
        self._typed += typed.replace(b"\n", b"\r").replace(b"\0", b"\x04") if self.edits else typed
        return typed.decode("utf-8", "replace")

    def _begin(self) -> None:
        """Hold keys, and act on Ctrl-Z."""
        self._apply()
        if self.edits:
            self._reader = reader = object()
            in_background(lambda: self._read_keys(reader))
        for name, handler in (("SIGTSTP", self._suspend), ("SIGCONT", self._resume)):
            number = getattr(signal, name)
            with suppress(ValueError):  # not in the main thread
                self._handlers[number] = signal.signal(number, handler)

    def _pause(self) -> None:
        """Hold no keys for now. May be called again, if a signal broke it off."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()
        with self._reading:
            self._reader = None

    def _set_mode(self) -> None:
        if self._before is not None:
            tty.set_attributes(tty.holding(self._before, lines=not self.edits), self._terminal)

    def _apply(self) -> None:
        self._set_mode()
        if self.edits:
            self.write(_PASTE_ON)

    def _withdraw(self) -> None:
        """Leave the terminal as it was found, and none of our keys in it."""
        with self._reading:
            if not self._for_shell:
                self.collect()
            if self._before is not None:
                tty.set_attributes(self._before, self._terminal)
        if self.edits:
            self.write(_PASTE_OFF)

    def write(self, text: str) -> None:
        """Write to the terminal, whichever stream leads to it."""
        streams = self._streams
        to_stdout = self._for_shell or (streams.out_tty and not streams.err_tty)
        (streams.write if to_stdout else streams.draw)(text)

    def _suspend(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: stop with the terminal in order, and continue as before."""
        self._withdraw()
        with self._streams.without_status():
            if self.edits or self._for_shell:
                self.write(_SHOW_CURSOR)  # a reply that is drawn has hidden it
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            # The process stops here until it is continued.
            signal.signal(number, self._suspend)
            self._apply()

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        self._apply()
        self._streams.resumed()

    def _read_keys(self, me: object) -> None:
        """Keep what is typed, until somebody else may read it or the terminal is gone."""
        import select

        with suppress(OSError):
            while self._reader is me and os.isatty(STDIN):
                ready = select.select([STDIN], [], [], _PAUSE)[0]
                with self._reading:
                    if self._reader is not me:
                        return
                    in_front = tty.in_foreground()
                    if not ready:
                        self._typed += _NO_KEY * self._typed.endswith(_ESCAPE)
                    elif in_front and select.select([STDIN], [], [], 0)[0]:
                        self._typed += os.read(STDIN, _READ_SIZE)
                if ready and not in_front:  # a background job must not read the terminal
                    time.sleep(_PAUSE)
