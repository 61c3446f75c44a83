"""Standard output: text written whole, and each way in which it cannot be as an error of ours."""

from __future__ import annotations

import sys

from mira_cli.errors import OutputError, ReaderGone
from mira_cli.terminal import sinks
from mira_cli.terminal.descriptor import Descriptor


class Output:
    """Standard output. What writes raises ReaderGone, OutputError, or Interrupted: the terminal went away.

    Args:
        sink: What takes the bytes; None if it is closed.
        encoding: How text becomes bytes.
        tty: Whether it is a terminal.
    """

    def __init__(self, sink: sinks.Sink | None, encoding: str, *, tty: bool) -> None:
        self.sink = sink
        self._encoding = encoding
        self._tty = tty

    @property
    def number(self) -> int | None:
        """The descriptor if somebody reads it who may leave; None for a terminal."""
        return None if self._tty or not isinstance(self.sink, Descriptor) else self.sink.number

    def write(self, text: str) -> None:
        """Write exactly `text`, at once."""
        if self.sink is None:
            raise OutputError("Standard output is closed.", hint="Open it, or send it to a file.")
        try:
            self.sink.write(sinks.encode(text, self._encoding))
        except OSError as error:
            raise self._failure(error) from error

    def check(self) -> None:
        """Find out whether it can be written."""
        self.write("")  # closed, read-only, /dev/full: the system refuses even nothing
        if self.number is not None and sinks.reader_left(self.number):
            raise ReaderGone

    def shown(self, text: str) -> str:
        """What its reader sees of `text`: not all encodings have every character."""
        return sinks.shown(text, self._encoding)

    def settle(self) -> None:
        """Make sure that what was written has arrived."""
        if isinstance(self.sink, Descriptor):
            try:
                sinks.settle(self.sink.number, sys.stdout)
            except OSError as error:
                raise self._failure(error) from error

    def _failure(self, error: OSError) -> Exception:
        if sinks.is_broken_pipe(error):
            return ReaderGone()
        if self._tty and sinks.is_terminal_gone(error):
            return sinks.terminal_gone()
        return OutputError(f"Cannot write to standard output: {error.strerror or error}.")
