"""The terminal's key mode while nobody reads: what is typed is not shown, and kept for the next prompt."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from mira_cli.terminal.sinks import STDIN
from mira_cli.terminal.typed_ahead import Collector, in_foreground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from types import FrameType

_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"  # bracketed paste: a block comes as one
_SHOW_CURSOR = "\x1b[?25h"
_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6  # where termios.tcgetattr() keeps its flags and characters


def _nothing(_text: str) -> None:
    """Write nothing."""


class Keyboard:
    """Holds what is typed while a reply is under way.

    Held means: no echo, Enter stays Enter, a paste keeps its brackets. Ctrl-C and Ctrl-Z still act, and
    Ctrl-C throws nothing away. After a suspension (Ctrl-Z and `fg`, SIGSTOP) the mode is set again, and the
    shell gets nothing of what was typed for us. Does nothing where standard input is no terminal or the
    system has no such modes.

    Args:
        write: Writes to the terminal; without it no byte is written, and pastes have no brackets.
        stopping: Around a suspension: takes from the screen what is not to stay above the shell's prompt.
        lines: Keys are kept as lines that the terminal itself edits: for a reader of whole lines.
        for_shell: Keys are not for us but for who started us: they stay in the terminal, as lines.
        terminal: The descriptor of the terminal; another one than standard input only with `for_shell`.
    """

    def __init__(
        self,
        write: Callable[[str], None] = _nothing,
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
        self._before: list[Any] | None = None  # the attributes to go back to
        self._signals: dict[int, Any] = {}  # who handled them before
        self._collector = Collector()

    def hold(self) -> None:
        """Show nothing of what is typed from now on."""
        if self._before is None:
            self._before = _attributes(self._terminal)
            if self._before is not None:
                self._apply()
                self._listen()

    def release(self) -> None:
        """Give the terminal back as it was found."""
        if self._before is not None:
            self._ignore()
            self._withdraw()
            self._before = None

    @contextmanager
    def lent(self) -> Iterator[None]:
        """While a reader reads that sets a key mode of its own, and back. At no moment do keys show."""
        if self._before is None:
            yield
            return
        self._ignore()
        self._collector.stop()
        yield
        self._apply()
        self._listen()

    def take(self) -> bytes:
        """What was typed while keys were held and is not taken yet. Only when they are not held, or lent."""
        return self._collector.take()

    @contextmanager
    def free(self) -> Iterator[None]:
        """The terminal as it was found, while somebody else reads: an editor, a hidden line."""
        held = self._before is not None
        self.release()
        try:
            yield
        finally:
            if held:
                self.hold()

    def _listen(self) -> None:
        for name, handle in (("SIGTSTP", self._suspend), ("SIGCONT", self._resume)):
            number = getattr(signal, name)
            with suppress(ValueError):  # not in the main thread: no signals then
                self._signals[number] = signal.signal(number, handle)

    def _ignore(self) -> None:
        for number, handler in self._signals.items():
            signal.signal(number, handler)
        self._signals.clear()

    def _apply(self) -> None:
        if self._before is not None:
            _set(_keeping(self._before, lines=self._lines), self._terminal)
            if not self._for_shell:
                self._write(_PASTE_ON)
            if not self._lines:
                self._collector.start()

    def _withdraw(self) -> None:
        """Leave the terminal as it was found, and nothing of what was typed in it."""
        if self._before is not None:
            self._collector.stop()
            if not self._for_shell:
                self._collector.add(_waiting())
                self._write(_PASTE_OFF)
            _set(self._before, self._terminal)

    def _suspend(self, number: int, _frame: FrameType | None) -> None:
        """Ctrl-Z: stop with the terminal in order, go on as before."""
        self._withdraw()
        with self._stopping():
            self._write(_SHOW_CURSOR)  # what draws a reply had hidden it
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            # Here the process stands still until it is continued.
            signal.signal(number, self._suspend)
            self._apply()

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        self._apply()


def _attributes(terminal: int = STDIN) -> list[Any] | None:
    """The terminal's attributes, or None where there are none."""
    try:
        import termios
    except ImportError:
        return None
    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        return None


def _keeping(before: list[Any], *, lines: bool) -> list[Any]:
    """The attributes under which keys are kept, unseen."""
    import termios

    held = [*before[:_CHARACTERS], list(before[_CHARACTERS])]
    held[_LOCAL] = held[_LOCAL] & ~(termios.ECHO | termios.ECHONL) | termios.ISIG | termios.NOFLSH
    if not lines:
        held[_LOCAL] &= ~(termios.ICANON | termios.IEXTEN)
        held[_INPUT] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
        held[_CHARACTERS][termios.VMIN], held[_CHARACTERS][termios.VTIME] = 1, 0
    return held


def _set(attributes: list[Any], terminal: int = STDIN) -> None:
    import termios

    with suppress(termios.error):
        if in_foreground(terminal):  # a job in the background would be stopped by this
            termios.tcsetattr(terminal, termios.TCSANOW, attributes)


def _waiting() -> bytes:
    """What stands in the terminal's queue, a line that is not complete too."""
    attributes = _attributes()
    if attributes is None or not in_foreground():
        return b""
    import termios

    attributes[_LOCAL] &= ~termios.ICANON
    attributes[_CHARACTERS][termios.VMIN] = attributes[_CHARACTERS][termios.VTIME] = 0
    _set(attributes)
    waiting = b""
    with suppress(OSError):  # the terminal is gone
        while part := os.read(STDIN, 1 << 12):
            waiting += part
    return waiting
