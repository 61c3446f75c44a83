"""What a run learns while a reply is under way, told to the person and to the writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.terminal.waiting import WaitingLine

if TYPE_CHECKING:
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Writer


class Watch:
    """The client's observer: a waiting line for the person, notices for the writer, a log for --verbose."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self.line = WaitingLine(streams)
        self.writer: Writer | None = None

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:  # noqa: ARG002 - the protocol's
        """Count down on the waiting line; a program reads it as a notice."""
        self.line.retrying(wait, attempt, of, reason)
        if self.writer is not None:
            self.writer.notice("retry", f"{reason}, retry {attempt} of {of} in {wait:.1f} s")

    def notice(self, kind: str, message: str) -> None:
        """Pass it to the writer, which knows where a line may stand."""
        if self.writer is not None:
            self.writer.notice(kind, message)
        else:
            self._streams.note(message)

    def log(self, line: str) -> None:
        """A step, with --verbose: not into the middle of a reply on a terminal."""
        if self.writer is not None and self._streams.verbose:
            self.writer.notice("log", line)
        else:
            self._streams.log(line)
