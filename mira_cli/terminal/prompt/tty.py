"""The attributes of a POSIX terminal: the only module with termios, which Windows does not have."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from mira_cli.terminal.stdio import STDIN

Attributes = list[Any]  # as termios.tcgetattr() gives them
_INPUT, _LOCAL, _CHARACTERS = 0, 3, 6  # indices into them: flags, flags, control characters


def attributes(terminal: int = STDIN) -> Attributes | None:
    """The terminal's attributes; None if it is not a terminal, or the system has no termios."""
    try:
        import termios
    except ImportError:
        return None
    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        return None


def set_attributes(wanted: Attributes, terminal: int = STDIN, *, wait: bool = False) -> None:
    """Set the attributes, and throw nothing away. Does nothing if the terminal is gone.

    In the background nothing is set, or with `wait` the system stops us until `fg`.
    """
    import termios

    with suppress(termios.error):
        if wait or in_foreground(terminal):
            termios.tcsetattr(terminal, termios.TCSANOW, wanted)


def holding(before: Attributes, *, lines: bool) -> Attributes:
    """Attributes under which keys are not echoed and Ctrl-C discards nothing.

    Args:
        before: The attributes as they were found.
        lines: The terminal edits lines itself; otherwise each key arrives at once, and Enter as CR.
    """
    import termios

    held = [*before[:_CHARACTERS], list(before[_CHARACTERS])]
    held[_LOCAL] = held[_LOCAL] & ~(termios.ECHO | termios.ECHONL) | termios.ISIG | termios.NOFLSH
    if not lines:
        held[_LOCAL] &= ~(termios.ICANON | termios.IEXTEN)
        held[_INPUT] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
        held[_CHARACTERS][termios.VMIN], held[_CHARACTERS][termios.VTIME] = 1, 0
    return held


def read_waiting() -> bytes:
    """All bytes that standard input has ready, an unfinished line included. Leaves the attributes changed."""
    wanted = attributes()
    if wanted is None or not in_foreground():
        return b""
    import termios

    wanted[_LOCAL] &= ~termios.ICANON
    wanted[_CHARACTERS][termios.VMIN] = wanted[_CHARACTERS][termios.VTIME] = 0
    set_attributes(wanted)
    waiting = b""
    with suppress(OSError):  # the terminal is gone
        while part := os.read(STDIN, 1 << 12):
            waiting += part
    return waiting


def in_foreground(terminal: int = STDIN) -> bool:
    """Whether our process group may read and set the terminal; False if the terminal is gone."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
