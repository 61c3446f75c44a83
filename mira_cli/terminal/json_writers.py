"""Replies for programs: one JSON object at the end, or one a line as things happen."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from mira_cli.errors import MiraError, ReaderGone
from mira_cli.masking import redact
from mira_cli.terminal.result import as_line
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams


def write_failure(streams: Streams, error: MiraError, *, events: bool) -> None:
    """Write the object that says why there is no result, unless a last object has been written.

    Args:
        streams: Where it goes.
        error: What went wrong; its `partial` is what came of the reply.
        events: Whether it is the last event of `--events`, or the only object of `--json`.

    Raises:
        OutputError, ReaderGone, Interrupted: Standard output cannot be written.
    """
    if streams.reported:
        return
    streams.reported = True
    values: dict[str, object] = {"event": "error"} if events else {}
    values["error"] = {**error.as_json(), "message": redact(error.message)}
    streams.write(as_line(values))


class JsonWriter(Writer):
    """One object when the reply is complete, or one that says why it is not: `--json`."""

    _events = False

    def done(self, result: Result) -> None:
        """Write the result."""
        self._streams.write(as_line(result.as_json()))
        self._streams.reported = True

    def fail(self, error: MiraError | ReaderGone) -> None:
        """Write the error, with what came of the reply."""
        if isinstance(error, MiraError):
            with suppress(MiraError, ReaderGone):
                write_failure(self._streams, error, events=self._events)


class EventsWriter(JsonWriter):
    """One object a line as things happen, the last one `done` or `error`: `--events`."""

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
        self._streams.write(as_line({"event": event, **values}))
