"""Lines that the terminal itself edits; one that is typed without echo, as a key is pasted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.terminal import stdio
from mira_cli.terminal.prompt import tty
from mira_cli.terminal.stdio import STDIN

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams

_MAX_LINE = 1 << 16  # bytes


def read_hidden(streams: Streams, prompt: str) -> str | None:
    """Show `prompt`, folded between words, on standard error; read one line from the terminal without echo.

    Not getpass.getpass(): it throws away what was pasted a moment before it is called.

    Returns:
        The line, or None when the input ended (Ctrl-D).

    Raises:
        Interrupted: The terminal is gone.
    """
    prompt = f"{streams.folded(prompt)} "
    if os.name == "nt":
        from getpass import getpass

        try:
            return getpass(prompt)
        except EOFError:
            return None
    before = tty.attributes()
    if before is None:
        raise stdio.terminal_gone()
    try:
        tty.set_attributes(tty.holding(before, lines=True), wait=True)
        streams.draw(prompt)
        line = read_line()
    finally:
        tty.set_attributes(before)
        streams.draw("\n")  # the Enter was not echoed either
    return line.decode("utf-8", "replace").rstrip("\r\n") if line else None


def read_line() -> bytes:
    """One line with its end; less at Ctrl-D, b"" where nothing was typed before it.

    Raises:
        Interrupted: The terminal is gone.
    """
    line = b""
    while len(line) < _MAX_LINE:
        try:
            part = os.read(STDIN, 4096)  # at most to the end of the line: the terminal gives whole lines
        except OSError as error:
            if stdio.is_terminal_gone(error):
                raise stdio.terminal_gone() from error
            raise
        if not part and not os.isatty(STDIN):
            raise stdio.terminal_gone()
        line += part
        if not part or part.endswith(b"\n"):
            break
    return line
