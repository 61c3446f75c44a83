"""The POSIX terminal as prompt_toolkit sees it. Not for Windows: what it imports needs termios."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output.vt100 import Vt100_Output

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyPress


class TerminalInput(Vt100Input):
    """Reads keys, and ends when the terminal is gone; prompt_toolkit would go on reading for ever."""

    def read_keys(self) -> list[KeyPress]:
        """The keys that were typed by now."""
        keys = super().read_keys()
        if not keys and not os.isatty(self.fileno()):
            self.stdin_reader.closed = True
        return keys

    def give(self, typed: bytes) -> None:
        """Treat bytes that somebody else read from the terminal as typed now."""
        self.vt100_parser.feed(typed.decode(self.stdin.encoding, "surrogateescape"))


class TerminalOutput(Vt100_Output):
    """Draws, and never asks the terminal where its cursor is.

    prompt_toolkit would show no toolbar before the answer has come; a terminal that does not answer costs a
    second at each Enter.
    """

    def get_rows_below_cursor_position(self) -> int:
        """One: the prompt takes the rows that it needs."""
        return 1
