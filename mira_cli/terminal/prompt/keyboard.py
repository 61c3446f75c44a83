"""Keys while nobody reads them: they are not echoed, and kept for the next prompt."""

from __future__ import annotations

import os
import signal
import time
from _thread import RLock
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from mira_cli.background import SideThread
from mira_cli.terminal.prompt import tty
from mira_cli.terminal.stdio import STDIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

    from mira_cli.terminal.streams import Streams

_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"  # bracketed paste: a block comes as one
_SHOW_CURSOR = "\x1b[?25h"
_READ_SIZE = 1 << 16  # bytes
_ESCAPE = b"\x1b"
_ESCAPE_ALONE = 0.1  # seconds after which an Escape is a key of its own, not the start of a sequence
_NO_KEY = b"\x1b[E"  # prompt_toolkit ignores it; it separates an Escape from the key after it
_BACKGROUND_PAUSE = 0.1  # seconds; a background job must not read the terminal


def can_edit(streams: Streams) -> bool:
    """Whether there is a terminal on which a line can be edited: not with `--plain`, nor unseen."""
    return streams.in_tty and (streams.err_tty or streams.out_tty) and not streams.plain


def hold_keys(streams: Streams) -> Keyboard:
    """A chat's keyboard, held, for open_prompt(); whoever calls this releases it.

    What was typed and echoed before is taken off the screen, where it can be: the prompt shows it.
    """
    editable = can_edit(streams)
    write = streams.draw if streams.err_tty else streams.write
    keyboard = Keyboard(write, stopping=streams.without_status) if editable else Keyboard(lines=True)
    try:
        if echoed := keyboard.hold():
            streams.draw(_erase(echoed, streams.err_width()) if editable else "\n" * (echoed[-1] != "\n"))
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

    Args:
        write: Writes to the terminal; without it nothing is written, and pastes have no brackets.
        stopping: Entered around a suspension, to take from the screen what must not stay above the shell's
            prompt.
        lines: The terminal itself edits lines, for a reader of whole lines; no thread reads them.
        for_shell: The keys are not for us but for the shell: they stay in the terminal, as lines.
        terminal: The terminal's descriptor; other than standard input only with `for_shell`.
    """

    def __init__(
        self,
        write: Callable[[str], None] = lambda _text: None,
        *,
        stopping: Callable[[], AbstractContextManager[None]] = nullcontext,
        lines: bool = False,
        for_shell: bool = False,
        terminal: int = STDIN,
    ) -> None:
        self._write = write
        self._stopping = stopping
        self._terminal = terminal
        self._lines = lines or for_shell
        self._for_shell = for_shell
        self._before: tty.Attributes | None = None  # to go back to
        self._handlers: dict[int, Any] = {}  # signal number -> its handler before ours
        self._typed = bytearray()
        self._reading = RLock()  # held for each read, and while the mode changes to one without our keys
        self._thread: SideThread | None = None
        self._ends = False  # whether the thread is to end
        self._pipe: tuple[int, int] | None = None  # wakes the thread

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
        self._typed += typed if self._lines else typed.replace(b"\n", b"\r").replace(b"\0", b"\x04")
        return typed.decode("utf-8", "replace")

    def _begin(self) -> None:
        """Hold keys, and act on Ctrl-Z."""
        self._apply()
        if not self._lines and not (self._thread and self._thread.is_alive()):
            self._pipe = self._pipe or os.pipe()
            self._ends = False
            self._thread = SideThread(self._read_keys)
            self._thread.start()
        for name, handler in (("SIGTSTP", self._suspend), ("SIGCONT", self._resume)):
            number = getattr(signal, name)
            with suppress(ValueError):  # not in the main thread
                self._handlers[number] = signal.signal(number, handler)

    def _pause(self) -> None:
        """Hold no keys for now. May be called again, if a signal broke it off."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()
        self._ends = True
        if self._thread is not None and self._pipe is not None:
            os.write(self._pipe[1], b"\0")
            if self._thread.is_alive():
                self._thread.join()

    def _set_mode(self) -> None:
        if self._before is not None:
            tty.set_attributes(tty.holding(self._before, lines=self._lines), self._terminal)

    def _apply(self) -> None:
        self._set_mode()
        if not self._for_shell:
            self._write(_PASTE_ON)

    def _withdraw(self) -> None:
        """Leave the terminal as it was found, and none of our keys in it."""
        with self._reading:
            if not self._for_shell:
                self.collect()
            if self._before is not None:
                tty.set_attributes(self._before, self._terminal)
        if not self._for_shell:
            self._write(_PASTE_OFF)

    def _suspend(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: stop with the terminal in order, and continue as before."""
        self._withdraw()
        with self._stopping():
            self._write(_SHOW_CURSOR)  # a reply that is drawn has hidden it
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            # The process stops here until it is continued.
            signal.signal(number, self._suspend)
            self._apply()

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        self._apply()

    def _read_keys(self) -> None:
        """Keep what is typed, until the thread is to end or the terminal is gone."""
        import select

        wake = self._pipe[0] if self._pipe else STDIN
        with suppress(OSError):
            while not self._ends and os.isatty(STDIN):
                alone = _ESCAPE_ALONE if self._typed.endswith(_ESCAPE) else None
                ready = select.select([STDIN, wake], [], [], alone)[0]
                if wake in ready:
                    os.read(wake, _READ_SIZE)
                elif not ready:
                    self._typed += _NO_KEY
                elif not tty.in_foreground():
                    time.sleep(_BACKGROUND_PAUSE)
                else:
                    with self._reading:
                        if select.select([STDIN], [], [], 0)[0]:
                            self._typed += os.read(STDIN, _READ_SIZE)
