"""prompt_toolkit's input and output for a POSIX terminal. Not for Windows: its imports need termios."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, TextIO, cast

from prompt_toolkit.data_structures import Size
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output.vt100 import Vt100_Output

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding import KeyPress

    from mira_cli.terminal.streams import Streams


class TerminalInput(Vt100Input):
    """Reads keys, and ends when the terminal is closed; prompt_toolkit would keep trying forever."""

    def read_keys(self) -> list[KeyPress]:
        """The keys that are ready."""
        keys = super().read_keys()
        if not keys and not os.isatty(self.fileno()):
            self.stdin_reader.closed = True
        return keys


class TerminalOutput(Vt100_Output):
    """Draws through `write`, which stops waiting for a slow terminal when a signal ends the chat.

    Never asks the terminal for the cursor position: prompt_toolkit would show no toolbar until the answer
    comes, and a terminal that doesn't answer would cost a second at each Enter.
    """

    def __init__(self, streams: Streams, write: Callable[[str], None]) -> None:
        def size() -> Size:
            columns, rows = (streams.stderr if streams.err_tty else streams.stdout).size()
            return Size(rows=rows, columns=columns)

        sink = cast("TextIO", SimpleNamespace(write=write, flush=lambda: None))
        super().__init__(sink, size, term=streams.env.get("TERM"), enable_cpr=False)

    def get_rows_below_cursor_position(self) -> int:
        """One, which is always right: the prompt scrolls if it needs more."""
        return 1
