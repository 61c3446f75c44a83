"""The attributes of a POSIX terminal, and lines that the terminal edits.

The only module with termios, which Windows does not have.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mira_cli.terminal.stdio import STDIN, terminal_gone

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams

Attributes = list[Any]  # as termios.tcgetattr() gives them
_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6  # indices into them: flags, flags, control characters
_READ_SIZE = 1 << 16  # bytes
_PAUSE = 0.5  # seconds


def attributes(terminal: int = STDIN) -> Attributes | None:
    """The terminal's attributes; None if it is not a terminal, or on Windows."""
    try:
        import termios
    except ImportError:
        return None
    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        return None


def set_attributes(wanted: Attributes, terminal: int = STDIN) -> None:
    """Set the attributes. Does nothing in the background, or if the terminal is closed."""
    import termios

    with suppress(termios.error):
        if _in_foreground(terminal):
            termios.tcsetattr(terminal, termios.TCSANOW, wanted)


def without_echo(before: Attributes, *, lines: bool) -> Attributes:
    """Attributes without echo, with which Ctrl-C discards no input.

    With `lines` the terminal edits lines; otherwise each key arrives at once, and Enter as CR.
    """
    import termios

    changed = [*before[:_CHARACTERS], list(before[_CHARACTERS])]
    changed[_LOCAL] = changed[_LOCAL] & ~(termios.ECHO | termios.ECHONL) | termios.ISIG | termios.NOFLSH
    if not lines:
        changed[_LOCAL] &= ~(termios.ICANON | termios.IEXTEN)
        changed[_INPUT] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
        changed[_CHARACTERS][termios.VMIN], changed[_CHARACTERS][termios.VTIME] = 1, 0
    return changed


def read_waiting(wanted: Attributes) -> bytes:
    """Read everything that standard input has ready, including an unfinished line.

    Leaves the terminal with the `wanted` attributes, but without line editing.
    """
    import select
    import termios

    waiting = b""
    if _in_foreground():
        unedited = [*wanted]
        unedited[_LOCAL] &= ~termios.ICANON
        set_attributes(unedited)
        with suppress(OSError):  # the terminal is closed
            while select.select([STDIN], [], [], 0)[0] and (part := os.read(STDIN, _READ_SIZE)):
                waiting += part
    return waiting


def wait_for_foreground() -> None:
    """Stop in the background until `fg`, as reading the terminal would make us.

    Setting its attributes stops us too, but then fails with "Interrupted system call".
    """
    with suppress(OSError, AttributeError):  # the terminal is closed; Windows
        if os.tcgetpgrp(STDIN) != os.getpgrp():
            os.kill(0, signal.SIGTTIN)


def _in_foreground(terminal: int = STDIN) -> bool:
    """Whether our process group may read and set the terminal; False if it is closed."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


def read_line() -> bytes:
    """Read a line, edited by the terminal, with its newline; Ctrl-D ends it without one.

    Raises:
        Interrupted: The terminal was closed.
    """
    import select

    line = b""
    with suppress(OSError):  # Windows
        # A signal that comes just before the system call is handled after it, so wait in short steps.
        while not select.select([STDIN], [], [], _PAUSE)[0]:
            pass
    with suppress(OSError):
        line = sys.stdin.buffer.readline()
    if not line and not os.isatty(STDIN):
        raise terminal_gone()
    return line


def read_hidden(streams: Streams, prompt: str, ahead: str = "") -> str | None:
    """Show `prompt`, folded between words, on standard error and read a line without echo; None for Ctrl-D.

    `ahead` was typed already; if it ends in a newline, it is the line. Not with getpass.getpass(), which
    discards text that was pasted a moment too early.

    Raises:
        Interrupted: The terminal was closed.
    """
    if ahead.endswith("\n"):
        return ahead.rstrip("\r\n")
    prompt = f"{streams.folded(prompt)} "
    if os.name == "nt":
        from getpass import getpass

        with suppress(EOFError):
            return ahead + getpass(prompt)
        return None
    wait_for_foreground()
    before = attributes()
    if before is None:
        raise terminal_gone()
    try:
        set_attributes(without_echo(before, lines=True))
        streams.draw(prompt)
        line = ahead.encode() + read_line()
    finally:
        set_attributes(before)
        streams.draw("\n")  # the Enter was not echoed either
    return line.decode("utf-8", "replace").rstrip("\r\n") if line else None
