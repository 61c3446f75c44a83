"""Keys while nobody reads them: they are not echoed, and kept for the next prompt."""

from __future__ import annotations

import os
import signal
import time
from _thread import allocate_lock, start_new_thread
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from mira_cli.background import leave_signals
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


def _write_nothing(_text: str) -> None:
    """Write nothing."""


class Keyboard:
    """Holds what is typed while a reply is under way.

    While held: no echo, Enter stays Enter, a paste keeps its brackets, Ctrl-C and Ctrl-Z still act, and
    Ctrl-C discards nothing. After a suspension (Ctrl-Z and `fg`, SIGSTOP) the mode is set again; the shell
    gets nothing of what was typed for us. Does nothing where standard input is not a terminal, or on Windows.

    Args:
        write: Writes to the terminal; without it nothing is written, and pastes have no brackets.
        stopping: Entered around a suspension, to take from the screen what must not stay above the shell's
            prompt.
        lines: The terminal itself edits lines, for a reader of whole lines.
        for_shell: The keys are not for us but for the shell: they stay in the terminal, as lines.
        terminal: The terminal's descriptor; other than standard input only with `for_shell`.
    """

    def __init__(
        self,
        write: Callable[[str], None] = _write_nothing,
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
        self._collector = Collector()

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
        echoed = self._take_echoed(self._before)
        self._apply()
        self._handle_signals()
        return echoed

    def release(self) -> None:
        """Give the terminal back as it was found."""
        if self._before is not None:
            self._restore_handlers()
            self._withdraw()
            self._before = None

    @contextmanager
    def lent(self) -> Iterator[None]:
        """While a reader sets a key mode of its own. Nothing is echoed in between."""
        if self._before is None:
            yield
            return
        self._restore_handlers()
        self._collector.stop()
        try:
            yield
        finally:
            self._apply()
            self._handle_signals()

    def take(self) -> bytes:
        """What was typed since the last time. Only while keys are lent or not held."""
        return self._collector.take()

    def collect(self) -> None:
        """Keep what the terminal has by now for take(). Only while keys are lent."""
        self._collector.add(tty.read_waiting())

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

    def _take_echoed(self, before: tty.Attributes) -> str:
        """Keep what the terminal has collected so far, line by line; that text."""
        if self._for_shell:
            return ""
        tty.set_attributes(tty.holding(before, lines=self._lines))
        typed = tty.read_waiting()
        # The terminal has turned each Enter into LF, and Ctrl-D into NUL.
        self._collector.add(typed if self._lines else typed.replace(b"\n", b"\r").replace(b"\0", b"\x04"))
        return typed.decode("utf-8", "replace")

    def _handle_signals(self) -> None:
        for name, handler in (("SIGTSTP", self._suspend), ("SIGCONT", self._resume)):
            number = getattr(signal, name)
            with suppress(ValueError):  # not in the main thread
                self._handlers[number] = signal.signal(number, handler)

    def _restore_handlers(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    def _apply(self) -> None:
        if self._before is not None:
            tty.set_attributes(tty.holding(self._before, lines=self._lines), self._terminal)
            if not self._for_shell:
                self._write(_PASTE_ON)
            if not self._lines:
                self._collector.start()

    def _withdraw(self) -> None:
        """Leave the terminal as it was found, and none of our keys in it."""
        if self._before is not None:
            self._collector.stop()
            if not self._for_shell:
                self._collector.add(tty.read_waiting())
                self._write(_PASTE_OFF)
            tty.set_attributes(self._before, self._terminal)

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


class _Reading:
    """One thread that reads: what ends it, and how far it is."""

    def __init__(self, wake: int) -> None:
        self.wake = wake  # closing this descriptor ends the thread
        self.begun = False
        self.ended = allocate_lock()
        self.ended.acquire()


class Collector:
    """Reads standard input in a thread, from `start` to `stop`, so that the terminal's queue never fills up.

    A full queue would hide even Ctrl-C, and after Ctrl-Z the shell would get what is left in it.

    A signal handler may call either method while the main thread is inside one. So the list is changed in
    single steps, and the thread is a plain one: threading.Thread takes locks that a handler would wait for
    in vain.
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
        """Stop reading."""
        while True:
            try:
                reading = self._readings.pop()
            except IndexError:
                return
            os.close(reading.wake)
            if reading.begun:  # else it ends before it reads, or Ctrl-C came before it was started
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
                elif not tty.in_foreground():
                    time.sleep(_BACKGROUND_PAUSE)
                elif typed := os.read(STDIN, _READ_SIZE):
                    self._typed += typed
                else:
                    return
        except OSError:  # the terminal is gone
            pass
        finally:
            os.close(awake)
            reading.ended.release()

    def _wait(self, awake: int) -> list[int]:
        """The descriptors that are ready; none after an Escape that no other key followed for a moment."""
        import select

        timeout = _ESCAPE_ALONE if self._typed.endswith(_ESCAPE) else None
        return select.select([STDIN, awake], [], [], timeout)[0]
