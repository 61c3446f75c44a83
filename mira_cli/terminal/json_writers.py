"""JSON writers for programs: one object at the end, or a stream of events, one object a line."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.errors import MiraError, ReaderGone
from mira_cli.masking import redact
from mira_cli.terminal.result import as_line
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams

_ATOMIC = 512  # bytes that a pipe takes all or none of (POSIX: PIPE_BUF)


def write_failure(streams: Streams, error: MiraError, *, events: bool) -> None:
    """Write the error object, unless the last object has already been written.

    Args:
        streams: Where it goes.
        error: The error, with the part of the reply that arrived in `partial`.
        events: Write the last event of `--events`, not the object of `--json`.

    Raises:
        OutputError, ReaderGone, Interrupted: Standard output cannot be written.
    """
    if streams.reported:
        return
    streams.reported = True
    values: dict[str, object] = {"event": "error"} if events else {}
    values["error"] = {**error.as_json(), "message": redact(error.message)}
    streams.write("\n" * streams.torn + as_line(values))


def _write_line(streams: Streams, values: Mapping[str, object]) -> None:
    """Write an object. If an interrupt ends it part way, `streams.torn` stays set."""
    line = as_line(values)
    streams.torn = len(line) > _ATOMIC
    streams.write(line)
    streams.torn = False


class JsonWriter(Writer):
    """Writes one object, with the result or the error: `--json`."""

    _events = False

    def done(self, result: Result) -> None:
        """Write the result."""
        _write_line(self._streams, result.as_json())
        self._streams.reported = True

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Write the error, with the part of the reply that arrived."""
        if isinstance(error, MiraError):
            with suppress(MiraError, ReaderGone):
                write_failure(self._streams, error, events=self._events)


class EventsWriter(JsonWriter):
    """Writes events as they happen, one object a line, the last one `done` or `error`: `--events`."""

    at_end = False
    _events = True

    def start(self, model: str) -> None:
        """Write which model was asked."""
        self._event("start", model=model)

    def write(self, text: str) -> None:
        """Write the piece."""
        if text:
            self._event("delta", text=text)

    def reasoning(self, text: str) -> None:
        """Write the piece of reasoning."""
        if text:
            self._event("reasoning", text=text)

    def notice(self, kind: str, message: str) -> None:
        """Write the notice, and tell the person too."""
        if kind != "log":  # a line of --verbose is for the person alone
            self._event("notice", kind=kind, message=redact(message))
        super().notice(kind, message)

    def done(self, result: Result) -> None:
        """Write the result."""
        self._event("done", **result.as_json())
        self._streams.reported = True

    def _event(self, event: str, /, **values: object) -> None:
        _write_line(self._streams, {"event": event, **values})
