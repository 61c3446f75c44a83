"""A line that is typed without being shown: how a key is pasted."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.terminal.sinks import STDIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from mira_cli.terminal.streams import Streams

_LONGEST = 1 << 16  # bytes


def read_hidden(streams: Streams, prompt: str) -> str | None:
    """Show `prompt` on standard error and read one line from the terminal without echo.

    Returns:
        The line, or None when the input ended (Ctrl-D).
    """
    try:
        line = _without_echo(lambda: streams.draw(f"{prompt} "))
    finally:
        streams.draw("\n")  # the Enter that was not shown either
    return line.decode("utf-8", "replace").rstrip("\r\n") if line else None


def _without_echo(show: Callable[[], None]) -> bytes:
    """One line; `show` is called once nothing that is typed can be seen any more."""
    try:
        import termios
    except ImportError:
        from getpass import getpass

        show()
        return (getpass("") + "\n").encode()
    before = termios.tcgetattr(STDIN)
    silent = termios.tcgetattr(STDIN)
    silent[3] &= ~(termios.ECHO | termios.ECHONL)
    try:
        # TCSADRAIN: what was pasted a moment too early counts as well.
        termios.tcsetattr(STDIN, termios.TCSADRAIN, silent)
        show()
        return _line()
    finally:
        with suppress(termios.error):  # the terminal is gone, which its reader was told
            termios.tcsetattr(STDIN, termios.TCSADRAIN, before)


def _line() -> bytes:
    line = b""
    while len(line) < _LONGEST:
        part = os.read(STDIN, 4096)  # at most to the end of the line: the terminal hands out whole lines
        line += part
        if not part or part.endswith(b"\n"):
            break
    return line
