"""The terminal of POSIX systems, as prompt_toolkit sees it. Imported only there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from prompt_toolkit.data_structures import Size
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.output.vt100 import Vt100_Output

from mira_cli.terminal import sinks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prompt_toolkit.key_binding import KeyPress


class TerminalInput(Vt100Input):
    """Reads keys, and ends when the terminal is gone; the original would read from it for ever."""

    def read_keys(self) -> list[KeyPress]:
        """The keys that were typed by now."""
        keys = super().read_keys()
        if not keys and not os.isatty(self.fileno()):
            self.stdin_reader.closed = True
        return keys

    def give(self, typed: bytes) -> None:
        """Take as typed now what somebody else read from the terminal."""
        self.vt100_parser.feed(typed.decode(self.stdin.encoding, "surrogateescape"))


def open_output(file: TextIO, env: Mapping[str, str]) -> Vt100_Output:
    """Draws on `file`, and never asks the terminal where its cursor is."""

    def size() -> Size:
        columns, rows = sinks.size_of(file.fileno(), env)
        return Size(rows=rows, columns=columns)

    return Vt100_Output(file, size, term=env.get("TERM"), enable_cpr=False)
